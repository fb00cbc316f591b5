// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "detach.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "hints.h"
#include "kernel.h"
#include "keeper.h"
#include "perf_links.h"
#include "process.h"
#include "sharing.h"
#include "stats.h"
#include "thread_limit.h"
#include "uprobe.h"

static atomic_bool locked_up;

/* ---- which way ----------------------------------------------------------------------------------- */

/** Copies that were closed unseen: their numbers are known, and keep nothing. */
static void drop_gone_copies(const struct uprobe *uprobe)
{
	enum fd_role role;

	for (int fd = fdtable_next(0); fd >= 0; fd = fdtable_next(fd + 1))
		if (fdtable_slot(fd)->uprobe == uprobe)
			uprobe_at(fd, &role);
}

struct uprobe *detach_of(int fd)
{
	enum fd_role role;
	struct uprobe *uprobe = uprobe_at(fd, &role);

	if (!uprobe || !uprobe->attached || uprobe->holder != role)
		return NULL;
	if (uprobe->fds[role] != 1)
		drop_gone_copies(uprobe);
	if (uprobe->fds[role] != 1)
		return NULL;
	return uprobe_has_sharers(uprobe) ? NULL : uprobe;
}

/** A link that a parent process holds as well is not detached by a child's close. */
static bool is_ours_to_detach(const struct uprobe *uprobe)
{
	return uprobe->state != UPROBE_NATIVE && uprobe_is_ours(uprobe);
}

/**
 * Kernel functions the tool runs itself with each system call, and to close their links at once is no faster
 * than one by one: such a close waits.
 */
static enum detach_way choose_way(const struct uprobe *uprobe)
{
	if (!is_ours_to_detach(uprobe) || detach_is_locked_up())
		return DETACH_HERE;
	if (config.detach == DETACH_ASYNC)
		return uprobe->kept.name ? DETACH_BY_KERNEL : DETACH_PAST;
	/* A libbpf call that waits at its end need not wait for each. */
	if (hints_in_detach_scope())
		return DETACH_PAST;
	return config.detach == DETACH_SYNC || uprobe->kprobe ? DETACH_HERE : DETACH_PAST;
}

/* ---- by a closer --------------------------------------------------------------------------------- */

/** The entry goes before the fd does: the number cannot be anybody else's yet. */
static void take(struct uprobe *uprobe, int fd)
{
	fdtable_take(fd);
	uprobe->attached = false;
}

/** With as many closers at work as there may be, waits for one of them. */
static bool start_closer(const struct closer_job *job, struct closing *closing, sigset_t *signals)
{
	for (;;) {
		detach_reap();
		if (closer_start(job, closing))
			return true;
		if (!closer_is_awaited(CLOSERS_OF_ALL))
			return false;
		engine_unlock(signals);
		closer_wait_for_room();
		engine_lock(signals);
	}
}

static bool hand_over(struct uprobe *uprobe, int fd, int nothing_fd, struct closing *closing,
		      sigset_t *signals)
{
	const struct closer_job job = {
		.fd = fd,
		.nothing_fd = nothing_fd,
		.many = uprobe->cnt > 1 || uprobe->next,
		.kept = uprobe->kept,
		.owner = uprobe,
	};

	uprobe->detaching = true;
	atomic_fetch_add(&stats_detaching, 1);
	if (start_closer(&job, closing, signals))
		return true;
	atomic_fetch_sub(&stats_detaching, 1);
	uprobe->detaching = false;
	return false;
}

void detach_begin(struct detach *detach, struct uprobe *uprobe, int fd, sigset_t *signals)
{
	*detach = (struct detach){ .uprobe = uprobe, .fd = fd, .way = choose_way(uprobe) };
	/* A second link of the same uprobe: the first is not reported yet. */
	if (uprobe->detaching)
		detach->way = DETACH_HERE;
	take(uprobe, fd);
	if (detach->way != DETACH_PAST)
		return;
	if (hand_over(uprobe, fd, -1, &detach->closing, signals))
		fdtable_give_up(uprobe, uprobe->holder);
	else
		detach->way = DETACH_HERE;
}

bool detach_by_closer(struct uprobe *uprobe, int fd, int nothing_fd, sigset_t *signals)
{
	struct closing closing;
	bool handed_over;

	if (!is_ours_to_detach(uprobe) || uprobe->detaching || detach_is_locked_up())
		return false;
	take(uprobe, fd);
	handed_over = hand_over(uprobe, fd, nothing_fd, &closing, signals);
	if (!handed_over) {
		uprobe->attached = true;
		fdtable_put(fd, uprobe->holder, uprobe);
	}
	fdtable_give_up(uprobe, uprobe->holder);
	if (!handed_over)
		return false;
	engine_unlock(signals);
	closer_wait_past(&closing);
	engine_lock(signals);
	return true;
}

/* ---- afterwards ---------------------------------------------------------------------------------- */

static void let_go(struct uprobe *uprobe)
{
	keeper_let_go(&uprobe->kept);
	uprobe->kept.name = 0;
}

/** Closes the fd in this thread. */
static long close_here(struct detach *detach)
{
	struct uprobe *uprobe = detach->uprobe;
	const uint64_t start = stats_now_ns();
	uint64_t duration_ns;
	sigset_t signals;
	long result;

	if (detach->way == DETACH_HERE && is_ours_to_detach(uprobe))
		let_go(uprobe);
	result = sys_close(detach->fd);
	if (detach->way == DETACH_BY_KERNEL)
		let_go(uprobe);
	perf_links_close(uprobe->others);
	engine_lock(&signals);
	duration_ns = stats_now_ns() - start;
	uprobe_report_detach(uprobe, duration_ns);
	if (uprobe->state == UPROBE_NATIVE)
		stats_native_detach(duration_ns);
	fdtable_give_up(uprobe, uprobe->holder);
	engine_unlock(&signals);
	return result;
}

long detach_end(struct detach *detach)
{
	if (detach->way != DETACH_PAST)
		return close_here(detach);
	closer_wait_past(&detach->closing);
	return 0;
}

void detach_before_close(struct uprobe *uprobe)
{
	if (!is_ours_to_detach(uprobe))
		return;
	let_go(uprobe);
	uprobe_report_detach(uprobe, 0);
	uprobe->attached = false;
}

void detach_reap(void)
{
	struct uprobe *uprobe;
	uint64_t duration_ns;

	while ((uprobe = closer_reap(&duration_ns))) {
		uprobe_report_detach(uprobe, duration_ns);
		uprobe->detaching = false;
		uprobe->kept.name = 0;
		atomic_fetch_sub(&stats_detaching, 1);
		uprobe_put(uprobe);
	}
}

void detach_wait(enum closer_whose whose)
{
	sigset_t signals;

	closer_wait(whose);
	engine_lock(&signals);
	detach_reap();
	engine_unlock(&signals);
}

void detach_lock_up(void)
{
	keeper_lock_up();
	atomic_store(&locked_up, true);
}

bool detach_is_locked_up(void)
{
	return atomic_load(&locked_up);
}

void detach_adopt(void)
{
	closer_adopt();
	keeper_adopt();
	thread_limit_adopt();
	atomic_store(&stats_detaching, 0);
}
