// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "attach.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attach_multi.h"
#include "bpf.h"
#include "config.h"
#include "detach.h"
#include "fd_limit.h"
#include "features_cache.h"
#include "hints.h"
#include "keeper.h"
#include "log.h"
#include "multi_link.h"
#include "perf_links.h"
#include "policy.h"
#include "process.h"
#include "program.h"
#include "report.h"
#include "stats.h"
#include "shared_link.h"
#include "thread_limit.h"
#include "uprobe.h"

/** One attach, whichever way the tool asked for it. */
struct attach {
	struct uprobe *uprobe;
	int event_fd;
	struct program *program; /* NULL if its load was not seen */
	enum variant variant;    /* of prog_fd, where the program is known */
	int prog_fd;
	uint64_t cookie;
	const struct bpf_call *call; /* the tool's, or NULL for an ioctl */
	enum fd_role holder;         /* which fds shall keep it attached */
	const char *reason;          /* for the report */
	struct why why;
};

/* ---- the upgrade --------------------------------------------------------------------------------- */

static long make_link(struct attach *attach)
{
	struct uprobe *uprobe = attach->uprobe;
	const bool one = uprobe->cnt == 1;
	const struct multi_link link = {
		.program = attach->program,
		.variant = attach->variant,
		.prog_fd = attach->prog_fd,
		.target_fd = attach->event_fd,
		.process = uprobe->process,
		.retprobe = uprobe->retprobe,
		.cnt = uprobe->cnt,
		.kprobe = uprobe->kprobe,
		.symbol = uprobe->kprobe && !uprobe->address ? uprobe->path : NULL,
		.offsets = uprobe->offsets ? uprobe->offsets : uprobe_place(uprobe),
		.ref_ctr_offsets = one && uprobe->ref_ctr_offset ? &uprobe->ref_ctr_offset : NULL,
		.cookies = one && attach->cookie ? &attach->cookie : NULL,
		.for_a_moment = attach->holder == FD_EVENT || !attach->call,
		.call = attach->call,
	};
	long fd = multi_link_create(&link, &attach->why);

	if (fd >= 0 && link_behind((int)fd, &uprobe->link)) {
		sys_close((int)fd);
		attach->why.reason = "the kernel's multi link would not be known again";
		fd = -EOPNOTSUPP;
	}
	if (fd < 0)
		attach->reason = attach->why.reason;
	return fd;
}

/** Did the tool attach to this event before, and does that link still live, in whoever's hands? */
static bool has_live_link(struct uprobe *uprobe)
{
	long fd;

	if (uprobe->state == UPROBE_LINK || uprobe->state == UPROBE_COLLECTED)
		return true;
	if (uprobe->state != UPROBE_LINKED)
		return false;
	fd = bpf_fd_by_id(BPF_LINK_GET_FD_BY_ID, uprobe->link.id);
	if (fd >= 0)
		sys_close((int)fd);
	if (fd >= 0 || (fd != -ENOENT && uprobe->fds[FD_LINK]))
		return true;
	uprobe->state = UPROBE_PENDING;
	uprobe->attached = false;
	return false;
}

static void note_attach(const struct attach *attach, enum fd_role holder)
{
	struct uprobe *uprobe = attach->uprobe;

	uprobe->attached = true;
	uprobe->owner = process_id();
	uprobe->holder = holder;
	uprobe->cookie = attach->cookie;
	uprobe_name_program(uprobe, attach->program);
}

static bool collect(const struct attach *attach)
{
	if (attach->holder != FD_EVENT || !shared_link_collects(attach->uprobe, attach->program))
		return false;
	note_attach(attach, FD_EVENT);
	shared_link_add(attach->uprobe, attach->program);
	return true;
}

enum way { WAY_MULTI, WAY_COLLECTED, WAY_PERF, WAY_NONE };

/**
 * Which way an attach goes. WAY_MULTI: result is the new link's fd. WAY_COLLECTED: result is what the tool
 * gets. WAY_NONE: result is the errno for the tool. WAY_PERF: the event is native now, and the kernel is to
 * be asked.
 */
static enum way choose_way(struct attach *attach, long *result)
{
	struct uprobe *uprobe = attach->uprobe;
	struct verdict verdict =
		policy_attach(attach->program, uprobe, features_cached(), programs_read_stacks());

	*result = -EOPNOTSUPP;
	attach->reason = verdict.reason;
	if (has_live_link(uprobe)) {
		*result = -EEXIST;
		attach->reason = "the uprobe already has a program";
		return WAY_NONE;
	}
	if (!verdict.reason && uprobe->state == UPROBE_PENDING) {
		if (collect(attach)) {
			*result = attach->call ? attach->event_fd : 0;
			return WAY_COLLECTED;
		}
		*result = make_link(attach);
		if (*result >= 0) {
			attach->reason = "upgraded";
			return WAY_MULTI;
		}
	}
	if (!attach->reason)
		attach->reason = "the perf event was in use before";
	/* One offset on the perf path would not be what a link of many was asked for. */
	if ((uprobe->offsets && (verdict.wanted || !attach_multi_over_perf())) ||
	    (config.require && !verdict.wanted)) {
		log_line(LOG_ERROR, "not attached to %s+0x%llx: %s", uprobe->path,
			 (unsigned long long)uprobe->offset, attach->reason);
		return WAY_NONE;
	}
	*result = uprobe_go_native(uprobe, attach->event_fd);
	return *result < 0 ? WAY_NONE : WAY_PERF;
}

