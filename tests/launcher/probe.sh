#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# upshift probe: what it says is what upshift-probe ($2) says, and without privilege it knows that it does not know.
# shellcheck source-path=SCRIPTDIR source=check.sh
. "$(dirname "$0")/check.sh"

kernel_has() { "$2" | grep -qx "$1 yes"; }

status=1
kernel_has uprobe_multi_link "$2" && kernel_has pid_filter "$2" && status=0
gives "$status" "$launcher" probe
prints "Linux $(uname -r)"
prints 'uprobe_multi links'
is_quiet
gives "$status" "$launcher" probe --json
json '.kernel == "'"$(uname -r)"'" and (.features | length) >= 10'
for feature in uprobe_multi_link pid_filter return_ignored sessions cookie prog_array_checked kprobe_multi_link; do
	kernel_has "$feature" "$2" && there=true || there=false
	json ".features[] | select(.name == \"$feature\") | .available == $there"
done
kernel_has keeper "$2" && there=true || there=false
json ".privileges.keeper == $there and (.privileges.why_no_keeper != null) == (.privileges.keeper | not)"
json '(.upgrades | not) == (.why_not != null)'
json '(.upgrades_pid | not) and .why_not_pid != null'
if ((status == 0)); then
	gives 0 "$launcher" probe
	prints 'but for those of one process'
	gives 0 env UPSHIFT_PID=multi "$launcher" probe
	prints 'Uprobes are upgraded here.'
	gives 0 env UPSHIFT_PID=multi "$launcher" probe --json
	json '.upgrades_pid and .why_not_pid == null'
	gives 0 "$launcher" probe --json
fi
[[ -e /sys/bus/event_source/devices/kprobe ]] && there=true || there=false
json ".features[] | select(.name == \"kprobe_pmu\") | .available == $there"
json '.upgrades_kprobes == (.machine == "x86_64" and any(.features[]; .name == "kprobe_fast_detach" and .available))'
json '(.upgrades_kprobes | not) == (.why_not_kprobes != null)'

if ((EUID == 0)) && [[ $(</proc/sys/kernel/unprivileged_bpf_disabled) != 0 ]]; then
	cp "$launcher" "$work/upshift" && chmod 755 "$work" "$work/upshift"
	gives 1 setpriv --reuid 65534 --clear-groups "$work/upshift" probe --json
	json '.upgrades == false and .upgrades_kprobes == false and .privileges.load_programs == false and .privileges.cap_bpf == false'
	json '.features[] | select(.name == "uprobe_multi_link") | .available == null'
	gives 1 setpriv --reuid 65534 --clear-groups "$work/upshift" probe
	prints 'the kernel could not be asked'
	prints 'CAP_SYS_ADMIN to make a BPF file system'
fi
gives 64 "$launcher" probe --nonsense

finish
