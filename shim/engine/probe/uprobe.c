// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "uprobe.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bpf.h"
#include "fd_limit.h"
#include "features_cache.h"
#include "hints.h"
#include "kernel.h"
#include "keeper.h"
#include "perf_links.h"
#include "process.h"
#include "program.h"
#include "sharing.h"
#include "target.h"
#include "uprobe_internal.h"

static struct uprobe *released;

bool uprobe_is_ours(const struct uprobe *uprobe)
{
	return uprobe->owner == process_id() || kernel_call(SYS_kill, uprobe->owner, 0, 0, 0, 0, 0) == -ESRCH;
}

/** fclose() and others close without a call that we see: what was attached is not any more. */
static void note_unseen_close(struct uprobe *uprobe)
{
	if (uprobe->attached && uprobe_is_ours(uprobe) && !uprobe_has_sharers(uprobe)) {
		keeper_let_go(&uprobe->kept);
		uprobe->kept.name = 0;
		uprobe_report_detach(uprobe, 0);
	}
	uprobe->attached = false;
}

void uprobe_put(struct uprobe *uprobe)
{
	if (!uprobe->fds[uprobe->holder]) {
		note_unseen_close(uprobe);
		uprobe_stop_sharing(uprobe);
		perf_links_close(uprobe->others);
	}
	if (uprobe->fds[FD_EVENT] || uprobe->fds[FD_LINK] || uprobe->detaching)
		return;
	uprobe->next_released = released;
	released = uprobe;
}

static void free_released(void)
{
	while (released) {
		struct uprobe *uprobe = released;

		released = uprobe->next_released;
		atomic_thread_fence(memory_order_release);
		free(uprobe->path);
		free(uprobe->program);
		free(uprobe->section);
		free(uprobe->others);
		free(uprobe);
	}
}

struct uprobe *uprobe_new(const struct perf_open *open, const struct perf_event_attr *attr)
{
	struct uprobe *uprobe;

	free_released();
	uprobe = calloc(1, sizeof(*uprobe));
	if (!uprobe)
		return NULL;
	uprobe->attr = *attr;
	uprobe->attr.size = attr->size < sizeof(*attr) ? attr->size : sizeof(*attr);
	uprobe->pid = open->pid;
	uprobe->cpu = open->cpu;
	uprobe->retprobe = attr->config & (1u << RETPROBE_BIT);
	uprobe->offset = attr->probe_offset;
	uprobe->ref_ctr_offset = attr->config >> REF_CTR_SHIFT;
	uprobe->cnt = 1;
	return uprobe;
}

/* ---- looking up ---------------------------------------------------------------------------------- */

/** A copy of the process that is made in the middle of this must not hold what is freed. */
static void replace_text(char **place, const char *text)
{
	char *before = *place;

	*place = text ? strdup(text) : NULL;
	atomic_thread_fence(memory_order_release);
	free(before);
}

void uprobe_name_program(struct uprobe *uprobe, const struct program *program)
{
	replace_text(&uprobe->program, program ? program->name : NULL);
	replace_text(&uprobe->section, program ? program->section : NULL);
}

struct report_line uprobe_report_line(const struct uprobe *uprobe, const char *event, enum report_path path,
				      const char *reason)
{
	return (struct report_line){
		.event = event,
		.program = uprobe->program,
		.section = uprobe->section,
		.path = path,
		.reason = reason,
		.target = uprobe->path,
		.offset = uprobe->offset,
		.ref_ctr_offset = uprobe->ref_ctr_offset,
		.cookie = uprobe->cookie,
		.pid = uprobe->pid,
		.retprobe = uprobe->retprobe,
		.kprobe = uprobe->kprobe,
		.probes = uprobe->cnt,
	};
}

void uprobe_report_detach(const struct uprobe *uprobe, uint64_t duration_ns)
{
	struct report_line line = uprobe_report_line(
		uprobe, "detach", uprobe->state == UPROBE_NATIVE ? REPORT_PERF : REPORT_MULTI,
		"its last file descriptor in this process was closed");

	line.duration_ns = duration_ns;
	report(&line);
}

static bool is_perf_event(int fd)
{
	uint64_t id;

	return sys_ioctl(fd, PERF_EVENT_IOC_ID, (long)&id) == 0;
}

static bool is_genuine(const struct uprobe *uprobe, int fd, enum fd_role role)
{
	if (uprobe->state == UPROBE_COLLECTED)
		return target_is_at(fd, uprobe->dev, uprobe->ino);
	if (role == FD_LINK || uprobe->state == UPROBE_LINK)
		return link_is(fd, uprobe->link);
	if (uprobe->state == UPROBE_NATIVE)
		return is_perf_event(fd);
	return target_is_at(fd, uprobe->dev, uprobe->ino);
}

struct uprobe *uprobe_at(int fd, enum fd_role *role)
{
	struct fdtable_slot *slot = fdtable_slot(fd);
	struct uprobe *uprobe = slot ? atomic_load_explicit(&slot->uprobe, memory_order_relaxed) : NULL;

