// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "private_bpffs.h"

#include <errno.h>
#include <linux/mount.h>
#include <string.h>

#include "bpf.h"
#include "kernel.h"

/**
 * Is the process under a seccomp filter? Its answer to a call that is not foreseen may be to kill the
 * process, so nothing is tried under one. Unknown counts as yes.
 */
static bool is_filtered(void)
{
	char status[4096];
	const char *seccomp;

	if (kernel_read_file("/proc/thread-self/status", status, sizeof(status)) < 0)
		return true;
	seccomp = strstr(status, "\nSeccomp:\t");
	return seccomp && seccomp[strlen("\nSeccomp:\t")] != '0';
}

/**
 * Its root is for everybody: the process may become another user before it removes a pin. The mount option
 * "mode" would leave the sticky bit, with which only the pin's owner may.
 */
static long open_up(int fd)
{
	return kernel_call(SYS_fchmodat, fd, (long)".", 0777, 0, 0, 0);
}

static long mount_detached(void)
{
	long fs = kernel_call(SYS_fsopen, (long)"bpf", FSOPEN_CLOEXEC, 0, 0, 0, 0), fd, err;

	if (fs < 0)
		return fs;
	fd = kernel_call(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, 0, 0, 0, 0);
	if (!fd)
		fd = kernel_call(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0, 0, 0, 0);
	sys_close((int)fs);
	err = fd < 0 ? fd : open_up((int)fd);
	if (!err)
		return fd;
	if (fd >= 0)
		sys_close((int)fd);
	return err;
}

long private_bpffs_pin(int dir_fd, const char *name, int fd)
{
	const struct uapi_obj attr = {
		.pathname = ptr_to_u64(name),
		.bpf_fd = (uint32_t)fd,
		.file_flags = UAPI_BPF_F_PATH_FD,
		.path_fd = dir_fd,
	};

	return sys_bpf(BPF_OBJ_PIN, &attr, BPF_ATTR_END(struct uapi_obj, path_fd));
}

long private_bpffs_unpin(int dir_fd, const char *name)
{
	return kernel_call(SYS_unlinkat, dir_fd, (long)name, 0, 0, 0, 0);
}

static long create_map(void)
{
	const union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1
	};

	return sys_bpf(BPF_MAP_CREATE, &attr, BPF_ATTR_END(union bpf_attr, map_flags));
}

/** Pins a map, closes it and removes the pin: its id has to be gone at once. */
static long try_pin(int dir_fd, int map_fd)
{
	struct bpf_map_info info = { 0 };
	long err = bpf_info(map_fd, &info, BPF_ATTR_END(struct bpf_map_info, id));

	if (!err)
		err = private_bpffs_pin(dir_fd, "try", map_fd);
	sys_close(map_fd);
	if (!err)
		err = private_bpffs_unpin(dir_fd, "try");
	if (err)
		return err;
	map_fd = (int)bpf_fd_by_id(BPF_MAP_GET_FD_BY_ID, info.id);
	if (map_fd == -ENOENT)
		return 0;
	if (map_fd < 0)
		return map_fd;
	sys_close(map_fd);
	return -EOPNOTSUPP;
}

long private_bpffs_open(const char **why)
{
	long fd, map_fd, err;

	*why = "the process is under a seccomp filter";
	if (is_filtered())
		return -EPERM;
	*why = "it takes CAP_SYS_ADMIN to make a BPF file system";
	fd = mount_detached();
	if (fd < 0)
		return fd;
	*why = "the process may not create BPF maps";
	map_fd = create_map();
	err = map_fd < 0 ? map_fd : 0;
	if (!err) {
		*why = "the kernel drops pins too late or cannot pin by a directory's fd (before Linux 6.11)";
		err = try_pin((int)fd, (int)map_fd);
	}
	if (!err)
		return fd;
	sys_close((int)fd);
	return err;
}
