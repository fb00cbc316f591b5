/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * What the parts of batch.h share: batch.c keeps the batches and their members, batch_link.c makes their
 * links, batch_pause.c finds out when a loop of the tool's pauses. For the holder of the engine's lock.
 */
#ifndef UPSHIFT_BATCH_INTERNAL_H
#define UPSHIFT_BATCH_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "batch.h"

/* A link of many, or what is to become one. */
struct batch {
	const struct collect_scope
		*scope; /* until the link is made: who collects, or NULL for the tool's loops */
	bool attached;
	bool has_left; /* a member, since the link was made */
	pid_t owner;
	uint32_t link_id, link_type;
	struct program *program;
	struct uprobe *members, **end;
	unsigned int cnt;
	struct batch *next;
};

/** An empty one, first in the list; NULL for want of memory. */
struct batch *batch_new(struct program *program, const struct collect_scope *scope);

void batch_add_member(struct batch *batch, struct uprobe *uprobe);
void batch_remove_member(struct batch *batch, struct uprobe *uprobe);

/** Members whose fds were closed unseen leave; the numbers may be the tool's files by now. */
void batch_drop_gone(struct batch *batch);

void batch_report_member(const struct uprobe *member, const char *event, const char *reason);

/**
 * One link of all members. One bad member does not take the others down: what is bad by itself gets the
 * kernel's own answer, and leaves. 0 or the first error.
 */
long batch_attach(struct batch *batch);

/** The same of a batch that was attached and has lost members; on failure they stay attached. */
void batch_attach_anew(struct batch *batch);

/** Has batch_settle() called when the loop has paused for so long, or calls it now if it cannot. */
enum { PAUSES_AFTER_ATTACH = 1, PAUSES_AFTER_CLOSE = 10 };
void batch_settle_after(unsigned int pauses);

/** Is a thread waiting for that pause? */
bool batch_has_flusher(void);

/** In a fork child there is none. */
void batch_forget_flusher(void);

#endif
