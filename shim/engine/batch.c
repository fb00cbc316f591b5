// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "batch.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "attach.h"
#include "config.h"
#include "detach.h"
#include "fd_limit.h"
#include "hints.h"
#include "kernel.h"
#include "log.h"
#include "multi_link.h"
#include "process.h"
#include "program.h"
#include "report.h"
#include "target.h"
#include "uprobe.h"

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

static struct batch *batches;
atomic_bool batch_waits;

static bool start_flusher(void);
bool (*batch_start_flusher)(void) = start_flusher;

static bool stopped;
static bool settling;
static bool has_flusher;
static atomic_uint activity, pauses_needed;

/* A loop that attaches has paused after two of these, one that closes after some: a link that is made anew
 * too early takes time of its own, and nobody can look before it is. */
enum { PAUSE_NS = 1000000, PAUSES_AFTER_ATTACH = 1, PAUSES_AFTER_CLOSE = 10 };

/* ---- the list of batches ------------------------------------------------------------------------- */

static bool fits(const struct batch *batch, const struct uprobe *uprobe, const struct program *program,
		 const struct collect_scope *scope)
{
	const struct uprobe *member = batch->members;

	return !batch->attached && batch->scope == scope && batch->program == program &&
	       batch->owner == sys_getpid() && member && member->process == uprobe->process &&
	       member->retprobe == uprobe->retprobe && member->dev == uprobe->dev &&
	       member->ino == uprobe->ino;
}

static struct batch *new_batch(struct program *program, const struct collect_scope *scope)
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

static void add_member(struct batch *batch, struct uprobe *uprobe)
{
	uprobe->batch = batch;
	uprobe->next_member = NULL;
	uprobe->member_place = batch->end;
	*batch->end = uprobe;
	batch->end = &uprobe->next_member;
	batch->cnt++;
}

static void remove_member(struct batch *batch, struct uprobe *uprobe)
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

/** Members whose fds were closed unseen leave; the numbers may be the tool's files by now. */
static void drop_gone(struct batch *batch)
{
	struct uprobe *member, *next;

	for (member = batch->members; member; member = next) {
		next = member->next_member;
		uprobe_live_fd(member, member->holder);
	}
}

/* ---- one link of all members --------------------------------------------------------------------- */

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
		probes->offsets[i] = member->offset;
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

static void report_member(const struct uprobe *member, const char *event, const char *reason)
{
	const struct report_line line = {
		.event = event,
		.program = member->program,
		.section = member->section,
		.path = REPORT_MULTI,
		.reason = reason,
		.target = member->path,
		.offset = member->offset,
		.ref_ctr_offset = member->ref_ctr_offset,
		.cookie = member->cookie,
		.pid = member->pid,
		.retprobe = member->retprobe,
		.probes = 1,
	};

	report(&line);
}

/* ---- attaching ----------------------------------------------------------------------------------- */

static long attach_members(struct batch *batch);

/** The second half of the members, in a batch of its own; NULL for want of memory. */
static struct batch *split(struct batch *batch)
{
	struct batch *rest = new_batch(batch->program, batch->scope);
	struct uprobe *member = batch->members, *next;

	for (unsigned int i = batch->cnt / 2; rest && i; i--)
		member = member->next_member;
	for (; rest && member; member = next) {
		next = member->next_member;
		remove_member(batch, member);
		add_member(rest, member);
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
		err = attach_members(batch);
		other = attach_members(rest);
		return err ? err : other;
	}
	for (member = batch->members; member; member = next) {
		next = member->next_member;
		remove_member(batch, member);
		other = attach_alone(member, batch->program);
		if (other < 0 && !batch->scope)
			log_line(LOG_ERROR, "the attach to %s+0x%llx failed after its call had returned: %s",
				 member->path, (unsigned long long)member->offset,
				 strerrorname_np((int)-other));
		if (!err && other < 0)
			err = other;
	}
	return err;
}

static long attach_members(struct batch *batch)
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
		report_member(member, "attach",
			      batch->cnt > 1 ? "upgraded, with others on one link" : "upgraded");
	return 0;
}

static long attach_collected(const struct collect_scope *scope)
{
	long err = 0, result;

	settling = true;
	/* New ones, from halving, come before the one that is at hand: they are attached by then. */
	for (struct batch *batch = batches; batch; batch = batch->next) {
		if (batch->attached || batch->scope != scope || !batch->cnt || batch->owner != sys_getpid())
			continue;
		drop_gone(batch);
		result = batch->cnt ? attach_members(batch) : 0;
		if (!err)
			err = result;
	}
	free_empty();
	settling = false;
	return err;
}

