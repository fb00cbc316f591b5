#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# What upshift enable makes of an LD_PRELOAD that a unit has already, wherever it comes from.
# Usage: unit_environment.sh LAUNCHER
# shellcheck disable=SC1003,SC2015,SC2016,SC2119,SC2317 # "a && b || fail"; functions called by name
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE%/*}/common.sh"
# shellcheck source-path=SCRIPTDIR source=unit_tree.sh
. "${BASH_SOURCE%/*}/unit_tree.sh"

# preloads VALUE: enables foo, which then has this behind the library ("" for nothing)
preloads() {
	enable foo >output 2>&1 || fail "$(<output)"
	same "the value" "$(sed -n 's/^Environment="LD_PRELOAD=\(.*\)"$/\1/p' "$(drop_in)")" "$library${1:+:}$1"
	[[ ! $1 ]] || has "$(<output)" "stays behind the library"
}

case_of_the_unit() { tree Environment=LD_PRELOAD=/a.so:/b.so; preloads /a.so:/b.so; }
case_in_quotes() { tree 'Environment=A=1 "LD_PRELOAD=/a.so /b.so" B=2'; preloads /a.so:/b.so; }
case_escaped() { tree 'Environment=LD_PRELOAD=/\x61\u00e9\145.so\s/b.so'; preloads /aée.so:/b.so; }
case_with_specifiers() { tree 'Environment=LD_PRELOAD=/%n%%.so'; preloads /%n%%.so; }
case_over_two_lines() { tree 'Environment=A=1 \' '# not this' '  LD_PRELOAD=/a.so'; preloads /a.so; }
case_the_last_counts() { tree Environment=LD_PRELOAD=/a.so 'Environment = LD_PRELOAD=/b.so'; preloads /b.so; }
case_reset() { tree Environment=LD_PRELOAD=/a.so Environment=; preloads ''; }
case_empty() { tree Environment=LD_PRELOAD=; preloads ''; }
case_a_comment() { tree '#Environment=LD_PRELOAD=/a.so' ';Environment=LD_PRELOAD=/b.so'; preloads ''; }
case_what_is_wrong_ends_the_line() { tree 'Environment=LD_PRELOAD=/a.so "B=\q" LD_PRELOAD=/b.so'; preloads /a.so; }

case_of_another_section() {
	tree
	printf '[Socket]\nEnvironment=LD_PRELOAD=/a.so\n[X-Service]\nEnvironment=LD_PRELOAD=/b.so\n' >>"$vendor/foo.service"
	preloads ''
}

case_another_libupshift_is_replaced() {
	tree Environment=LD_PRELOAD=/a.so:/usr/local/lib/upshift/libupshift.so:/b.so
	preloads /a.so:/b.so
}

case_not_ours_twice() {
	tree Environment=LD_PRELOAD=/a.so
	preloads /a.so
	preloads /a.so
}

case_drop_ins_in_order() {
	tree Environment=LD_PRELOAD=/a.so
	write "$admin/foo.service.d/override.conf" Environment=LD_PRELOAD=/override.so
	write "$vendor/foo.service.d/60.conf" Environment=LD_PRELOAD=/60.so
	preloads /override.so
	rm "$admin/foo.service.d/override.conf"
	preloads /60.so
	ln -s /dev/null "$admin/foo.service.d/60.conf"
	preloads /a.so
}

case_drop_ins_of_prefixes_and_types() {
	tree
	write "$vendor/a-b-c.service"
	write "$vendor/a-.service.d/1.conf" Environment=LD_PRELOAD=/1.so
	write "$admin/service.d/2.conf" 'Environment=UPSHIFT_LOG=debug'
	enable a-b-c >/dev/null || fail "it failed"
	has "$(lines a-b-c.service)" "$library:/1.so"
	has "$(state a-b-c)" 'UPSHIFT_LOG=debug    (root/etc/systemd/system/service.d/2.conf)'
	write "$admin/a-b-.service.d/1.conf" Environment=LD_PRELOAD=/2.so
	enable a-b-c >/dev/null || fail "it failed"
	has "$(lines a-b-c.service)" "$library:/2.so"
}

case_the_unit_of_the_administrator_counts() {
	tree Environment=LD_PRELOAD=/vendor.so
	write "$admin/foo.service" Environment=LD_PRELOAD=/admin.so
	preloads /admin.so
}

case_a_file_that_is_named_overrides() {
	tree EnvironmentFile=-/etc/default/foo* EnvironmentFile=-/etc/default/missing EnvironmentFile=-/%i
	mkdir -p root/etc/default
	printf '# x\nA=1\nLD_PRELOAD="/a.so"\nUPSHIFT_LOG=debug\n' >root/etc/default/foo-1
	refuse 1 'which no unit can override' enable foo
	echo UPSHIFT_LOG=debug >root/etc/default/foo-1
	enable foo >/dev/null || fail "it fails though only UPSHIFT_LOG is set"
	enable foo --log=info >output 2>&1 && fail "it does not fail though --log has no effect"
	has "$(<output)" '--log has no effect'
	echo "LD_PRELOAD=/opt/libupshift.so" >root/etc/default/foo-1
	same "the library" "$(state foo --json | jq -r .library)" /opt/libupshift.so
}

case_unset() {
	tree UnsetEnvironment=LD_PRELOAD
	refuse 1 'UnsetEnvironment=LD_PRELOAD' enable foo
	write "$admin/foo.service.d/a.conf" UnsetEnvironment=
	preloads ''
}

case_what_comes_after_ours() {
	tree
	write "$admin/foo.service.d/zzz.conf" Environment=LD_PRELOAD=/a.so
	enable foo >output 2>&1 && fail "it does not fail though it has no effect"
	has "$(<output)" 'it has no effect'
	has "$(state foo)" 'has no effect: another file of the unit sets LD_PRELOAD anew'
}

case_enabled_by_hand() {
	tree
	write "$admin/foo.service.d/override.conf" "Environment=LD_PRELOAD=$library UPSHIFT_STATS=on"
	same "the text" "$(state foo)" "foo.service: enabled
  by root/etc/systemd/system/foo.service.d/override.conf
  $library
  UPSHIFT_STATS=on    (root/etc/systemd/system/foo.service.d/override.conf)"
	disable foo >output 2>&1 || fail "disable fails"
	has "$(<output)" 'foo.service is not enabled'
	has "$(<output)" 'override.conf preloads upshift too: that stays'
}

run_cases
