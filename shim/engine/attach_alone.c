// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What was collected and has no link together with others: attached by itself, when libbpf believes it
 * attached. */
#include <errno.h>
#include <linux/perf_event.h>

#include "attach.h"
#include "attach_internal.h"
#include "bpf.h"
#include "config.h"
#include "fd_limit.h"
#include "keeper.h"
#include "kernel.h"

/** For a moment too: there is an fd already whose place the link will take. */
static long link_for_a_moment(const struct uapi_link_create *attr)
{
	struct fd_limit limit = { 0 };
	long fd;

	do {
		fd = bpf_create_link(attr);
	} while (fd == -EMFILE && fd_limit_raise(&limit, 0));
	fd_limit_restore(&limit);
	return fd;
}

static long single_alone(const struct attach *attach, bool by_link)
{
	long single_fd = program_open(attach->program, VARIANT_SINGLE), result;
	const struct uapi_link_create attr = {
		.prog_fd = (uint32_t)single_fd,
		.target_fd = (uint32_t)attach->event_fd,
		.attach_type = BPF_PERF_EVENT,
		.perf_event = { .bpf_cookie = attach->cookie },
	};

	if (single_fd < 0)
		return single_fd;
	if (by_link)
		result = link_for_a_moment(&attr);
	else
		result = sys_ioctl(attach->event_fd, PERF_EVENT_IOC_SET_BPF, single_fd);
	sys_close((int)single_fd);
	return result;
}

/** On a perf event; a link to it takes its place, as libbpf was told. */
static long attach_alone_natively(const struct attach *attach)
{
	struct uprobe *uprobe = attach->uprobe;
	long result = uprobe_go_native(uprobe, attach->event_fd), link_fd;

	if (!result)
		result = single_alone(attach, uprobe->one_fd);
	if (result < 0 || !uprobe->one_fd)
		return result;
	link_fd = result;
	uprobe_note_link(uprobe, (int)link_fd);
	uprobe->state = UPROBE_LINK;
	result = uprobe_replace(uprobe, FD_EVENT, attach->event_fd, (int)link_fd);
	sys_close((int)link_fd);
	return result;
}

long attach_alone(struct uprobe *uprobe, struct program *program)
{
	struct attach attach = {
		.uprobe = uprobe,
		.event_fd = uprobe_fd(uprobe, FD_EVENT),
		.program = program,
		.prog_fd = -1,
		.cookie = uprobe->cookie,
		.holder = FD_EVENT,
		.reason = "upgraded",
	};
	enum report_path path = REPORT_MULTI;
	long result = attach_make_link(&attach);

	if (result >= 0) {
		const int link_fd = (int)result;

		result = uprobe_replace(uprobe, FD_EVENT, attach.event_fd, link_fd);
		if (!result)
			uprobe->kept = keeper_keep(link_fd);
		sys_close(link_fd);
		uprobe->state = UPROBE_LINK;
	} else if (!config.require) {
		path = REPORT_PERF;
		uprobe->state = UPROBE_PENDING;
		result = attach_alone_natively(&attach);
	}
	if (result < 0)
		uprobe->state = UPROBE_COLLECTED; /* for good: it is as good as detached */
	else
		attach_note(&attach, FD_EVENT);
	attach_report(&attach, path, result);
	return result;
}
