#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# upshift enable, disable and status: the drop-in's life, names of units, what is refused.
# Usage: unit_commands.sh LAUNCHER SOURCE_DIRECTORY
# shellcheck disable=SC1003,SC2015,SC2016,SC2119,SC2317 # "a && b || fail"; functions called by name
# shellcheck source-path=SCRIPTDIR source=cases.sh
. "${BASH_SOURCE%/*}/cases.sh"
# shellcheck source-path=SCRIPTDIR source=unit_tree.sh
. "${BASH_SOURCE%/*}/unit_tree.sh"

case_enable_writes_the_settings() {
	tree
	enable foo --log=info --log-file=/var/log/l --report /r.json --only 'a:b*' --skip c --commands x:y \
		--kprobes --detach sync --require --versioned --pid=multi --token /sys/fs/bpf >output || fail "it failed"
	same "the drop-in" "$(lines)" '[Service]
Environment="LD_PRELOAD=/usr/lib/upshift/libupshift.so"
Environment="UPSHIFT_LOG=info"
Environment="UPSHIFT_LOG_FILE=/var/log/l"
Environment="UPSHIFT_REPORT=/r.json"
Environment="UPSHIFT_ONLY=a:b*"
Environment="UPSHIFT_SKIP=c"
Environment="UPSHIFT_COMMANDS=x:y"
Environment="UPSHIFT_KPROBES=on"
Environment="UPSHIFT_DETACH=sync"
Environment="UPSHIFT=require"
Environment="UPSHIFT_VERSIONED=multi"
Environment="UPSHIFT_PID=multi"
Environment="UPSHIFT_TOKEN=/sys/fs/bpf"'
	same "what it leaves there" "$(ls -A "$admin/foo.service.d")" zz-upshift.conf
	same "the mode" "$(stat -c %a "$(drop_in)")" 644
	has "$(<output)" 'zz-upshift.conf is written'
}

case_enable_again_replaces() {
	tree
	enable foo --report=/one --kprobes >/dev/null && enable foo.service --skip=two >/dev/null || fail "it failed"
	same "the drop-in" "$(lines)" '[Service]
Environment="LD_PRELOAD=/usr/lib/upshift/libupshift.so"
Environment="UPSHIFT_SKIP=two"'
	cp "$(drop_in)" before
	enable foo --skip=two >/dev/null && cmp before "$(drop_in)" || fail "the same once more changes something"
}

case_disable_leaves_nothing_of_ours() {
	tree
	enable foo >/dev/null && disable foo >output || fail "it failed"
	has "$(<output)" 'is removed'
	[[ ! -e $admin/foo.service.d ]] || fail "the directory is still there"
	disable foo >output || fail "disable again fails"
	has "$(<output)" 'foo.service is not enabled'
}

case_disable_keeps_what_others_wrote() {
	tree
	write "$admin/foo.service.d/override.conf" Nice=5
	enable foo >/dev/null && disable foo >/dev/null || fail "it failed"
	same "what is left" "$(ls "$admin/foo.service.d")" override.conf
}

case_disable_of_a_unit_that_is_gone() {
	tree
	enable foo >/dev/null && rm "$vendor/foo.service"
	has "$(state foo)" 'there is no such unit, only its drop-ins'
	disable foo >/dev/null && [[ ! -e $(drop_in) ]] || fail "it failed"
}

case_a_foreign_file_is_refused() {
	tree
	write "$(drop_in)" Environment=LD_PRELOAD=/mine.so
	refuse 1 'is not from upshift: move it away first' enable foo
	refuse 1 'is not from upshift: it stays' disable foo
	: >"$(drop_in)"
	refuse 1 'is not from upshift' enable foo
}

case_names() {
	tree
	refuse 1 'only services' enable foo.socket
	refuse 1 'only services' enable foo.timer
	refuse 1 'not a path' enable ../foo
	refuse 1 'not a path' enable a/b
	refuse 1 'not a path' enable ..
	refuse 1 "not a unit's name" enable 'foo bar'
	refuse 1 "not a unit's name" enable "foo'"
	refuse 1 "not a unit's name" enable ''
	refuse 1 "not a unit's name" enable @foo
	refuse 1 'longer than' enable "$(printf '%0250d' 1)"
	refuse 1 'no such unit' enable missing
	refuse 1 'no such unit' state missing
	refuse 64 'no UNIT' enable
	refuse 64 'one UNIT' enable foo bar
	write "$vendor/a.b.service"
	write "$vendor/dev-x\\x2dy.service"
	enable a.b >/dev/null && enable 'dev-x\x2dy' >/dev/null || fail "it failed"
	[[ -e $(drop_in a.b.service) && -e $(drop_in 'dev-x\x2dy.service') ]] || fail "not there"
}