/* ---- without those that have left ---------------------------------------------------------------- */

static long open_target(struct uprobe *member)
{
	struct stat st;
	long fd = member->state == UPROBE_LINKED ? uprobe_live_fd(member, FD_EVENT) : -1;

	if (fd >= 0)
		return sys_fcntl((int)fd, F_DUPFD_CLOEXEC, 0);
	fd = target_open(member->path, member->offset, member->ref_ctr_offset, &st);
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

static void make_anew(struct batch *batch)
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
		detach_private(leftover, (int)old_fd);
	else
		uprobe_put(leftover); /* it was detached with the last fd that was replaced */
}

void batch_settle_detaches(void)
{
	settling = true;
	for (struct batch *batch = stopped ? NULL : batches; batch; batch = batch->next) {
		if (!batch->has_left || batch->owner != sys_getpid())
			continue;
		drop_gone(batch);
		batch->has_left = false;
		if (batch->cnt)
			make_anew(batch);
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

/* ---- when the loop pauses ------------------------------------------------------------------------ */

static bool settle_after_pause(unsigned int seen)
{
	sigset_t signals;
	bool done;

	engine_lock(&signals);
	done = atomic_load(&activity) == seen;
	if (done) {
		batch_settle();
		has_flusher = false;
	}
	engine_unlock(&signals);
	return done;
}

static void *flush(void *unused)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	unsigned int seen = 0, pauses = 0;

	(void)unused;
	pthread_setname_np(pthread_self(), "upshift-batch");
	do {
		pauses = atomic_load(&activity) == seen ? pauses + 1 : 0;
		seen = atomic_load(&activity);
		nanosleep(&pause, NULL);
	} while (pauses < atomic_load(&pauses_needed) || !settle_after_pause(seen));
	return NULL;
}

/** With the engine's lock all signals are blocked, and so they are in the thread. */
static bool start_flusher(void)
{
	pthread_attr_t attr;
	pthread_t thread;
	bool started;

	if (pthread_attr_init(&attr))
		return false;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	started = pthread_create(&thread, &attr, flush, NULL) == 0;
	pthread_attr_destroy(&attr);
	return started;
}

/** What leaves while all is being settled is seen to there. */
static void settle_soon(unsigned int pauses)
{
	if (settling)
		return;
	atomic_store(&pauses_needed, pauses);
	atomic_store(&batch_waits, true);
	atomic_fetch_add(&activity, 1);
	if (!has_flusher)
		has_flusher = batch_start_flusher();
	if (!has_flusher)
		batch_settle();
}

/* ---- members come and go ------------------------------------------------------------------------- */

static const struct collect_scope *current_scope(void)
{
	const struct attach_hint *hint = hints_for_attach();

	return hint ? hint->collect : NULL;
}

bool batch_wants(const struct uprobe *uprobe, const struct program *program)
{
	if (!program || uprobe->offsets || uprobe->cnt != 1 || stopped)
		return false;
	/* A tool that traces itself could miss its own next call. */
	return current_scope() || (config.batch && !uprobe->traces_itself);
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
		batch = new_batch(program, scope);
	if (!batch)
		return -ENOMEM;
	if (uprobe->holder == FD_LINK)
		result = placeholder(uprobe, event_fd);
	if (result < 0)
		return result;
	uprobe->state = UPROBE_COLLECTED;
	add_member(batch, uprobe);
	if (!scope && !has_flusher)
		fd_limit_grow_table(event_fd);
	if (!scope)
		settle_soon(PAUSES_AFTER_ATTACH);
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
	remove_member(batch, uprobe);
	uprobe->link_id = 0;
	if (uprobe->state == UPROBE_LINKED || uprobe->state == UPROBE_COLLECTED)
		uprobe->state = UPROBE_PENDING; /* its event, if that is still open */
	if (!batch->attached || !batch->cnt || batch->owner != sys_getpid())
		return;
	report_member(uprobe, "detach",
		      "its last file descriptor in this process was closed; others keep the link");
	if (stopped)
		return;
	batch->has_left = true;
	/* One libbpf call that collected is undone by one: the others will have left when it returns. */
	if (config.batch || !hints_detach_scope())
		settle_soon(PAUSES_AFTER_CLOSE);
	else
		atomic_store(&batch_waits, true);
}

void batch_stop(void)
{
	stopped = true;
}

void batch_adopt(void)
{
	has_flusher = false;
}
