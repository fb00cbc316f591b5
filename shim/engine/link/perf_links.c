// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "perf_links.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include "bpf.h"
#include "fd_limit.h"
#include "features_cache.h"
#include "kernel.h"
#include "log.h"

static long open_event(const struct perf_places *places, uint32_t i)
{
	const uint64_t ref_ctr_offset = places->ref_ctr_offsets ? places->ref_ctr_offsets[i] : 0;
	const struct perf_event_attr attr = {
		.type = (uint32_t)features_cached()->uprobe_pmu_type,
		.size = sizeof(attr),
		.config = (uint64_t)places->retprobe << RETPROBE_BIT | ref_ctr_offset << REF_CTR_SHIFT,
		.uprobe_path = ptr_to_u64(places->path),
		.probe_offset = places->offsets[i],
	};

	if (ref_ctr_offset > UINT32_MAX)
		return -EINVAL; /* perf has no room for it */
	return kernel_call(SYS_perf_event_open, (long)&attr, places->process ? places->process : -1,
			   places->process ? -1 : 0, -1, PERF_FLAG_FD_CLOEXEC, 0);
}

static long link_event(const struct perf_places *places, uint32_t i, int event_fd)
{
	const struct uapi_link_create attr = {
		.prog_fd = (uint32_t)places->prog_fd,
		.target_fd = (uint32_t)event_fd,
		.attach_type = BPF_PERF_EVENT,
		.perf_event = { .bpf_cookie = places->cookies ? places->cookies[i] : 0 },
	};

	return bpf_create_link(&attr);
}

/** Where there is no room apart, the number that it has must do. */
static int move_apart(int fd)
{
	const long apart = fd_limit_dup_apart(fd);

	if (apart < 0)
		return fd;
	sys_close(fd);
	return (int)apart;
}

/** First all events: what the kernel thinks of the places is known before the program runs for any. */
static long open_events(const struct perf_places *places, struct perf_links *links)
{
	uint32_t refused = 0, first = 0;
	long err = 0, fd;

	for (uint32_t i = 0; i < places->cnt; i++) {
		fd = open_event(places, i);
		if (fd >= 0) {
			links->links[links->cnt++] = (struct perf_link){ .fd = move_apart((int)fd) };
			continue;
		}
		if (!refused++) {
			first = i;
			err = fd;
		}
		if (fd == -EMFILE || fd == -ENFILE)
			break;
	}
	if (refused)
		log_line(LOG_INFO,
			 "not attached to %s: of %u places %u were refused, the first at 0x%llx: %s",
			 places->path, places->cnt, refused, (unsigned long long)places->offsets[first],
			 errno_name((int)-err));
	return err;
}

static long link_events(const struct perf_places *places, struct perf_links *links)
{
	long fd = 0, err = 0;

	for (uint32_t i = 0; i < places->cnt && !err; i++) {
		struct perf_link *link = &links->links[i];

		fd = link_event(places, i, link->fd);
		if (fd < 0)
			return fd;
		sys_close(link->fd);
		link->fd = move_apart((int)fd);
		err = link_behind(link->fd, &link->link);
	}
	return err;
}

long perf_links_attach(const struct perf_places *places, struct perf_links **links)
{
	long err;

	*links = calloc(1, sizeof(**links) + places->cnt * sizeof((*links)->links[0]));
	if (!*links)
		return -ENOMEM;
	err = open_events(places, *links);
	if (!err)
		err = link_events(places, *links);
	if (!err)
		return 0;
	perf_links_close(*links);
	free(*links);
	*links = NULL;
	return err;
}

void perf_links_close(struct perf_links *links)
{
	while (links && links->cnt) {
		const struct perf_link *link = &links->links[--links->cnt];

		if (!link->link.id || link_is(link->fd, link->link))
			sys_close(link->fd);
	}
}
