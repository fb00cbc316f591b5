// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "shared_link.h"

#include <errno.h>
#include <stdlib.h>

#include "hints.h"
#include "keeper.h"
#include "kernel.h"
#include "multi_link.h"
#include "process.h"
#include "report.h"
#include "sharing.h"
#include "uprobe.h"

/* ---- collecting ------------------------------------------------------------------------- */

static bool fits(const struct collection *collection, const struct uprobe *uprobe,
		 const struct program *program)
{
	const struct uprobe *first = collection->first;

	return !first || (collection->program == program && first->owner == process_id() &&
			  first->process == uprobe->process && first->retprobe == uprobe->retprobe &&
			  first->dev == uprobe->dev && first->ino == uprobe->ino);
}

bool shared_link_collects(const struct uprobe *uprobe, const struct program *program)
{
	const struct attach_hint *hint = hints_for_attach();

	return hint && hint->collect && program && !uprobe->kprobe && uprobe->cnt == 1 &&
	       fits(hint->collect, uprobe, program);
}

void shared_link_add(struct uprobe *uprobe, struct program *program)
{
	struct collection *collection = hints_for_attach()->collect;

	if (!collection->first)
		*collection = (struct collection){ program, uprobe };
	uprobe->state = UPROBE_COLLECTED;
	uprobe->attached = false;
	uprobe->collection = collection;
	uprobe_share(uprobe, collection->first);
}

static void report_attach(const struct uprobe *member)
{
	const struct report_line line = uprobe_report_line(
		member, "attach", REPORT_MULTI,
		uprobe_has_sharers(member) ? "upgraded, with others on one link" : "upgraded");

	report(&line);
}

/* ---- the link ------------------------------------------------------------------------------------ */

static unsigned int count(const struct uprobe *first)
{
	const struct uprobe *member = first;
	unsigned int cnt = 0;

	do {
		cnt++;
		member = member->next;
	} while (member != first);
	return cnt;
}

/** What the kernel wants to know of each, in link's three lists: one piece of memory. */
static uint64_t *list_members(const struct uprobe *first, struct multi_link *link)
{
	const uint32_t cnt = link->cnt;
	uint64_t *lists = calloc(3 * (size_t)cnt, sizeof(*lists));
	const struct uprobe *member = first;

	for (uint32_t i = 0; lists && i < cnt; i++, member = member->next) {
		lists[i] = member->offset;
		lists[cnt + i] = member->ref_ctr_offset;
		lists[2 * cnt + i] = member->cookie;
		if (member->ref_ctr_offset)
			link->ref_ctr_offsets = lists + cnt;
		if (member->cookie)
			link->cookies = lists + 2 * cnt;
	}
	link->offsets = lists;
	return lists;
}

/** As with a single link: one that could not be told from others later is none. */
static long create_link(struct uprobe *first, struct program *program)
{
	struct multi_link link = {
		.program = program,
		.prog_fd = -1,
		.target_fd = uprobe_fd(first, FD_EVENT),
		.process = first->process,
		.retprobe = first->retprobe,
		.cnt = count(first),
		.for_a_moment = true,
	};
	uint64_t *lists = list_members(first, &link);
	struct why why;
	long fd = lists ? multi_link_create(&link, &why) : -ENOMEM;

	free(lists);
	if (fd < 0 || !link_behind((int)fd, &first->link))
		return fd;
	sys_close((int)fd);
	return -EOPNOTSUPP;
}

/** Lets all members' fds be the link. */
static void hand_out(struct uprobe *first, int link_fd)
{
	const struct kept kept = keeper_keep(link_fd);
	struct uprobe *member = first;

	do {
		uprobe_replace(member, FD_EVENT, uprobe_fd(member, FD_EVENT), link_fd);
		member->state = UPROBE_LINK;
		member->attached = true;
		member->kept = kept; /* for the last of them to let go */
		member->link = first->link;
		report_attach(member);
		member = member->next;
	} while (member != first);
	sys_close(link_fd);
}

/** Members whose fds were closed unseen leave; the numbers may be the tool's files by now. */
static void drop_gone(const struct collection *collection)
{
	struct uprobe *member = collection->first, *next;

	for (unsigned int left = member ? count(member) : 0; left; left--, member = next) {
		next = member->next;
		uprobe_live_fd(member, FD_EVENT);
	}
}

/** The collection is gone when the call has returned; those that an error left unattached are closed next. */
static void end(struct collection *collection)
{
	for (struct uprobe *member = collection->first; member && member->collection; member = member->next)
		member->collection = NULL;
	collection->first = NULL;
}

long shared_link_attach(struct collection *collection)
{
	long link_fd = 0;

	if (collection->first && collection->first->owner != process_id())
		return 0;
	drop_gone(collection);
	if (collection->first)
		link_fd = create_link(collection->first, collection->program);
	if (collection->first && link_fd >= 0)
		hand_out(collection->first, (int)link_fd);
	end(collection);
	return link_fd < 0 ? link_fd : 0;
}
