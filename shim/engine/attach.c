// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "attach.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bpf.h"
#include "config.h"
#include "detach.h"
#include "fd_limit.h"
#include "features_cache.h"
#include "log.h"
#include "policy.h"
#include "process.h"
#include "program.h"
#include "report.h"
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
	const char *reason;          /* for the report */
	char reason_buf[128];
};

/* ---- the upgrade --------------------------------------------------------------------------------- */

/*
 * R6: on kernels before 6.12 a uprobe_multi link that fails because no fd is left frees what is still
 * registered ("bpf: Fix use-after-free in bpf_uprobe_multi_link_attach()", CVE-2024-47675). So there must be
 * fds to spare, and some more for what other threads open meanwhile. Sessions came later than the fix.
 */
enum { FDS_TO_SPARE = 8 };

static bool fds_to_spare(int fd)
{
	long copies[FDS_TO_SPARE];
	int cnt = 0;

	while (cnt < FDS_TO_SPARE && (copies[cnt] = sys_fcntl(fd, F_DUPFD_CLOEXEC, 0)) >= 0)
		cnt++;
	for (int i = 0; i < cnt; i++)
		sys_close((int)copies[i]);
	return cnt == FDS_TO_SPARE;
}

static long create_multi_link(const struct attach *attach, int prog_fd)
{
	const struct uprobe *uprobe = attach->uprobe;
	char path[32];
	struct uapi_link_create attr = {
		.prog_fd = (uint32_t)prog_fd,
		.attach_type = UAPI_BPF_TRACE_UPROBE_MULTI,
		.uprobe_multi = {
			.path = ptr_to_u64(path),
			.offsets = ptr_to_u64(uprobe->offsets ? uprobe->offsets : &uprobe->offset),
			.cnt = uprobe->cnt,
			.flags = uprobe->retprobe ? UAPI_BPF_F_UPROBE_MULTI_RETURN : 0,
			.pid = (uint32_t)uprobe->process,
		},
	};

	if (uprobe->ref_ctr_offset && uprobe->cnt == 1)
		attr.uprobe_multi.ref_ctr_offsets = ptr_to_u64(&uprobe->ref_ctr_offset);
	if (attach->cookie && uprobe->cnt == 1)
		attr.uprobe_multi.cookies = ptr_to_u64(&attach->cookie);
	snprintf(path, sizeof(path), "/proc/thread-self/fd/%d", attach->event_fd);
	if (!attach->call)
		return bpf_create_link(&attr);
	/* With the flags of the tool's own command and what they add: the kernel shall judge them (R9). */
	return kernel_call(SYS_bpf, attach->call->cmd, (long)&attr, LINK_CREATE_SIZE, attach->call->rest[0],
			   attach->call->rest[1], attach->call->rest[2]);
}

/** The link's fd, or a negative errno and the reason. */
static long make_link(struct attach *attach)
{
	long prog_fd = attach->prog_fd, link_fd;

	if (!features_cached()->sessions && !fds_to_spare(attach->event_fd)) {
		attach->reason = "too few file descriptors are left to make a link safely";
		return -EMFILE;
	}
	if (attach->program && attach->variant != VARIANT_MULTI)
		prog_fd = program_open(attach->program, VARIANT_MULTI);
	if (prog_fd < 0) {
		snprintf(attach->reason_buf, sizeof(attach->reason_buf),
			 "the program could not be loaded again for a multi link: %s",
			 strerrorname_np((int)-prog_fd));
		attach->reason = attach->reason_buf;
		return prog_fd;
	}
	link_fd = create_multi_link(attach, (int)prog_fd);
	if (prog_fd != attach->prog_fd)
		sys_close((int)prog_fd);
	if (link_fd >= 0 && uprobe_note_link(attach->uprobe, (int)link_fd)) {
		sys_close((int)link_fd);
		link_fd = -EOPNOTSUPP; /* it would not be known again */
	}
	if (link_fd < 0) {
		snprintf(attach->reason_buf, sizeof(attach->reason_buf),
			 "the kernel refused the multi link: %s%s", strerrorname_np((int)-link_fd),
			 attach->program ? "" : ", the program's load was not seen");
		attach->reason = attach->reason_buf;
	}
	return link_fd;
}

/** Did the tool attach to this event before, and does that link still live, in whoever's hands? */
static bool has_live_link(struct uprobe *uprobe)
{
	long fd;

	if (uprobe->state == UPROBE_LINK)
		return true;
	if (uprobe->state != UPROBE_LINKED)
		return false;
	fd = bpf_fd_by_id(BPF_LINK_GET_FD_BY_ID, uprobe->link_id);
	if (fd >= 0)
		sys_close((int)fd);
	if (fd >= 0 || (fd != -ENOENT && uprobe->fds[FD_LINK]))
		return true;
	uprobe->state = UPROBE_PENDING;
	uprobe->attached = false;
	return false;
}

enum way { WAY_MULTI, WAY_PERF, WAY_NONE };

/**
 * Which way an attach goes. WAY_MULTI: result is the new link's fd. WAY_NONE: result is the errno for the
 * tool. WAY_PERF: the event is native now, and the kernel is to be asked.
 */
static enum way choose_way(struct attach *attach, long *result)
{
	struct uprobe *uprobe = attach->uprobe;
	struct verdict verdict = policy_attach(attach->program, uprobe, features_cached());

