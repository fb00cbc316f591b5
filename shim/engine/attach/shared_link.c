// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "shared_link.h"

#include <errno.h>
#include <stdlib.h>

#include "hints.h"
#include "keeper.h"
#include "kernel.h"
#include "multi_link.h"
#include "report.h"
#include "uprobe.h"

/* ---- members come and go ------------------------------------------------------------------------- */

static bool fits(const struct collection *collection, const struct uprobe *uprobe,
		 const struct program *program)
{
	const struct uprobe *first = collection->first;

	return !first || (collection->program == program && first->owner == sys_getpid() &&
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
	struct uprobe *first = collection->first ? collection->first : uprobe;

	if (first == uprobe) {
		*collection = (struct collection){ program, uprobe };
		uprobe->previous = uprobe;
	}
	uprobe->state = UPROBE_COLLECTED;
	uprobe->attached = false;
	uprobe->collection = collection;
	uprobe->next = first;
	uprobe->previous = first->previous;
	first->previous->next = uprobe;
	first->previous = uprobe;
}

bool shared_link_has_others(const struct uprobe *uprobe)
{
	return uprobe->next && uprobe->next != uprobe;
}

static void report_member(const struct uprobe *member, const char *event, const char *reason)
{
	const struct report_line line = uprobe_report_line(member, event, REPORT_MULTI, reason);

	report(&line);
}

void shared_link_leave(struct uprobe *uprobe)
{
	const bool others = shared_link_has_others(uprobe), ours = uprobe->owner == sys_getpid();

	if (!uprobe->next)
		return;
	/* A fork child has a copy of the members, and perhaps no thread that collects them. */
	if (ours && uprobe->collection && uprobe->collection->first == uprobe)
		uprobe->collection->first = others ? uprobe->next : NULL;
	if (ours && others && uprobe->state == UPROBE_LINK)
		report_member(uprobe, "detach",
			      "its last file descriptor in this process was closed; others keep the link");
	uprobe->previous->next = uprobe->next;
	uprobe->next->previous = uprobe->previous;
	uprobe->next = uprobe->previous = NULL;
	uprobe->collection = NULL;
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
	if (fd < 0 || !uprobe_note_link(first, (int)fd))
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
		member->link_id = first->link_id;
		member->link_type = first->link_type;
		report_member(member, "attach",
			      member->next == member ? "upgraded" : "upgraded, with others on one link");
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

	if (collection->first && collection->first->owner != sys_getpid())
		return 0;
	drop_gone(collection);
	if (collection->first)
		link_fd = create_link(collection->first, collection->program);
	if (collection->first && link_fd >= 0)
		hand_out(collection->first, (int)link_fd);
	end(collection);
	return link_fd < 0 ? link_fd : 0;
}
