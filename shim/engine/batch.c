// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "batch.h"

#include <errno.h>
#include <stdlib.h>

#include "batch_internal.h"
#include "config.h"
#include "fd_limit.h"
#include "hints.h"
#include "kernel.h"
#include "kprobe.h"
#include "process.h"
#include "program.h"
#include "report.h"
#include "uprobe.h"

static struct batch *batches;
atomic_bool batch_waits;

static bool stopped;
static bool settling;

/* ---- the list of batches ------------------------------------------------------------------------- */

/** A link has each kernel function once: what is attached to it twice needs two. */
static bool has_function(const struct batch *batch, const struct uprobe *kprobe)
{
	for (const struct uprobe *member = batch->members; member; member = member->next_member)
		if (member->address == kprobe->address)
			return true;
	return false;
}

static bool fits(const struct batch *batch, const struct uprobe *uprobe, const struct program *program,
		 const struct collect_scope *scope)
{
	const struct uprobe *member = batch->members;

	return !batch->attached && batch->scope == scope && batch->program == program &&
	       batch->owner == sys_getpid() && member && member->process == uprobe->process &&
	       member->retprobe == uprobe->retprobe && member->dev == uprobe->dev &&
	       member->ino == uprobe->ino && !(uprobe->kprobe && has_function(batch, uprobe));
}

struct batch *batch_new(struct program *program, const struct collect_scope *scope)
{
	struct batch *batch = calloc(1, sizeof(*batch));

	if (!batch)
		return NULL;
	*batch = (struct batch){ .scope = scope,
				 .owner = sys_getpid(),
				 .program = program,
				 .end = &batch->members,
				 .next = batches };
	batches = batch;
	return batch;
}

void batch_add_member(struct batch *batch, struct uprobe *uprobe)
{
	uprobe->batch = batch;
	uprobe->next_member = NULL;
	uprobe->member_place = batch->end;
	*batch->end = uprobe;
	batch->end = &uprobe->next_member;
	batch->cnt++;
}

void batch_remove_member(struct batch *batch, struct uprobe *uprobe)
{
	*uprobe->member_place = uprobe->next_member;
	if (uprobe->next_member)
		uprobe->next_member->member_place = uprobe->member_place;
	else
		batch->end = uprobe->member_place;
	batch->cnt--;
	uprobe->batch = NULL;
}

/** Batches that have no member any more. Only here, where memory may be freed. */
static void free_empty(void)
{
	for (struct batch **place = &batches; *place;) {
		struct batch *batch = *place;

		if (batch->cnt) {
			place = &batch->next;
			continue;
		}
		*place = batch->next;
		free(batch);
	}
}

void batch_drop_gone(struct batch *batch)
{
	struct uprobe *member, *next;

	for (member = batch->members; member; member = next) {
		next = member->next_member;
		uprobe_live_fd(member, member->holder);
	}
}

void batch_report_member(const struct uprobe *member, const char *event, const char *reason)
{
	struct report_line line = uprobe_report_line(member, event, REPORT_MULTI, reason);

	line.probes = 1;
	report(&line);
}

/* ---- settling ------------------------------------------------------------------------------------ */

static long attach_collected(const struct collect_scope *scope)
{
	long err = 0, result;

	settling = true;
	/* New ones, from halving, come before the one that is at hand: they are attached by then. */
	for (struct batch *batch = batches; batch; batch = batch->next) {
		if (batch->attached || batch->scope != scope || !batch->cnt || batch->owner != sys_getpid())
			continue;
		batch_drop_gone(batch);
		result = batch->cnt ? batch_attach(batch) : 0;
		if (!err)
			err = result;
	}
	free_empty();
	settling = false;
	return err;
}

void batch_settle_detaches(void)
{
	settling = true;
	for (struct batch *batch = stopped ? NULL : batches; batch; batch = batch->next) {
		if (!batch->has_left || batch->owner != sys_getpid())
			continue;
		batch_drop_gone(batch);
		batch->has_left = false;
		if (batch->cnt)
			batch_attach_anew(batch);
	}
	free_empty();
	settling = false;
}

void batch_settle(void)
{
	if (!atomic_load(&batch_waits) || stopped)
		return;
	attach_collected(NULL);
	batch_settle_detaches();
	/* Not earlier: who could see the difference has to wait for the lock until now. */
	atomic_store(&batch_waits, false);
}

long batch_end_scope(const struct collect_scope *scope)
{
	return stopped ? 0 : attach_collected(scope);
}

/* ---- members come and go ------------------------------------------------------------------------- */

/** What leaves while all is being settled is seen to there. */
static void settle_after(unsigned int pauses)
{
	if (!settling)
		batch_settle_after(pauses);
}

static const struct collect_scope *current_scope(void)
{
	const struct attach_hint *hint = hints_for_attach();

	return hint ? hint->collect : NULL;
}

bool batch_wants(const struct uprobe *uprobe, const struct program *program)
{
	if (!program || uprobe->offsets || uprobe->cnt != 1 || stopped)
		return false;
	/* Names could be of one function, and so could not share a link. */
	if (uprobe->kprobe && (!uprobe->address || (uprobe->retprobe && !kprobe_returns_are_separate())))
		return false;
	/* A tool that traces itself could miss its own next call. */
	return current_scope() || (config.batch);
}

/** For a tool that holds another fd for the link than for the event. */
static long placeholder(struct uprobe *uprobe, int event_fd)
{
	long fd = sys_fcntl(event_fd, F_DUPFD_CLOEXEC, 0);
	int err = fd >= 0 ? fdtable_put((int)fd, FD_LINK, uprobe) : 0;

	if (!err)
		return fd;
	sys_close((int)fd);
	return err;
}

long batch_add(struct uprobe *uprobe, struct program *program, int event_fd)
{
	const struct collect_scope *scope = current_scope();
	struct batch *batch = batches;
	long result = uprobe->one_fd ? event_fd : 0;

	uprobe->attached = false;
	while (batch && !fits(batch, uprobe, program, scope))
		batch = batch->next;
	if (!batch)
		batch = batch_new(program, scope);
	if (!batch)
		return -ENOMEM;
	if (uprobe->holder == FD_LINK)
		result = placeholder(uprobe, event_fd);
	if (result < 0)
		return result;
	uprobe->state = UPROBE_COLLECTED;
	batch_add_member(batch, uprobe);
	if (!scope)
		settle_after(PAUSES_AFTER_ATTACH);
	return result;
}

bool batch_has_others(const struct uprobe *uprobe)
{
	return uprobe->batch && uprobe->batch->cnt > 1;
}

void batch_leave(struct uprobe *uprobe)
{
	struct batch *batch = uprobe->batch;

	if (!batch)
		return;
	batch_remove_member(batch, uprobe);
	uprobe->link_id = 0;
	if (uprobe->state == UPROBE_LINKED || uprobe->state == UPROBE_COLLECTED)
		uprobe->state = UPROBE_PENDING; /* its event, if that is still open */
	if (!batch->attached || !batch->cnt || batch->owner != sys_getpid())
		return;
	batch_report_member(uprobe, "detach",
			    "its last file descriptor in this process was closed; others keep the link");
	if (stopped)
		return;
	batch->has_left = true;
	/* One libbpf call that collected is undone by one: the others will have left when it returns. */
	if (config.batch || !hints_in_detach_scope())
		settle_after(PAUSES_AFTER_CLOSE);
	else
		atomic_store(&batch_waits, true);
}

void batch_stop(void)
{
	stopped = true;
}

void batch_adopt(void)
{
	batch_forget_flusher();
}
