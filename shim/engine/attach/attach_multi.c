// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "attach_multi.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attach.h"
#include "bpf.h"
#include "config.h"
#include "fdtable.h"
#include "features_cache.h"
#include "log.h"
#include "perf_links.h"
#include "policy.h"
#include "process.h"
#include "program.h"
#include "report.h"
#include "target.h"
#include "uprobe.h"

enum { MAX_PLACES = 1 << 20 }; /* "bpf: Add multi uprobe link": MAX_UPROBE_MULTI_CNT */

/** What the tool asks for, its arrays in memory of ours. */
struct request {
	struct perf_places places;
	uint64_t *memory;
};

/*
 * UPSHIFT=require wants links, and no substitutes. R1: a program of the multi type goes to perf uprobes here
 * only because a kernel without such links knows no other helpers for it.
 */
bool attach_multi_over_perf(void)
{
	const struct features *features = features_cached();

	return features->no_uprobe_multi_link && features->cookie && features->uprobe_pmu_type > 0 &&
	       !config.require;
}

/** What a kernel with such links would take, as far as that does not depend on the target. */
static bool is_valid(const struct bpf_call *call)
{
	const struct uapi_link_create *attr = &call->known.link_create;

	return call_is_known(call, LINK_CREATE_SIZE) && !attr->flags &&
	       !(attr->uprobe_multi.flags & ~(uint32_t)UAPI_BPF_F_UPROBE_MULTI_RETURN) &&
	       attr->uprobe_multi.path && attr->uprobe_multi.offsets && attr->uprobe_multi.cnt &&
	       attr->uprobe_multi.cnt <= MAX_PLACES && (int)attr->uprobe_multi.pid >= 0;
}

/** One of the tool's arrays, which may be none at all. */
static long copy_array(uint64_t *to, uint64_t from, uint32_t cnt, const uint64_t **array)
{
	*array = from ? to : NULL;
	return from ? kernel_copy_from(to, u64_to_ptr(from), cnt * sizeof(*to)) : 0;
}

static long copy_arrays(struct request *request, const struct uapi_link_create *attr)
{
	struct perf_places *places = &request->places;
	const uint32_t cnt = attr->uprobe_multi.cnt;
	long err;

	request->memory = calloc(3 * (size_t)cnt, sizeof(uint64_t));
	if (!request->memory)
		return -ENOMEM;
	err = copy_array(request->memory, attr->uprobe_multi.offsets, cnt, &places->offsets);
	if (!err)
		err = copy_array(request->memory + cnt, attr->uprobe_multi.ref_ctr_offsets, cnt,
				 &places->ref_ctr_offsets);
	if (!err)
		err = copy_array(request->memory + 2 * (size_t)cnt, attr->uprobe_multi.cookies, cnt,
				 &places->cookies);
	return err;
}

static long check_target(const char *path)
{
	struct stat st;
	long fd = target_open(path, 0, 0, &st);

	if (fd >= 0)
		sys_close((int)fd);
	return fd < 0 ? fd : 0;
}

/** The link's filter is a process; perf would take a thread's id too. */
static long check_process(pid_t pid)
{
	long process = pid ? target_process(pid) : 0;

	return process >= 0 && process != pid ? -ESRCH : 0;
}

static long read_request(struct request *request, const struct uapi_link_create *attr)
{
	long err;

	*request = (struct request){
		.places = {
			.path = u64_to_ptr(attr->uprobe_multi.path),
			.prog_fd = (int)attr->prog_fd,
			.process = (pid_t)attr->uprobe_multi.pid,
			.retprobe = attr->uprobe_multi.flags & UAPI_BPF_F_UPROBE_MULTI_RETURN,
			.cnt = attr->uprobe_multi.cnt,
		},
	};
	err = check_target(request->places.path);
	if (!err)
		err = check_process(request->places.process);
	return err ? err : copy_arrays(request, attr);
}

/** The first place is the link that the tool gets, and the others end with it. */
static struct uprobe *uprobe_of(const struct request *request, const struct program *program,
				struct perf_links *links)
{
	const struct perf_places *places = &request->places;
	struct uprobe *uprobe = calloc(1, sizeof(*uprobe));

	if (!uprobe)
		return NULL;
	*uprobe = (struct uprobe){
		.state = UPROBE_NATIVE,
		.path = strdup(places->path),
		.pid = places->process ? places->process : -1,
		.retprobe = places->retprobe,
		.offset = places->offsets[0],
		.ref_ctr_offset = places->ref_ctr_offsets ? places->ref_ctr_offsets[0] : 0,
		.cookie = places->cookies ? places->cookies[0] : 0,
		.cnt = places->cnt,
		.holder = FD_LINK,
		.owner = process_id(),
		.others = links,
	};
	uprobe_name_program(uprobe, program);
	return uprobe;
}

static long hand_out(struct uprobe *uprobe)
{
	struct perf_links *links = uprobe->others;
	const int apart = links->links[0].fd;
	long fd = sys_fcntl(apart, F_DUPFD_CLOEXEC, 0), err = fd;

	if (fd >= 0) {
		link_behind((int)fd, &uprobe->link);
		err = fdtable_put((int)fd, FD_LINK, uprobe);
	}
	if (!err) {
		sys_close(apart);
		links->links[0] = links->links[--links->cnt];
		uprobe->attached = true;
		return fd;
	}
	if (fd >= 0)
		sys_close((int)fd);
	uprobe_put(uprobe);
	return err;
}

static void report_attach(const struct uprobe *uprobe)
{
	const struct report_line line =
		uprobe_report_line(uprobe, "attach", REPORT_PERF,
				   "perf uprobes stand in for a link that the tool asked for: this kernel "
				   "has no uprobe_multi links");

	report(&line);
}

static long attach_request(const struct request *request, const struct program *program)
{
	struct perf_links *links;
	struct uprobe *uprobe;
	long result = perf_links_attach(&request->places, &links);

	if (result)
		return result;
	uprobe = uprobe_of(request, program, links);
	if (!uprobe) {
		perf_links_close(links);
		free(links);
		return -ENOMEM;
	}
	result = hand_out(uprobe);
	if (result >= 0)
		report_attach(uprobe);
	return result;
}

static long attach_over_perf(const struct bpf_call *call)
{
	const struct uapi_link_create *attr = &call->known.link_create;
	struct request request;
	enum variant variant;
	const struct program *program = program_behind((int)attr->prog_fd, &variant);
	long result;

	if (program && variant != VARIANT_UPROBE_MULTI)
		return -EINVAL;
	result = read_request(&request, attr);
	if (!result && policy_configured(program, request.places.path).reason)
		result = -EINVAL;
	if (!result)
		result = attach_request(&request, program);
	free(request.memory);
	return result;
}

long attach_multi(const struct bpf_call *call)
{
	long result = programs_have_ours() ? attach_multi_natively(call) : call_forward(call);
	sigset_t signals;

	engine_lock(&signals);
	if (result == -EINVAL && is_valid(call) && attach_multi_over_perf())
		result = attach_over_perf(call);
	else if (result >= 0)
		fdtable_drop((int)result); /* whatever had the number before was closed unseen */
	engine_unlock(&signals);
	return result;
}

bool attach_multi_is_over_perf(int fd)
{
	struct uprobe *uprobe;
	enum fd_role role;
	sigset_t signals;
	bool is;

	if (!fdtable_has(fd))
		return false;
	engine_lock(&signals);
	uprobe = uprobe_at(fd, &role);
	is = uprobe && role == FD_LINK && uprobe->others && uprobe->others->cnt;
	engine_unlock(&signals);
	return is;
}
