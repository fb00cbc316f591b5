// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* BPF file systems that are mounted nowhere, and what is pinned in them. */
#include "fake_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "kernel.h"

enum { MAX_PINS = 2048, LATE_NS = 15000000 };

static struct pin {
	const struct fake_object *mount; /* NULL: free */
	char name[32];
	struct fake_object *object;
	uint64_t drop_at; /* removed, and still to be dropped then; 0 if it is there */
} pins[MAX_PINS];
static int pin_top; /* past the last that was ever used */

static struct pin *pin_at(const struct fake_object *mount, const char *name)
{
	for (int i = 0; i < pin_top; i++)
		if (pins[i].mount == mount && !pins[i].drop_at && !strcmp(pins[i].name, name))
			return &pins[i];
	return NULL;
}

static struct pin *free_pin(void)
{
	for (int i = 0; i < pin_top; i++)
		if (!pins[i].mount)
			return &pins[i];
	if (pin_top == MAX_PINS)
		abort();
	return &pins[pin_top++];
}

static void drop(struct pin *pin)
{
	struct fake_object *object = pin->object;

	*pin = (struct pin){ 0 };
	object_put_later(object);
}

/* Before Linux 6.11 the inode, and what it holds, went after a grace period. */
static void remove_pin(struct pin *pin)
{
	if (!fake_features.late_unpin) {
		drop(pin);
		return;
	}
	pin->drop_at = time_now() + LATE_NS;
}

void bpffs_settle(uint64_t now)
{
	for (int i = 0; i < pin_top; i++)
		if (pins[i].drop_at && pins[i].drop_at <= now)
			drop(&pins[i]);
}

void bpffs_gone(const struct fake_object *mount)
{
	for (int i = 0; i < pin_top; i++)
		if (pins[i].mount == mount && !pins[i].drop_at)
			drop(&pins[i]);
}

unsigned int fake_pins(void)
{
	unsigned int cnt = 0;

	for (int i = 0; i < pin_top; i++)
		cnt += pins[i].mount && !pins[i].drop_at;
	return cnt;
}

long bpffs_pin(const struct uapi_obj *attr)
{
	const struct fake_object *mount = object_at(attr->path_fd, FAKE_MOUNT);
	struct fake_object *object = object_any((int)attr->bpf_fd);
	struct pin *pin;

	if (!fake_features.pin_by_fd)
		return -EINVAL;
	if (!object || !object_any(attr->path_fd))
		return -EBADF;
	if (!mount)
		return -ENOTDIR;
	if (pin_at(mount, u64_to_ptr(attr->pathname)))
		return -EEXIST;
	pin = free_pin();
	pin->mount = mount;
	strncpy(pin->name, u64_to_ptr(attr->pathname), sizeof(pin->name) - 1);
	pin->object = object_get(object);
	return 0;
}

static long do_unlinkat(int dir_fd, const char *name)
{
	const struct fake_object *mount = object_at(dir_fd, FAKE_MOUNT);
	struct pin *pin = mount ? pin_at(mount, name) : NULL;

	if (!object_any(dir_fd))
		return -EBADF;
	if (!mount)
		return -ENOTDIR;
	if (fake_features.unlink_errno || !pin)
		return pin ? -fake_features.unlink_errno : -ENOENT;
	remove_pin(pin);
	return 0;
}

static long do_fsconfig(int fd, unsigned long cmd)
{
	if (!object_at(fd, FAKE_FSCONTEXT))
		return -EINVAL;
	return cmd == FSCONFIG_CMD_CREATE ? -fake_features.fs_create_errno : 0;
}

static long do_fsmount(int fd, bool cloexec)
{
	if (!object_at(fd, FAKE_FSCONTEXT))
		return -EINVAL;
	return fd_install(object_new(FAKE_MOUNT), 0, cloexec);
}

long bpffs_call(long nr, const long a[6])
{
	switch (nr) {
	case SYS_fsopen:
		if (fake_features.fsopen_errno)
			return -fake_features.fsopen_errno;
		return fd_install(object_new(FAKE_FSCONTEXT), 0, a[1] & FSOPEN_CLOEXEC);
	case SYS_fsconfig:
		return do_fsconfig((int)a[0], (unsigned long)a[1]);
	case SYS_fsmount:
		return do_fsmount((int)a[0], a[1] & FSMOUNT_CLOEXEC);
	default:
		return do_unlinkat((int)a[0], (const char *)a[1]);
	}
}

void bpffs_boot(void)
{
	memset(pins, 0, (size_t)pin_top * sizeof(pins[0]));
	pin_top = 0;
}
