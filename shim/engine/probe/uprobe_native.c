// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Going native: the perf event in place of a pending uprobe, while nothing is attached. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fd_limit.h"
#include "kernel.h"
#include "kprobe.h"
#include "process.h"
#include "target.h"
#include "uprobe.h"
#include "uprobe_internal.h"

static long open_saved(struct uprobe *uprobe, const char *path)
{
	struct perf_event_attr attr = uprobe->attr;
	const struct perf_open open = {
		.attr = &attr,
		/* perf's 0 is the caller; we may be a child of who asked */
		.pid = uprobe->pid == 0 && uprobe->process != process_id() ? uprobe->process : uprobe->pid,
		.cpu = uprobe->cpu,
		.group_fd = -1,
		.flags = PERF_FLAG_FD_CLOEXEC,
	};

	/* Of a kprobe that is its function's name, and whoever wanted an address is native by now. */
	attr.uprobe_path = ptr_to_u64(path);
	return uprobe_open_perf_event(&open);
}

/**
 * Without any fd left, nor the right to more, the event has to take the place of the pending uprobe's fd: as
 * without upshift, attaching must not need another one. If it cannot be opened, the fd is pending as before.
 */
static long open_in_its_place(struct uprobe *uprobe, int event_fd)
{
	struct stat st;
	long fd, err;

	sys_close(event_fd);
	fd = open_saved(uprobe, uprobe->path);
	err = fd < 0 ? fd : 0;
	if (err)
		fd = uprobe->kprobe ? kprobe_open_stand_in(&st) : sys_open(uprobe->path, O_PATH | O_CLOEXEC);
	if (fd == event_fd) {
		if (!err)
			uprobe->state = UPROBE_NATIVE;
		return err;
	}
	/* Another thread was quicker. */
	if (fd >= 0)
		sys_close((int)fd);
	fdtable_drop(event_fd);
	return -EMFILE;
}

long uprobe_go_native(struct uprobe *uprobe, int event_fd)
{
	struct fd_limit limit = { 0 };
	char path[32];
	long fd, err;

	if (uprobe->state == UPROBE_NATIVE)
		return 0;
	if (uprobe->state != UPROBE_PENDING)
		return -EOPNOTSUPP;
	/* The file that was there at the time, even if the path now leads elsewhere. */
	snprintf(path, sizeof(path), "/proc/thread-self/fd/%d", event_fd);
	do {
		fd = open_saved(uprobe, uprobe->kprobe ? uprobe->path : path);
		if (fd == -ENOENT && !uprobe->kprobe)
			fd = open_saved(uprobe, uprobe->path); /* no procfs */
	} while (fd == -EMFILE && fd_limit_raise(&limit, 0));
	fd_limit_restore(&limit);
	if (fd == -EMFILE && uprobe->fds[FD_EVENT] == 1)
		return open_in_its_place(uprobe, event_fd);
	if (fd < 0)
		return fd;
	err = uprobe_replace(uprobe, FD_EVENT, event_fd, (int)fd);
	sys_close((int)fd);
	if (!err)
		uprobe->state = UPROBE_NATIVE;
	return err;
}

void uprobe_need_event(int fd)
{
	enum fd_role role;
	struct uprobe *uprobe = uprobe_at(fd, &role);

	if (uprobe && role == FD_EVENT && uprobe->state == UPROBE_PENDING)
		uprobe_go_native(uprobe, fd);
}
