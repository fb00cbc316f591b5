// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The engine's part in close(), dup() and their like: fds that come and go. */
#include "engine.h"

#include <errno.h>

#include "config.h"
#include "detach.h"
#include "fdtable.h"
#include "hints.h"
#include "kernel.h"
#include "process.h"
#include "shared_link.h"
#include "uprobe.h"

/** Does closing this fd detach an uprobe, as far as this process sees? */
static struct uprobe *detached_by(int fd)
{
	enum fd_role role;
	struct uprobe *uprobe = uprobe_at(fd, &role);

	if (!uprobe || uprobe->holder != role || uprobe->fds[role] != 1)
		return NULL;
	return uprobe->attached ? uprobe : NULL;
}

/**
 * In a libbpf call that waits at its end, the close need not. Elsewhere it waits if the tool wants it so, or
 * if the tool traces itself: then it could count a late hit without asking the kernel for anything, which is
 * where it would wait otherwise. Kernel functions the tool runs itself, and closing their links at once is
 * not faster anyway. A link that a parent process attached as well is not detached here.
 */
static enum detach_wait who_waits(const struct uprobe *uprobe)
{
	struct detach_scope *scope = hints_detach_scope();
	const bool exact = config.detach == DETACH_SYNC ||
			   (config.detach == DETACH_AUTO && (uprobe->traces_itself || uprobe->kprobe));

	if (uprobe->state == UPROBE_NATIVE || uprobe->owner != sys_getpid())
		return WAIT_HERE;
	if (!scope || config.detach == DETACH_ASYNC)
		return exact ? WAIT_HERE : WAIT_NEVER;
	scope->must_wait |= exact || scope->links > 1;
	return scope->must_wait ? WAIT_LATER : WAIT_NEVER;
}

/** The entry goes before the fd does: the number cannot be anybody else's yet. */
bool engine_close(int fd, long *result)
{
	struct uprobe *uprobe;
	sigset_t signals;
	bool alone;

	engine_lock(&signals);
	uprobe = detached_by(fd);
	alone = uprobe && !shared_link_has_others(uprobe);
	if (uprobe) {
		if (hints_detach_scope())
			hints_detach_scope()->links++;
		uprobe->attached = false;
		shared_link_leave(uprobe);
	}
	if (alone) {
		fdtable_take(fd);
		*result = detach(uprobe, fd, who_waits(uprobe), &signals);
		fdtable_give_up(uprobe, uprobe->holder);
	} else {
		fdtable_drop(fd);
	}
	engine_unlock(&signals);
	return alone;
}

/** What the kernel would do after exit(), one after the other: for links that this process made itself. */
static bool closes_at_exit(int fd, struct uprobe **uprobe)
{
	enum fd_role role;

	*uprobe = uprobe_at(fd, &role);
	return *uprobe && (*uprobe)->attached && (*uprobe)->holder == role &&
	       (*uprobe)->state != UPROBE_NATIVE && (*uprobe)->owner == sys_getpid();
}

static void detach_at_exit(struct uprobe *uprobe, int fd, int nothing_fd)
{
	bool last = uprobe->fds[uprobe->holder] == 1;

	fdtable_take(fd);
	if (last) {
		last = !shared_link_has_others(uprobe);
		shared_link_leave(uprobe);
		uprobe->attached = false;
	}
	/* What has no thread is left to the kernel. */
	if (!last || !detach_in_place(uprobe, fd, nothing_fd))
		sys_dup3(nothing_fd, fd, O_CLOEXEC);
	fdtable_give_up(uprobe, uprobe->holder);
}

void engine_detach_all(void)
{
	struct uprobe *uprobe;
	sigset_t signals;
	long nothing_fd;

	engine_lock(&signals);
	nothing_fd = fdtable_next(0) < 0 ? -EBADF : sys_open("/", O_PATH | O_CLOEXEC);
	for (int fd = nothing_fd < 0 ? -1 : fdtable_next(0); fd >= 0; fd = fdtable_next(fd + 1))
		if (closes_at_exit(fd, &uprobe))
			detach_at_exit(uprobe, fd, (int)nothing_fd);
	engine_unlock(&signals);
	detach_wait();
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