	*result = -EOPNOTSUPP;
	attach->reason = verdict.reason;
	if (has_live_link(uprobe)) {
		*result = -EEXIST;
		attach->reason = "the uprobe already has a program";
		return WAY_NONE;
	}
	if (!verdict.reason && uprobe->state == UPROBE_PENDING) {
		*result = make_link(attach);
		if (*result >= 0) {
			attach->reason = "upgraded";
			return WAY_MULTI;
		}
	}
	if (!attach->reason)
		attach->reason = "the perf event was in use before";
	/* One offset on the perf path would not be what a link of many was asked for. */
	if (uprobe->offsets || (config.require && !verdict.wanted)) {
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
		return attach->variant == VARIANT_MULTI ? program_open(attach->program, VARIANT_SINGLE) :
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

	if (!attach->program || attach->variant != VARIANT_MULTI || attach->program->owner_chose)
		return call_forward(attach->call);
	single_fd = program_open(attach->program, VARIANT_SINGLE);
	return single_fd < 0 ? single_fd : link_single(attach->call, (int)single_fd);
}

/* ---- what both ends share ------------------------------------------------------------------------ */

static void report_attach(const struct attach *attach, enum report_path path, long result)
{
	const struct uprobe *uprobe = attach->uprobe;
	const struct report_line line = {
		.event = "attach",
		.program = attach->program ? attach->program->name : NULL,
		.section = attach->program ? attach->program->section : NULL,
		.path = result < 0 ? REPORT_FAILED : path,
		.reason = attach->reason,
		.error = result < 0 ? (int)-result : 0,
		.target = uprobe->path,
		.offset = uprobe->offset,
		.ref_ctr_offset = uprobe->ref_ctr_offset,
		.cookie = attach->cookie,
		.pid = uprobe->pid,
		.retprobe = uprobe->retprobe,
		.probes = uprobe->cnt,
	};

	report(&line);
}

/** Keeps what the report on the detach will say; the program may be gone by then. */
static void note_attached(const struct attach *attach, enum fd_role holder)
{
	struct uprobe *uprobe = attach->uprobe;

	uprobe->attached = true;
	uprobe->owner = sys_getpid();
	uprobe->holder = holder;
	uprobe->cookie = attach->cookie;
	uprobe_name_program(uprobe, attach->program);
}

/** A new attach comes after what was detached before it, in the kernel too. */
static void detach_before(int event_fd)
{
	enum fd_role role;
	struct uprobe *uprobe;
	sigset_t signals;
	bool same;

	if (!atomic_load(&detach_pending))
		return;
	engine_lock(&signals);
	uprobe = uprobe_at(event_fd, &role);
	same = uprobe && uprobe->detach.pending;
	engine_unlock(&signals);
	if (same || config.detach != DETACH_ASYNC)
		detach_wait();
}

static struct uprobe *event_at(int fd)
{
	enum fd_role role;
	struct uprobe *uprobe = uprobe_at(fd, &role);

	return uprobe && role == FD_EVENT ? uprobe : NULL;
}

static long link_uprobe(struct attach *attach)
{
	long result;
	enum way way = choose_way(attach, &result);

	if (way == WAY_PERF)
		result = link_natively(attach);
	if (result >= 0) {
		if (way == WAY_MULTI)
			attach->uprobe->state = UPROBE_LINKED;
		else
			uprobe_note_link(attach->uprobe, (int)result);
		note_attached(attach, FD_LINK);
		fdtable_put((int)result, FD_LINK, attach->uprobe);
	}
	attach->uprobe->offsets = NULL; /* the caller's, for this call only */
	report_attach(attach, way == WAY_MULTI ? REPORT_MULTI : REPORT_PERF, result);
	return result;
}

static long set_bpf_on_uprobe(struct attach *attach)
{
	struct uprobe *uprobe = attach->uprobe;
	long result;
	enum way way = choose_way(attach, &result);

	if (way == WAY_PERF) {
		result = set_bpf_natively(attach, attach->prog_fd);
	} else if (way == WAY_MULTI) {
		const int link_fd = (int)result;

		result = uprobe_replace_events(uprobe, attach->event_fd, link_fd);
		sys_close(link_fd);
		if (!result)
			uprobe->state = UPROBE_LINK;
	}
	if (result >= 0)
		note_attached(attach, FD_EVENT);
	report_attach(attach, way == WAY_MULTI ? REPORT_MULTI : REPORT_PERF, result);
	return result;
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
	/* What is not known of perf links, the kernel refuses before it looks at the fd. */
	if (attach.uprobe && !attr->flags && call_is_known(call, sizeof(*attr)))
		result = link_uprobe(&attach);
	else
		result = link_natively(&attach);
	if (result >= 0 && !attach.uprobe)
		fdtable_drop((int)result); /* whatever had the number before was closed unseen */
	engine_unlock(&signals);
	return result;
}

long attach_by_ioctl(int fd, long arg)
{
	const int prog_fd = (int)arg;
	struct attach attach = { .event_fd = fd, .prog_fd = prog_fd };
	sigset_t signals;
	long result;

	detach_before(fd);
	engine_lock(&signals);
	attach.uprobe = event_at(fd);
	attach.program = program_behind(prog_fd, &attach.variant);
	if (attach.uprobe)
		result = set_bpf_on_uprobe(&attach);
	else
		result = set_bpf_natively(&attach, arg);
	engine_unlock(&signals);
	return result;
}
