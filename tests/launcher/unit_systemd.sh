#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# What systemd itself makes of what upshift enable writes, and services that run.
# Usage: unit_systemd.sh LAUNCHER
# shellcheck disable=SC1003,SC2015,SC2016,SC2119,SC2317 # "a && b || fail"; functions called by name
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${BASH_SOURCE%/*}/common.sh"
# shellcheck source-path=SCRIPTDIR source=unit_tree.sh
. "${BASH_SOURCE%/*}/unit_tree.sh"

# read_by_systemd UNIT: the environment that systemd reads for a service of the tree, as it prints it, goes to the
# file environment. It loads units for a test only as an ordinary user's manager.
read_by_systemd() {
	local target systemd=/lib/systemd/systemd as=()
	[[ -x $systemd ]] || skip "systemd is not installed: nobody else to read the drop-ins"
	for target in basic shutdown sysinit; do printf '[Unit]\n' >"$vendor/$target.target"; done
	mkdir -p runtime
	chmod -R a+rX . && chmod 1777 runtime
	((EUID)) || as=(unprivileged)
	"${as[@]}" env -i HOME="$PWD/runtime" XDG_RUNTIME_DIR="$PWD/runtime" \
		SYSTEMD_UNIT_PATH="$PWD/$admin:$PWD/$vendor" "$systemd" --test --user --unit="$1" >manager 2>&1
	sed -n 's/^[[:space:]]*Environment: //p' manager >environment
	[[ -s environment ]] || skip "this systemd does not tell what it reads: $(tail -n 1 manager)"
}

case_values_arrive_unchanged() {
	local value='a "b" '\''c'\'' \d \n \x41 %n %% $HOME ${x} é # ; =  : *[!a]?'
	tree 'Environment=LD_PRELOAD=/%n.so "A=1 2"'
	enable foo --only="$value" --skip="-$value\\" --report='/a b/%t' >/dev/null || fail "it failed"
	read_by_systemd foo.service
	same "systemd's environment" "$(<environment)" "LD_PRELOAD=$library:/foo.service.so
A=1 2
UPSHIFT_REPORT=/a b/%t
UPSHIFT_ONLY=$value
UPSHIFT_SKIP=-$value\\"
}

case_a_preload_in_any_notation() {
	local before
	tree 'Environment="LD_PRELOAD=/\x61\u00e9\145 /b%%" X=\' '  "Y=1"'
	write "$admin/foo.service.d/override.conf" "Environment='LD_PRELOAD=/c\\\"\\'d /e'"
	read_by_systemd foo.service
	before=$(sed -n 's/^LD_PRELOAD=//p' environment)
	enable foo >/dev/null || fail "it failed"
	read_by_systemd foo.service
	same "the value" "$(sed -n 's/^LD_PRELOAD=//p' environment)" "$library:${before// /:}"
	rm "$admin/foo.service.d/override.conf"
	enable foo >/dev/null || fail "it failed"
	read_by_systemd foo.service
	has "$(<environment)" "LD_PRELOAD=$library:/aée:/b%"
}

case_names_of_systemd_escape() {
	local name
	command -v systemd-escape >/dev/null || skip "systemd-escape is not installed"
	tree
	name=$(systemd-escape --suffix=service 'my tool/é-1')
	write "$vendor/$name" ExecStart=/bin/true
	enable "$name" --kprobes >/dev/null || fail "it failed"
	[[ -e $(drop_in "$name") ]] || fail "not there"
	read_by_systemd "$name"
	has "$(<environment)" UPSHIFT_KPROBES=on
}

# on_this_system COMMAND...: where /etc/systemd is the tree's, and systemctl says that $main is the main process
on_this_system() {
	mkdir -p bin
	printf '#!/bin/sh\nprintf "%%s\\n" "$*" >>%q\necho "$main"\n' "$PWD/asked" >bin/systemctl
	chmod +x bin/systemctl
	# shellcheck disable=SC2016 # the inner shell expands it
	PATH=$PWD/bin:$PATH unshare --mount --propagation private \
		sh -euc 'mount --bind root/etc/systemd /etc/systemd; exec "$@"' sh "$@"
}

case_a_running_service() {
	local real=${launcher%/*}/libupshift.so json with without
	((EUID == 0)) && [[ -d /etc/systemd ]] && unshare --mount true 2>/dev/null ||
		skip "showing the tree as the system's own needs root and /etc/systemd"
	[[ -e $real ]] || skip "there is no libupshift.so beside the launcher"
	tree
	write "$admin/foo.service" ExecStart=/bin/sleep
	sleep 60 & without=$!
	LD_PRELOAD=$real sleep 60 & with=$!
	# shellcheck disable=SC2064 # they are local
	trap "kill $with $without" EXIT
	until grep -q libupshift "/proc/$with/maps" && grep -q /sleep "/proc/$without/maps"; do :; done

	has "$(on_this_system "$launcher" enable foo)" 'systemctl daemon-reload && systemctl restart foo.service'
	same "the drop-in" "$(lines)" "[Service]"$'\n'"Environment=\"LD_PRELOAD=$real\""
	json=$(main=$with on_this_system "$launcher" status --json foo) || fail "status fails: $json"
	same "with" "$(jq -c '[.main_pid, .mapped]' <<<"$json")" "[$with,true]"
	json=$(main=$without on_this_system "$launcher" status --json foo)
	same "without" "$(jq -c '[.main_pid, .mapped]' <<<"$json")" "[$without,false]"
	json=$(main=0 on_this_system "$launcher" status --json foo)
	same "not running" "$(jq -c '[.main_pid, .mapped]' <<<"$json")" "[null,null]"
	has "$(main=$without on_this_system "$launcher" status foo)" \
		"main process $without: does not have the library; systemctl daemon-reload"
	has "$(main=$with on_this_system "$launcher" status foo)" "main process $with: has the library"
	has "$(<asked)" 'foo.service'
	has "$(on_this_system "$launcher" disable foo)" 'To start it without upshift: systemctl daemon-reload'
}

run_cases