case_templates() {
	tree
	write "$vendor/t@.service" Environment=LD_PRELOAD=/%i.so
	enable t@one >/dev/null || fail "an instance fails"
	has "$(lines t@one.service)" 'libupshift.so:/%i.so"'
	enable t@ --kprobes >/dev/null || fail "the template fails"
	same "another instance's state" "$(state t@two --json | jq -c '[.enabled, .settings]')" \
		'[true,{"UPSHIFT_KPROBES":"on"}]'
	same "this instance's state" "$(state t@one --json | jq -r .file)" "/${admin#*/}/t@one.service.d/zz-upshift.conf"
}

case_an_alias_is_the_unit() {
	tree
	ln -s /usr/lib/systemd/system/foo.service "$admin/bar.service"
	enable bar >/dev/null || fail "it failed"
	[[ -e $(drop_in) && ! -e $admin/bar.service.d ]] || fail "the drop-in is not foo's"
	same "the name" "$(state bar --json | jq -r .unit)" foo.service
	ln -s "x'y.service" "$admin/bar2.service"
	same "what is no name of a unit's" "$(state bar2 --json | jq -r .unit)" bar2.service
	ln -s b.service "$admin/a.service"
	ln -s a.service "$admin/b.service"
	timeout 10 "$launcher" status --root root a >/dev/null
	(($? != 124)) || fail "two aliases of each other never end"
}

case_masked() {
	tree
	ln -s /dev/null "$admin/foo.service"
	refuse 1 'foo.service is masked' enable foo
}

case_links_stay_inside_the_root() {
	tree
	mkdir -p outside root/outside
	ln -s "$PWD/outside" "$admin/foo.service.d"
	enable foo >/dev/null 2>&1
	same "what is outside" "$(ls -A outside)" ''
	rm "$admin/foo.service.d"
	ln -s /outside "$admin/foo.service.d"
	enable foo >/dev/null && [[ -e root/outside/zz-upshift.conf ]] || fail "a link in the root does not work"
}

case_the_library_has_to_be_there() {
	tree
	refuse 1 'install upshift there' "$launcher" enable --root root foo --library /none/libupshift.so
	refuse 1 "separate the entries of LD_PRELOAD" "$launcher" enable --root root foo --library '/a b/libupshift.so'
	refuse 1 'from / on' "$launcher" enable --root root foo --library libupshift.so
	enable foo >/dev/null
	rm "root$library"
	has "$(state foo)" 'is not there: the service runs without it'
	same "library_exists" "$(state foo --json | jq .library_exists)" false
}

case_values_that_systemd_would_not_take() {
	tree
	refuse 1 'the service starts in another directory' enable foo --report=here.json
	refuse 1 'control character' enable foo --only=$'a\nEnvironment=b'
	refuse 1 'not UTF-8' enable foo --only=$'\xff'
	refuse 64 'auto (default), sync or async' enable foo --detach=later
}

case_who_may_not_write_is_told() {
	tree
	((EUID == 0)) && command -v setpriv >/dev/null || skip "telling who may not write needs root, and setpriv"
	chmod 755 . root
	cp "$launcher" launcher
	refuse 1 'run it as root' setpriv --reuid=65534 --regid=65534 --clear-groups ./launcher enable --root root \
		--library "$library" foo
}

case_status_tells() {
	tree
	same "the text" "$(state foo)" 'foo.service: not enabled'
	state foo >/dev/null && fail "the exit status is 0 though it is not enabled"
	same "the JSON" "$(state foo --json)" '{"unit":"foo.service","exists":true,"enabled":false,"file":null,"drop_in":null,"library":null,"library_exists":null,"settings":{},"main_pid":null,"mapped":null}'
	enable foo --only='a "b" \ 100%' >/dev/null
	state foo >text || fail "the exit status is not 0 though it is enabled"
	same "the text" "$(<text)" "foo.service: enabled
  by root/etc/systemd/system/foo.service.d/zz-upshift.conf
  $library
  UPSHIFT_ONLY=a \"b\" \\ 100%"
	same "the JSON" "$(state foo --json | jq -c '[.enabled, .drop_in, .library, .library_exists, .settings]')" \
		'[true,"/etc/systemd/system/foo.service.d/zz-upshift.conf","/usr/lib/upshift/libupshift.so",true,{"UPSHIFT_ONLY":"a \"b\" \\ 100%"}]'
}

run_cases