	if (!uprobe)
		return NULL;
	if (!is_genuine(uprobe, fd, slot->role)) {
		fdtable_drop(fd);
		return NULL;
	}
	*role = slot->role;
	return uprobe;
}

/* ---- all of them --------------------------------------------------------------------------------- */

static bool sweep_is_due(void)
{
	enum { MS_IN_S = 1000, NS_IN_MS = 1000000, PAUSE_MS = 100 };
	static atomic_long swept_at;
	struct timespec now = { 0 };
	long ms, before = atomic_load(&swept_at);

	sys_clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	ms = now.tv_sec * MS_IN_S + now.tv_nsec / NS_IN_MS;
	return ms - before >= PAUSE_MS && atomic_compare_exchange_strong(&swept_at, &before, ms);
}

void uprobe_sweep(bool whole)
{
	enum { AT_ONCE = 256 };
	static int next;
	enum fd_role role;
	sigset_t signals;
	int fd;

	if (!keeper_is_there() || (!whole && !sweep_is_due()))
		return;
	engine_lock(&signals);
	fd = fdtable_next(whole ? 0 : next);
	for (int i = 0; fd >= 0 && (whole || i < AT_ONCE); i++) {
		uprobe_at(fd, &role);
		fd = fdtable_next(fd + 1);
	}
	next = fd < 0 ? 0 : fd;
	engine_unlock(&signals);
}

void uprobe_adopt(void)
{
	struct fdtable_slot *slot;

	for (int fd = fdtable_next(0); fd >= 0; fd = fdtable_next(fd + 1)) {
		slot = fdtable_slot(fd);
		slot->uprobe->fds[FD_EVENT] = slot->uprobe->fds[FD_LINK] = 0;
		slot->uprobe->detaching = false;
		slot->uprobe->kept.name = 0; /* the parent's */
		if (slot->uprobe->next)
			slot->uprobe->next->previous = slot->uprobe;
	}
	for (int fd = fdtable_next(0); fd >= 0; fd = fdtable_next(fd + 1)) {
		slot = fdtable_slot(fd);
		slot->uprobe->fds[slot->role]++;
	}
}

/* ---- its fds ------------------------------------------------------------------------------------- */

static long replace_event(int fd, int new_fd)
{
	long flags = sys_fcntl(fd, F_GETFD, 0), moved;
	const bool cloexec = flags < 0 || (flags & FD_CLOEXEC);
	const int dup_cmd = cloexec ? F_DUPFD_CLOEXEC : F_DUPFD;

	if (flags == -EBADF)
		return 0; /* closed unseen */
	if (sys_dup3(new_fd, fd, cloexec ? O_CLOEXEC : 0) >= 0)
		return 0;
	/*
	 * Forbidden to this process, perhaps. Not in one step then: a first copy shows that there can be one,
	 * and the second must get the number itself, which may by then be somebody else's.
	 */
	moved = sys_fcntl(new_fd, dup_cmd, fd);
	if (moved < 0)
		return moved;
	sys_close((int)moved);
	sys_close(fd);
	moved = sys_fcntl(new_fd, dup_cmd, fd);
	if (moved == fd)
		return 0;
	if (moved >= 0)
		sys_close((int)moved);
	return -EBADF;
}

static bool stands_for(int fd, const struct uprobe *uprobe, enum fd_role role)
{
	const struct fdtable_slot *slot = fdtable_slot(fd);

	return slot && slot->uprobe == uprobe && slot->role == role;
}

int uprobe_fd(const struct uprobe *uprobe, enum fd_role role)
{
	if (!uprobe->fds[role])
		return -1;
	if (stands_for(uprobe->last_fd[role], uprobe, role))
		return uprobe->last_fd[role];
	for (int fd = fdtable_next(0); fd >= 0; fd = fdtable_next(fd + 1))
		if (stands_for(fd, uprobe, role))
			return fd;
	return -1;
}

int uprobe_live_fd(struct uprobe *uprobe, enum fd_role role)
{
	enum fd_role found;
	int fd;

	while ((fd = uprobe_fd(uprobe, role)) >= 0 && uprobe_at(fd, &found) != uprobe)
		;
	return fd;
}

long uprobe_replace(struct uprobe *uprobe, enum fd_role role, int fd, int new_fd)
{
	struct fd_limit limit = { 0 };
	long err;

	/* The limit may have been lowered below fd since it was opened. */
	do {
		err = replace_event(fd, new_fd);
	} while (err == -EINVAL && fd_limit_raise(&limit, fd));
	fd_limit_restore(&limit);
	if (err || uprobe->fds[role] == 1)
		return err;
	for (int other = fdtable_next(0); other >= 0; other = fdtable_next(other + 1))
		if (other != fd && stands_for(other, uprobe, role) &&
		    (target_is_at(other, uprobe->dev, uprobe->ino) || link_is(other, uprobe->link)))
			replace_event(other, new_fd);
	return 0;
}
