#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# upshift run says so, in one line, when a preload cannot reach the command, and runs it all the same.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

# The library need not be there for that: with a sanitizer it is not.
run() { status_of "$@" && sed -i '/libupshift.so cannot be read/d' "$work/err"; }

# warns TEXT COMMAND...: it does, and the command ends with status 0
warns() {
	local status
	status=$(run "$upshift" run "${@:2}")
	holds "$2: status 0, not $status" test "$status" = 0
	says "$2" "$1" "$work/err"
}

quiet() {
	local status
	status=$(run "$upshift" run "$@")
	holds "$1: status 0, not $status" test "$status" = 0
	silent "$1" "$work/err"
}

script() { printf '%s\n' "$2" 'exit 0' >"$work/$1" && chmod 755 "$work/$1"; }

chmod 755 "$work"
quiet /bin/true
quiet true
script plain '#!/bin/sh'
quiet "$work/plain"
script none '# no interpreter: the shell runs it'
quiet "$work/none"
PATH=$work:$PATH quiet plain

if static=$(file_of busybox-static '/bin/busybox$'); then
	warns 'it is linked statically' "$static" true
	mkdir "$work/bin" && ln -s "$static" "$work/bin/true"
	warns 'it is linked statically' "$work/bin/true"
	PATH=$work/bin:$PATH warns 'it is linked statically' true
	script script "#!$static sh"
	warns "is a script for $static, which itself runs without upshift: it is linked statically" "$work/script"
	script env "#!/usr/bin/env -S NAME=value $static sh"
	warns "is a script for $static" "$work/env"
	script nested "#!$work/script"
	warns 'it is linked statically' "$work/nested"
	script split "#!/usr/bin/env -S$static sh"
	warns "is a script for $static" "$work/split"
else
	skip "run: busybox-static is not installed"
fi
script looped "#!$work/looped"
run "$upshift" run "$work/looped" >"$work/status"
holds "a script that is its own interpreter" grep -q '^12[67]$' "$work/status"

if go=$(file_of gron '/bin/gron$'); then
	warns 'it is a Go program that makes system calls without libc' "$go" --version
else
	skip "run: gron is not installed"
fi
printf 'Go' >"$work/note"
objcopy --add-section .note.go.buildid="$work/note" "$built/launcher-no-libc" "$work/go"
warns 'it is a Go program that makes system calls without libc' "$work/go"

if [[ $(uname -m) == x86_64 ]]; then machine='\267'; else machine='>'; fi # aarch64's or x86_64's number
cp /bin/true "$work/foreign"
printf '%b' "$machine" | dd of="$work/foreign" bs=1 seek=18 conv=notrunc status=none
run "$upshift" run "$work/foreign" >"$work/status"
holds "another machine" grep -q 'it is of another machine or word size' "$work/err"

holds "no such command: status 127" test "$(run "$upshift" run "$work/missing")" = 127
says "no such command" 'No such file or directory' "$work/err"
holds "a directory: status 126" test "$(run "$upshift" run "$work")" = 126

# reached COMMAND...: the loader complains of what it cannot load, but only if it reads LD_PRELOAD as it is
as=()
reached() { "${as[@]}" env LD_PRELOAD="$work/none.so" "$@" 2>&1 | grep 'none.so.*cannot be preloaded'; }
unreached() { ! reached "$@"; }

if ((EUID == 0)); then
	cp /bin/true "$work/setuid" && chown 65534:65534 "$work/setuid" && chmod 4755 "$work/setuid"
	warns 'it is setuid or setgid' "$work/setuid"
	holds "setuid: so says the loader" unreached "$work/setuid"
	cp /bin/true "$work/setgid" && chown 0:65534 "$work/setgid" && chmod 2755 "$work/setgid"
	warns 'it is setuid or setgid' "$work/setgid"
	holds "setgid: so says the loader" unreached "$work/setgid"
	cp /bin/true "$work/own" && chmod 4755 "$work/own"
	quiet "$work/own" # no more privilege than before
	holds "one's own setuid: so says the loader" reached "$work/own"
	if command -v setcap >/dev/null; then
		cp /bin/true "$work/caps" && setcap cap_net_raw+ep "$work/caps"
		quiet "$work/caps" # nor is it for root
		holds "file capabilities, as root: so says the loader" reached "$work/caps"
		cp "$upshift" "$work/upshift" && chmod 755 "$work/upshift"
		as=(setpriv --reuid 65534 --regid 65534 --clear-groups) unprivileged=("${as[@]}" "$work/upshift" run)
		run "${unprivileged[@]}" "$work/caps" >/dev/null
		holds "file capabilities: so says the loader" unreached "$work/caps"
		holds "file capabilities" grep -q 'it has file capabilities' "$work/err"
		run "${unprivileged[@]}" "$work/own" >/dev/null
		holds "setuid root" grep -q 'it is setuid or setgid' "$work/err"
		run "${unprivileged[@]}" "$work/setuid" >/dev/null
		holds "setuid to oneself" bash -c "! grep -q setuid.or '$work/err'"
	else
		skip "run: libcap2-bin is not installed"
	fi
else
	skip "run: setuid and file capabilities, which take root to make"
fi
finish
