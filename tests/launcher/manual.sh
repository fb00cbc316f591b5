#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# The man pages are well-formed, and leave out no subcommand, option or variable that there is.
# Usage: manual.sh LAUNCHER SOURCE_DIRECTORY
# shellcheck disable=SC2317 # functions called by name
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE%/*}/common.sh"
source=$2

subcommands() { "$launcher" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p'; }

case_subcommands_and_options() {
	local page subcommand option
	page=$(<"$source/docs/upshift.1")
	[[ $(subcommands) ]] || fail "there are no subcommands"
	for subcommand in $(subcommands); do
		has "$page" ".Cm $subcommand"
		for option in $("$launcher" "$subcommand" --help | sed -En 's/^ +(-., )?--([a-z-]+).*/\2/p'); do
			[[ $option == @(help|usage) ]] || has "$page" "Fl -$option"
		done
	done
}

case_variables() {
	local page variable variables
	page=$(<"$source/docs/upshift.7")
	variables=$(grep -oh '"UPSHIFT[A-Z_]*"' "$source/shim/support/config.c" | tr -d '"' | sort -u)
	[[ $variables ]] || fail "there are no variables"
	for variable in $variables; do has "$page" "$variable"; done
}

case_well_formed() {
	command -v man >/dev/null || skip "man is not installed"
	local page
	for page in "$source"/docs/upshift.[17]; do
		same "what groff says of $page" "$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null)" ''
	done
}

run_cases
