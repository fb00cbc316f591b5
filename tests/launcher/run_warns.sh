#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# upshift run says so, in one line, when a preload cannot reach the command, and runs it all the same.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
built=$2

# runs STATUS COMMAND...: as gives. The library need not be there for that: with a sanitizer it is not.
runs() {
	gives "$1" "$launcher" run "${@:2}"
	sed -i '/libupshift.so cannot be read/d' "$work/err"
}

# warns TEXT COMMAND...: it does, and the command ends with status 0
warns() {
	runs 0 "${@:2}"
	complains_once "$1"
}

quiet() {
	runs 0 "$@"
	is_quiet
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
	skip "busybox-static is not installed"
fi
script looped "#!$work/looped"
runs '12[67]' "$work/looped"

if go=$(file_of gron '/bin/gron$'); then
	warns 'it is a Go program that makes system calls without libc' "$go" --version
else
	skip "gron is not installed"
fi
printf 'Go' >"$work/note"
objcopy --add-section .note.go.buildid="$work/note" "$built/launcher-no-libc" "$work/go"
warns 'it is a Go program that makes system calls without libc' "$work/go"

if [[ $(uname -m) == x86_64 ]]; then machine='\267'; else machine='>'; fi # aarch64's or x86_64's number
cp /bin/true "$work/foreign"
printf '%b' "$machine" | dd of="$work/foreign" bs=1 seek=18 conv=notrunc status=none
runs '*' "$work/foreign"
complains 'it is of another machine or word size'

runs 127 "$work/missing"
complains_once 'No such file or directory'
runs 126 "$work"

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
		open_to_all
		as=(unprivileged)
		gives '*' unprivileged "$work/upshift" run "$work/caps"
		holds "file capabilities: so says the loader" unreached "$work/caps"
		complains 'it has file capabilities'
		gives '*' unprivileged "$work/upshift" run "$work/own"
		complains 'it is setuid or setgid'
		gives '*' unprivileged "$work/upshift" run "$work/setuid"
		complains_not 'it is setuid or setgid'
	else
		skip "libcap2-bin is not installed"
	fi
else
	skip "setuid and file capabilities, which take root to make"
fi
finish
