# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2154,SC2120 # common.sh sets them; arguments are for some
# A system of a few files below ./root, and the launcher's commands on it. Sourced after common.sh.

library=/usr/lib/upshift/libupshift.so
vendor=root/usr/lib/systemd/system
admin=root/etc/systemd/system

# write FILE LINE...: below [Service]
write() {
	mkdir -p "${1%/*}"
	printf '%s\n' '[Service]' "${@:2}" >"$1"
}

# tree [LINE...]: with a service foo that has these lines
tree() {
	mkdir -p root/usr/lib/upshift "$admin"
	: >"root$library"
	write "$vendor/foo.service" ExecStart=/bin/true "$@"
}

enable() { "$launcher" enable --root root --library "$library" "$@"; }
disable() { "$launcher" disable --root root "$@"; }
state() { "$launcher" status --root root "$@"; }

drop_in() { printf '%s/%s.d/zz-upshift.conf' "$admin" "${1-foo.service}"; }

# The drop-in's lines below its mark
lines() { tail -n +2 "$(drop_in "$@")"; }

# refuse STATUS MESSAGE-PART COMMAND...: the command fails so, and changes no file
refuse() {
	local before after output status=0
	before=$(find root -printf '%p %m %T@ %s\n' | sort)
	output=$("${@:3}" 2>&1) || status=$?
	after=$(find root -printf '%p %m %T@ %s\n' | sort)
	same "the exit status of ${*:3}" "$status" "$1"
	has "$output" "$2"
	same "what ${*:3} left" "$after" "$before"
}