/* ---- the perf path ------------------------------------------------------------------------------- */

/**
 * R1: the kernel does not look at the expected attach type in PERF_EVENT_IOC_SET_BPF, and the multi variant's
 * helpers would then read a structure that is not there. So a perf event gets the single variant: the fd of
 * the tool, or one to close.
 */
static long single_for_event(const struct attach *attach)
{
	long multi;

	if (attach->program)
		return variant_is_multi(attach->variant) ? program_open(attach->program, VARIANT_SINGLE) :
							   attach->prog_fd;
	/* Not seen at its load. The kernel tells what it is, unless this process may not ask it. */
	multi = probe_program_is_multi(attach->prog_fd);
	if (multi > 0)
		return -EINVAL;
	return multi < 0 && programs_have_multi() ? multi : attach->prog_fd;
}

/** arg is all of the ioctl's argument: on what is no perf event the same number may mean something else. */
static long set_bpf_natively(const struct attach *attach, long arg)
{
	long single_fd = single_for_event(attach), err;

	if (single_fd < 0)
		return single_fd;
	if (single_fd == attach->prog_fd)
		return sys_ioctl(attach->event_fd, PERF_EVENT_IOC_SET_BPF, arg);
	err = sys_ioctl(attach->event_fd, PERF_EVENT_IOC_SET_BPF, single_fd);
	sys_close((int)single_fd);
	return err;
}

/** The single variant takes an fd for the moment, which must not be the one that the link needs. */
static long link_single(const struct bpf_call *call, int single_fd)
{
	struct uapi_link_create attr = call->known.link_create;
	const struct bpf_call changed = call_with(call, &attr, sizeof(attr));
	struct fd_limit limit = { 0 };
	long link_fd;

	attr.prog_fd = (uint32_t)single_fd;
	do {
		link_fd = call_forward(&changed);
	} while (link_fd == -EMFILE && fd_limit_raise(&limit, 0));
	sys_close(single_fd);
	fd_limit_restore(&limit);
	return fd_limit_settle(&limit, link_fd);
}

/** For links the kernel looks at the type itself, and what the owner chose is the owner's to hear about. */
static long link_natively(const struct attach *attach)
{
	long single_fd;

	if (!attach->program || !variant_is_multi(attach->variant) || attach->program->owner_chose)
		return call_forward(attach->call);
	single_fd = program_open(attach->program, VARIANT_SINGLE);
	return single_fd < 0 ? single_fd : link_single(attach->call, (int)single_fd);
}

/* ---- what both ends share ------------------------------------------------------------------------ */

static void report_attach(const struct attach *attach, enum report_path path, long result)
{
	const struct uprobe *uprobe = attach->uprobe;
	struct report_line line =
		uprobe_report_line(uprobe, "attach", result < 0 ? REPORT_FAILED : path, attach->reason);

	line.program = attach->program ? attach->program->name : NULL;
	line.section = attach->program ? attach->program->section : NULL;
	line.error = result < 0 ? (int)-result : 0;
	line.cookie = attach->cookie;
	report(&line);
}

/** A new attach comes after what this thread has detached, in the kernel too. */
static void detach_before(int event_fd)
{
	enum fd_role role;
	struct uprobe *uprobe;
	sigset_t signals;
	bool same;

	if (!atomic_load(&stats_detaching))
		return;
	engine_lock(&signals);
	detach_reap();
	uprobe = uprobe_at(event_fd, &role);
	same = uprobe && uprobe->detaching;
	engine_unlock(&signals);
	if (same)
		detach_wait(CLOSERS_OF_ALL);
	else if (config.detach != DETACH_ASYNC && closer_is_awaited(CLOSERS_OF_THREAD))
		detach_wait(CLOSERS_OF_THREAD);
}

static struct uprobe *event_at(int fd)
{
	enum fd_role role;
	struct uprobe *uprobe = uprobe_at(fd, &role);

	return uprobe && role == FD_EVENT ? uprobe : NULL;
}

/**
 * Puts the link where the tool expects what it attached: it is a new fd, or takes the event's place. Returns
 * what the tool gets, or a negative errno.
 */
static long place_link(struct attach *attach, int link_fd)
{
	struct uprobe *uprobe = attach->uprobe;
	long err;

	if (attach->holder == FD_LINK) {
		fdtable_put(link_fd, FD_LINK, uprobe);
		uprobe->state = UPROBE_LINKED;
		return link_fd;
	}
	err = uprobe_replace(uprobe, FD_EVENT, attach->event_fd, link_fd);
	sys_close(link_fd);
	if (!err)
		uprobe->state = UPROBE_LINK;
	if (err)
		return err;
	return attach->call ? attach->event_fd : 0;
}

