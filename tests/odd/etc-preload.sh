#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# etc-preload.sh LIBRARY COMMAND...: runs the command where /etc/ld.so.preload names the library
if [ "$1" != --inside ]; then
	unshare --mount --propagation private true 2>/dev/null ||
		{ echo "skipped: this machine does not let the test have mounts of its own"; exit 77; }
	exec unshare --mount --propagation private "$0" --inside "$@"
fi
shift
if ! mount -t tmpfs tmpfs /mnt || ! mkdir /mnt/upper /mnt/work ||
	! mount -t overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work overlay /etc; then
	echo "skipped: there is no overlayfs to put an /etc/ld.so.preload on"
	exit 77
fi
echo "$1" >/etc/ld.so.preload
shift
exec "$@"
