#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# etc-preload.sh LIBRARY COMMAND...: runs the command where /etc/ld.so.preload names the library
[ "$1" = --inside ] || exec unshare --mount --propagation private "$0" --inside "$@"
shift
if ! mount -t tmpfs tmpfs /mnt || ! mkdir /mnt/upper /mnt/work ||
	! mount -t overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work overlay /etc; then
	echo "skipped: there is no overlayfs to put an /etc/ld.so.preload on"
	exit 77
fi
echo "$1" >/etc/ld.so.preload
shift
exec "$@"
