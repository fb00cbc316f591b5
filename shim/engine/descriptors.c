// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The engine's part in close(), dup() and their like: fds that come and go. */
#include "engine.h"

#include <time.h>

#include "fdtable.h"
#include "kernel.h"
#include "process.h"
#include "report.h"
#include "uprobe.h"

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void report_detach(const struct uprobe *uprobe, uint64_t duration_ns)
{
	const struct report_line line = {
		.event = "detach",
		.program = uprobe->program,
		.section = uprobe->section,
		.path = uprobe->state == UPROBE_NATIVE ? REPORT_PERF : REPORT_MULTI,
		.reason = "its last file descriptor in this process was closed",
		.target = uprobe->path,
		.offset = uprobe->offset,
		.ref_ctr_offset = uprobe->ref_ctr_offset,
		.cookie = uprobe->cookie,
		.pid = uprobe->pid,
		.retprobe = uprobe->retprobe,
		.probes = uprobe->cnt,
		.duration_ns = duration_ns,
	};

	report(&line);
}

/** Does closing this fd detach an uprobe, as far as this process sees? */
static struct uprobe *detached_by(int fd)
{
	enum fd_role role;
	struct uprobe *uprobe = uprobe_at(fd, &role);

	if (!uprobe || !uprobe->attached || uprobe->holder != role || uprobe->fds[role] != 1)
		return NULL;
	return uprobe;
}

/** Closes fd, and tells how long that took. */
static long close_and_report(int fd, struct uprobe *uprobe)
{
	const enum fd_role role = uprobe->holder;
	const uint64_t start = now_ns();
	sigset_t signals;
	long result = sys_close(fd);

	engine_lock(&signals);
	report_detach(uprobe, now_ns() - start);
	fdtable_give_up(uprobe, role);
	engine_unlock(&signals);
	return result;
}

/** The entry goes before the fd does: the number cannot be anybody else's yet. */
bool engine_close(int fd, long *result)
{
	struct uprobe *uprobe = NULL;
	sigset_t signals;

	engine_lock(&signals);
	if (report_is_wanted())
		uprobe = detached_by(fd);
	if (uprobe) {
		uprobe->attached = false;
		fdtable_take(fd);
	} else {
		fdtable_drop(fd);
	}
	engine_unlock(&signals);
	if (uprobe)
		*result = close_and_report(fd, uprobe);
	return uprobe;
}

void engine_before_fcntl(int fd, int cmd, long arg)
{
	sigset_t signals;

	switch (cmd) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
	case F_GETFD:
		break;
	case F_SETFD:
		if (arg & FD_CLOEXEC)
			break;
		__attribute__((fallthrough)); /* after exec() nobody can make it an event any more */
	default:
		engine_lock(&signals);
		uprobe_need_event(fd);
		engine_unlock(&signals);
	}
}

void engine_copied(int old_fd, int new_fd)
{
	struct uprobe *uprobe;
	enum fd_role role;
	sigset_t signals;

	if (old_fd == new_fd)
		return;
	engine_lock(&signals);
	uprobe = fdtable_has(old_fd) ? uprobe_at(old_fd, &role) : NULL;
	if (uprobe)
		fdtable_put(new_fd, role, uprobe);
	else
		fdtable_drop(new_fd);
	engine_unlock(&signals);
}

void engine_closed_range(unsigned int first, unsigned int last)
{
	sigset_t signals;
	int fd;

	if (first >= FDTABLE_MAX)
		return;
	engine_lock(&signals);
	for (fd = fdtable_next((int)first); fd >= 0 && (unsigned int)fd <= last; fd = fdtable_next(fd + 1))
		fdtable_drop(fd);
	engine_unlock(&signals);
}
