#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# The completions of bash and zsh load, and offer what there is.
# Usage: completion.sh LAUNCHER SOURCE_DIRECTORY
# shellcheck disable=SC2317 # functions called by name
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE%/*}/common.sh"
source=$2
# shellcheck source-path=SCRIPTDIR source=../../completions/upshift.bash
. "$source/completions/upshift.bash"

compopt() { :; } # there is no completion going on

# offers WORD...: what bash is offered for the last one, in one line
offers() {
	COMP_WORDS=("$launcher" "$@") COMP_CWORD=$#
	_upshift
	printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd ' '
}

# offer WHAT WORD...: every one of the words in WHAT is among what is offered
offer() {
	local word offered
	offered=" $(offers "${@:2}") "
	for word in $1; do has "$offered" " $word "; done
}

case_subcommands() {
	offer "$("$launcher" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p' | paste -sd ' ')" ''
	offer 'disable enable probe report run status' ''
	offer true tru
	same "for sta" "$(offers stat | tr ' ' '\n' | grep -x status)" status
}

case_options() {
	offer '--kprobes --detach --report --help' run --
	offer '--kprobes --version' --
	offer '--root --library --kprobes' enable --
	same "for --js" "$(offers status --js)" --json
	same "for disable --r" "$(offers disable --r)" --root
}

case_arguments() {
	mkdir here && touch here/file
	same "of --detach=" "$(offers run --detach = a)" 'async auto'
	same "of --detach =" "$(offers run --detach =)" 'async auto sync'
	same "of --pid=" "$(offers run --pid = '')" 'multi perf'
	same "of --keep=" "$(offers run --keep = o)" 'off on'
	same "of -l" "$(offers enable -l w)" warn
	same "of --report" "$(offers run --report here/)" here/file
	same "of --root" "$(offers enable --root h)" here
	same "of report" "$(offers report here/f)" here/file
	offer true run --kprobes tru
	offer true --report x tru
}

case_units() {
	mkdir bin
	printf '#!/bin/sh\necho "foo.service enabled -"\necho "bar@.service static -"\n' >bin/systemctl
	chmod +x bin/systemctl
	PATH=$PWD/bin:$PATH
	same "of enable" "$(offers enable '')" 'bar@.service foo.service'
	same "of status --json" "$(offers status --json f)" foo.service
}

# Zsh completes only on a terminal: it is given one.
case_zsh() {
	command -v zsh >/dev/null || skip "zsh is not installed"
	mkdir bin
	ln -s "$launcher" bin/upshift
	cat >setup.zsh <<-'END'
		PS1= PATH=$PWD/bin:$PATH
		fpath=($completions $fpath)
		autoload -Uz compinit
		compinit -u -d $PWD/dump
		# What is asked for to be listed is kept; what a completion function asks for itself is its own.
		compadd() {
			local -a offered
			if [[ ! ${@[1,(i)(-|--)]} =~ ' -[OAD]' ]]; then
				builtin compadd -O offered "$@"
				print -lr -- $offered >>offered
			fi
			builtin compadd "$@"
		}
		ended() { print end""ed; }
		compprefuncs=() comppostfuncs=(ended)
		bindkey '^I' complete-word
	END
	cat >complete.zsh <<-'END'
		zmodload zsh/zpty
		zpty shell completions=$1 zsh -f -i
		zpty -w shell 'source ./setup.zsh; print re""ady'
		zpty -r shell line '*ready*'
		zpty -w -n shell "$2"$'\t'
		zpty -r shell line '*ended*'
	END
	# zsh_offers LINE: the words that are offered at its end
	zsh_offers() {
		rm -f offered
		timeout 60 zsh -f complete.zsh "$source/completions" "$1" >log 2>&1 || fail "zsh: $(<log)"
		sort -u offered | paste -sd ' '
	}
	has " $(zsh_offers 'upshift ')" ' enable '
	has " $(zsh_offers 'upshift run --')" ' --kprobes '
	has " $(zsh_offers 'upshift status --')" ' --json '
	has " $(zsh_offers 'upshift run --detach=a')" ' async '
	has " $(zsh_offers 'upshift run --pid=')" ' multi '
}

run_cases