/** What a link needs from the time that it is the tool's. */
static void keep_link(struct uprobe *uprobe, int fd)
{
	if (detach_is_locked_up())
		return;
	thread_limit_read();
	keeper_make_room(fd);
	uprobe->kept = keeper_keep(fd);
}

static long attach_uprobe(struct attach *attach, long (*natively)(const struct attach *attach))
{
	struct uprobe *uprobe = attach->uprobe;
	enum report_path path = REPORT_MULTI;
	enum fd_role holder = attach->holder;
	long result;

	switch (choose_way(attach, &result)) {
	case WAY_COLLECTED:
		return result;
	case WAY_MULTI:
		result = place_link(attach, (int)result);
		if (result >= 0)
			keep_link(uprobe, attach->holder == FD_LINK ? (int)result : attach->event_fd);
		break;
	case WAY_PERF:
		path = REPORT_PERF;
		holder = attach->call ? FD_LINK : FD_EVENT;
		result = natively(attach);
		break;
	case WAY_NONE:
		break;
	}
	if (result >= 0)
		note_attach(attach, holder);
	uprobe->offsets = NULL; /* the caller's, for this call only */
	report_attach(attach, path, result);
	return result;
}

/** What this uprobe's one link on the perf path leaves to be attached of a link of many. */
static long link_others(const struct attach *attach)
{
	struct uprobe *uprobe = attach->uprobe;
	const struct perf_places others = {
		.path = uprobe->path,
		.prog_fd = attach->prog_fd,
		.process = uprobe->process,
		.retprobe = uprobe->retprobe,
		.cnt = uprobe->cnt - 1,
		.offsets = uprobe->offsets + 1,
	};

	return perf_links_attach(&others, &uprobe->others);
}

static long link_uprobe_natively(const struct attach *attach)
{
	struct uprobe *uprobe = attach->uprobe;
	long result = uprobe->offsets ? link_others(attach) : 0;

	if (!result)
		result = link_natively(attach);
	if (result >= 0) {
		link_behind((int)result, &uprobe->link);
		fdtable_put((int)result, FD_LINK, uprobe);
	} else {
		perf_links_close(uprobe->others);
	}
	return result;
}

static long set_bpf_on_uprobe_natively(const struct attach *attach)
{
	return set_bpf_natively(attach, attach->prog_fd);
}

/* ---- by link, by ioctl ---------------------------------------------------------------------------- */

/**
 * libbpf closes its perf event only if that is another fd than the link. So for an event that libbpf itself
 * has just opened, one fd can be both: half of what the tool needed without upshift.
 */
static bool one_fd_will_do(struct uprobe *uprobe, int event_fd)
{
	const struct attach_hint *hint = hints_for_attach();

	/* A link's fd below 3 it moves, and closes the one it was given. */
	if (!uprobe || uprobe->fds[FD_EVENT] != 1 || event_fd <= STDERR_FILENO)
		return false;
	uprobe->one_fd = uprobe->opened_by_libbpf && hint && hint->by_libbpf;
	return uprobe->one_fd;
}

long attach_by_link(const struct bpf_call *call)
{
	const struct uapi_link_create *attr = &call->known.link_create;
	struct attach attach = {
		.event_fd = (int)attr->target_fd,
		.prog_fd = (int)attr->prog_fd,
		.cookie = attr->perf_event.bpf_cookie,
		.call = call,
	};
	sigset_t signals;
	long result;

	detach_before(attach.event_fd);
	engine_lock(&signals);
	attach.uprobe = event_at(attach.event_fd);
	attach.program = program_behind(attach.prog_fd, &attach.variant);
	attach.holder = one_fd_will_do(attach.uprobe, attach.event_fd) ? FD_EVENT : FD_LINK;
	/* What is not known of perf links, the kernel refuses before it looks at the fd. */
	if (attach.uprobe && !attr->flags && call_is_known(call, sizeof(*attr)))
		result = attach_uprobe(&attach, link_uprobe_natively);
	else
		result = link_natively(&attach);
	if (result >= 0 && !attach.uprobe)
		fdtable_drop((int)result); /* whatever had the number before was closed unseen */
	engine_unlock(&signals);
	return result;
}

long attach_multi_natively(const struct bpf_call *call)
{
	struct attach attach = { .prog_fd = (int)call->known.link_create.prog_fd, .call = call };
	sigset_t signals;
	long result;

	engine_lock(&signals);
	attach.program = program_behind(attach.prog_fd, &attach.variant);
	result = link_natively(&attach);
	engine_unlock(&signals);
	return result;
}

long attach_by_ioctl(int fd, long arg)
{
	const int prog_fd = (int)arg;
	struct attach attach = { .event_fd = fd, .prog_fd = prog_fd, .holder = FD_EVENT };
	sigset_t signals;
	long result;

	detach_before(fd);
	engine_lock(&signals);
	attach.uprobe = event_at(fd);
	attach.program = program_behind(prog_fd, &attach.variant);
	if (attach.uprobe)
		result = attach_uprobe(&attach, set_bpf_on_uprobe_natively);
	else
		result = set_bpf_natively(&attach, arg);
	engine_unlock(&signals);
	return result;
}
