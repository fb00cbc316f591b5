#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# late.sh UPSHIFT EARLY: what a destructor after upshift's closes is detached before the process ends, as without.
log=$(EARLY_BPF=1 UPSHIFT_LOG=info LD_PRELOAD="$1 $2" /bin/true 2>&1) || exit 1
case $log in *"multi (upgraded)"*) ;; *)
	echo "skipped: nothing is upgraded here: $log"
	exit 77
	;;
esac
[ "$(echo "$log" | grep -c upgraded)" = "$(echo "$log" | grep -c ' detach ')" ] || {
	echo "not as many detaches as attaches: $log"
	exit 1
}
