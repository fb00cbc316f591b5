// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The engine's part in close(), dup() and their like: fds that come and go. */
#include "engine.h"

#include <errno.h>

#include "config.h"
#include "detach.h"
#include "fdtable.h"
#include "kernel.h"
#include "keeper.h"
#include "process.h"
#include "uprobe.h"

bool engine_close(int fd, long *result)
{
	struct uprobe *uprobe;
	struct detach detach;
	sigset_t signals;

	engine_lock(&signals);
	uprobe = detach_of(fd);
	if (uprobe)
		detach_begin(&detach, uprobe, fd, &signals);
	else
		fdtable_drop(fd);
	engine_unlock(&signals);
	if (uprobe)
		*result = detach_end(&detach);
	return uprobe;
}

/** What the kernel would do after exit(), one after the other. */
static bool closes_at_exit(int fd, struct uprobe **uprobe)
{
	enum fd_role role;

	*uprobe = uprobe_at(fd, &role);
	return *uprobe && (*uprobe)->attached && (*uprobe)->holder == role &&
	       (*uprobe)->state != UPROBE_NATIVE && uprobe_is_ours(*uprobe);
}

/** What has no closer is left to the kernel, and to the keeper. */
static void detach_at_exit(struct uprobe *uprobe, int fd, int nothing_fd, sigset_t *signals)
{
	if (detach_of(fd)) {
		detach_by_closer(uprobe, fd, nothing_fd, signals);
		return;
	}
	/* One of several that hold the link: the last of them detaches. */
	fdtable_drop(fd);
	sys_dup3(nothing_fd, fd, O_CLOEXEC);
}

void engine_detach_all(void)
{
	struct uprobe *uprobe;
	sigset_t signals;
	long nothing_fd;

	/* With a keeper, the kernel's workers do it faster than anybody could wait. */
	if (detach_is_locked_up() || (config.detach == DETACH_ASYNC && keeper_is_there()))
		return;
	engine_lock(&signals);
	nothing_fd = fdtable_next(0) < 0 ? -EBADF : sys_open("/", O_PATH | O_CLOEXEC);
	for (int fd = nothing_fd < 0 ? -1 : fdtable_next(0); fd >= 0; fd = fdtable_next(fd + 1))
		if (closes_at_exit(fd, &uprobe))
			detach_at_exit(uprobe, fd, (int)nothing_fd, &signals);
	engine_unlock(&signals);
	detach_wait(CLOSERS_OF_ALL);
	if (nothing_fd >= 0)
		sys_close((int)nothing_fd);
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

void engine_before_closed(int fd)
{
	struct uprobe *uprobe;
	sigset_t signals;

	engine_lock(&signals);
	uprobe = detach_of(fd);
	if (uprobe)
		detach_before_close(uprobe);
	engine_unlock(&signals);
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

/** Those of more than one fd have to wait for the last, which the kernel then closes. */
void engine_before_closed_range(unsigned int first, unsigned int last)
{
	struct uprobe *uprobe;
	sigset_t signals;

	if (first >= FDTABLE_MAX)
		return;
	engine_lock(&signals);
	for (int fd = fdtable_next((int)first); fd >= 0 && (unsigned int)fd <= last;
	     fd = fdtable_next(fd + 1)) {
		uprobe = detach_of(fd);
		if (!uprobe || !detach_by_closer(uprobe, fd, -1, &signals))
			fdtable_drop(fd);
	}
	engine_unlock(&signals);
	detach_wait(CLOSERS_OF_THREAD);
}

void engine_look_again(void)
{
	uprobe_sweep(true);
}
