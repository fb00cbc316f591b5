// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "batch_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attach.h"
#include "detach.h"
#include "fd_limit.h"
#include "kernel.h"
#include "kprobe.h"
#include "log.h"
#include "multi_link.h"
#include "target.h"
#include "uprobe.h"

/** What the kernel wants to know of each probe, in one piece of memory. */
struct probes {
	uint64_t *offsets, *ref_ctr_offsets, *cookies;
};

static bool probes_of(const struct batch *batch, struct probes *probes)
{
	bool ref_ctrs = false, cookies = false;
	uint32_t i = 0;

	probes->offsets = calloc(3 * (size_t)batch->cnt, sizeof(uint64_t));
	if (!probes->offsets)
		return false;
	probes->ref_ctr_offsets = probes->offsets + batch->cnt;
	probes->cookies = probes->ref_ctr_offsets + batch->cnt;
	for (const struct uprobe *member = batch->members; member; member = member->next_member, i++) {
		probes->offsets[i] = *uprobe_place(member);
		probes->ref_ctr_offsets[i] = member->ref_ctr_offset;
		probes->cookies[i] = member->cookie;
		ref_ctrs |= member->ref_ctr_offset;
		cookies |= member->cookie;
	}
	if (!ref_ctrs)
		probes->ref_ctr_offsets = NULL;
	if (!cookies)
		probes->cookies = NULL;
	return true;
}

/** As with a single link: one that could not be told from others later is none. */
static long note_link(struct batch *batch, int link_fd, struct why *why)
{
	struct uprobe note;

	if (uprobe_note_link(&note, link_fd)) {
		sys_close(link_fd);
		why->reason = "the kernel's multi link would not be known again";
		return -EOPNOTSUPP;
	}
	batch->link_id = note.link_id;
	batch->link_type = note.link_type;
	return link_fd;
}

static long create_link(struct batch *batch, int target_fd, struct why *why)
{
	struct probes probes;
	struct multi_link link = {
		.program = batch->program,
		.prog_fd = -1,
		.target_fd = target_fd,
		.kprobe = batch->members->kprobe,
		.process = batch->members->process,
		.retprobe = batch->members->retprobe,
		.cnt = batch->cnt,
		.for_a_moment = true,
	};
	long fd;

	if (!probes_of(batch, &probes))
		return -ENOMEM;
	link.offsets = probes.offsets;
	link.ref_ctr_offsets = probes.ref_ctr_offsets;
	link.cookies = probes.cookies;
	fd = multi_link_create(&link, why);
	free(probes.offsets);
	return fd < 0 ? fd : note_link(batch, (int)fd, why);
}

/** Lets all members' fds be the link. */
static void hand_out(struct batch *batch, int link_fd)
{
	for (struct uprobe *member = batch->members; member; member = member->next_member) {
		uprobe_replace(member, member->holder, uprobe_fd(member, member->holder), link_fd);
		member->state = member->holder == FD_LINK ? UPROBE_LINKED : UPROBE_LINK;
		member->attached = true;
		member->link_id = batch->link_id;
		member->link_type = batch->link_type;
	}
}

/* ---- attaching ----------------------------------------------------------------------------------- */

/** The second half of the members, in a batch of its own; NULL for want of memory. */
static struct batch *split(struct batch *batch)
{
	struct batch *rest = batch_new(batch->program, batch->scope);
	struct uprobe *member = batch->members, *next;

	for (unsigned int i = batch->cnt / 2; rest && i; i--)
		member = member->next_member;
	for (; rest && member; member = next) {
		next = member->next_member;
		batch_remove_member(batch, member);
		batch_add_member(rest, member);
	}
	return rest;
}

/** One bad member must not take the others down. What is bad by itself gets the kernel's own answer. */
static long attach_in_parts(struct batch *batch)
{
	struct batch *rest = batch->cnt > 1 ? split(batch) : NULL;
	struct uprobe *member, *next;
	long err = 0, other;

	if (rest) {
		err = batch_attach(batch);
		other = batch_attach(rest);
		return err ? err : other;
	}
	for (member = batch->members; member; member = next) {
		next = member->next_member;
		batch_remove_member(batch, member);
		other = attach_alone(member, batch->program);
		if (other < 0 && !batch->scope)
			log_line(LOG_ERROR, "the attach to %s+0x%llx failed after its call had returned: %s",
				 member->path, (unsigned long long)member->offset, errno_name((int)-other));
		if (!err && other < 0)
			err = other;
	}
	return err;
}

long batch_attach(struct batch *batch)
{
	struct uprobe *first = batch->members;
	int target_fd = uprobe_live_fd(first, FD_EVENT);
	struct why why;
	long link_fd;

	if (target_fd < 0)
		target_fd = uprobe_live_fd(first, FD_LINK);
	link_fd = create_link(batch, target_fd, &why);
	if (link_fd < 0)
		return attach_in_parts(batch);
	hand_out(batch, (int)link_fd);
	sys_close((int)link_fd);
	batch->attached = true;
	batch->scope = NULL;
	for (const struct uprobe *member = batch->members; member; member = member->next_member)
		batch_report_member(member, "attach",
				    batch->cnt > 1 ? "upgraded, with others on one link" : "upgraded");
	return 0;
}

/* ---- without those that have left ---------------------------------------------------------------- */

static long open_target(struct uprobe *member)
{
	struct stat st;
	long fd = member->state == UPROBE_LINKED ? uprobe_live_fd(member, FD_EVENT) : -1;

	if (fd >= 0)
		return sys_fcntl((int)fd, F_DUPFD_CLOEXEC, 0);
	fd = member->kprobe ? kprobe_open_stand_in(&st) :
			      target_open(member->path, member->offset, member->ref_ctr_offset, &st);
	if (fd < 0 || (st.st_dev == member->dev && st.st_ino == member->ino))
		return fd;
	sys_close((int)fd);
	return -ESTALE;
}

/** Stands for a link that has no member any more, until it is detached. */
static struct uprobe *leftover_of(const struct uprobe *member)
{
	struct uprobe *leftover = calloc(1, sizeof(*leftover));

	if (leftover) {
		leftover->state = UPROBE_LINK;
		leftover->path = strdup(member->path);
		leftover->offset = member->offset;
		leftover->pid = member->pid;
		leftover->retprobe = member->retprobe;
		leftover->cnt = 1;
	}
	return leftover;
}

static void free_leftover(struct uprobe *leftover)
{
	if (leftover)
		free(leftover->path);
	free(leftover);
}

void batch_attach_anew(struct batch *batch)
{
	struct uprobe *member = batch->members, *leftover = leftover_of(member);
	long target_fd = open_target(member), link_fd = target_fd, old_fd;
	struct why why = { .reason = "the target is no longer at its path" };

	if (target_fd >= 0) {
		link_fd = create_link(batch, (int)target_fd, &why);
		sys_close((int)target_fd);
	}
	if (link_fd < 0 || !leftover) {
		log_line(LOG_WARN, "what was closed of %s stays attached until all of its link is: %s",
			 member->path, why.reason);
		free_leftover(leftover);
		if (link_fd >= 0)
			sys_close((int)link_fd);
		return;
	}
	old_fd = fd_limit_dup_apart(uprobe_fd(member, member->holder));
	hand_out(batch, (int)link_fd);
	sys_close((int)link_fd);
	if (old_fd >= 0)
		sys_close((int)old_fd);
	else
		uprobe_put(leftover); /* it was detached with the last fd that was replaced */
}
