// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "target.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "kernel.h"
#include "process.h"

static long fd_stat(int fd, struct stat *st)
{
	return kernel_call(SYS_newfstatat, fd, (long)"", (long)st, AT_EMPTY_PATH, 0, 0);
}

static bool on_procfs(int fd)
{
	struct statfs fs;

	return kernel_call(SYS_fstatfs, fd, (long)&fs, 0, 0, 0, 0) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

long target_open(const char *path, uint64_t offset, uint64_t ref_ctr_offset, struct stat *st)
{
	long fd = sys_open(path, O_PATH | O_CLOEXEC);
	long err;

	if (fd < 0)
		return fd;
	err = fd_stat((int)fd, st);
	if (!err &&
	    (!S_ISREG(st->st_mode) || offset >= (uint64_t)st->st_size || ref_ctr_offset % sizeof(short)))
		err = -EINVAL;
	if (!err && on_procfs((int)fd))
		err = -EIO;
	if (!err)
		return fd;
	sys_close((int)fd);
	return err;
}

bool target_is_at(int fd, dev_t dev, ino_t ino)
{
	struct stat st;
	long flags = sys_fcntl(fd, F_GETFL, 0), err = fd_stat(fd, &st);

	if (flags == -EBADF || (flags >= 0 && !(flags & O_PATH)))
		return false;
	return err ? err != -EBADF : st.st_dev == dev && st.st_ino == ino;
}

/** /proc may be that of another pid namespace, where the same numbers are other processes. */
bool target_proc_is_ours(void)
{
	char text[16];
	long len =
		kernel_call(SYS_readlinkat, AT_FDCWD, (long)"/proc/self", (long)text, sizeof(text) - 1, 0, 0);

	if (len < 0)
		return false;
	text[len] = '\0';
	return strtol(text, NULL, 10) == process_id();
}

/** The process that a thread belongs to, and whether the thread still runs; 0 or a negative errno. */
static long read_status(pid_t tid, pid_t *process, bool *runs)
{
	char path[32], status[1024];
	const char *tgid, *state;
	long len;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	len = kernel_read_file(path, status, sizeof(status));
	if (len < 0)
		return len;
	tgid = strstr(status, "\nTgid:");
	state = strstr(status, "\nState:\t");
	if (!tgid || !state)
		return -ENOENT;
	*process = (pid_t)strtol(tgid + strlen("\nTgid:"), NULL, 10);
	*runs = !strchr("ZX", state[strlen("\nState:\t")]);
	return 0;
}

long target_process(pid_t pid)
{
	const pid_t self = process_id();
	pid_t process;
	bool runs;
	long err;

	if (pid == -1)
		return 0;
	if (pid == 0)
		pid = self;
	if (pid == self && kernel_call(SYS_gettid, 0, 0, 0, 0, 0, 0) == self)
		return self;
	if (!target_proc_is_ours())
		return -ENOENT;
	err = read_status(pid, &process, &runs);
	if (!err && process != pid)
		err = read_status(process, &process, &runs);
	/* A link looks at the memory of the leading thread, which is gone when that has exited before the
	 * others. */
	if (!err && !runs)
		err = -ESRCH;
	return err ? err : process;
}
