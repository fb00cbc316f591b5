// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "features_cache.h"
#include "hints.h"
#include "kernel.h"
#include "kprobe.h"
#include "policy.h"
#include "process.h"
#include "program.h"
#include "target.h"
#include "token.h"
#include "uprobe.h"
#include "uprobe_internal.h"

long uprobe_open_perf_event(const struct perf_open *open)
{
	const long fd = kernel_call(SYS_perf_event_open, (long)open->attr, open->pid, open->cpu,
				    open->group_fd, (long)open->flags, 0);

	return token_tell_perf(fd, 0, 0, true);
}

/** Copies the attributes of any size; false if they have more than is known here, or cannot be read. */
static bool copy_attr(struct perf_event_attr *copy, const struct perf_event_attr *attr)
{
	unsigned char bytes[512] = { 0 };
	const uint32_t size = attr->size;

	if (size < PERF_ATTR_SIZE_VER1 || size > sizeof(bytes) || kernel_copy_from(bytes, attr, size))
		return false;
	for (size_t i = sizeof(*copy); i < size; i++)
		if (bytes[i])
			return false;
	memcpy(copy, bytes, sizeof(*copy));
	return true;
}

/** An event that serves for nothing but to run a BPF program: no sampling, no reading, no groups. */
static bool only_runs_bpf(const struct perf_open *open, const struct perf_event_attr *attr)
{
	static const struct perf_event_attr none;
	struct perf_event_attr rest = *attr;

	rest.type = rest.size = rest.wakeup_events = 0;
	rest.config = attr->config & 0xfffffffe;
	rest.sample_period = rest.config1 = rest.config2 = 0;
	rest.disabled = 0;
	/* An fd that outlives exec() must be what it is said to be: nobody will be there to make it that. */
	return memcmp(&rest, &none, sizeof(rest)) == 0 && open->group_fd == -1 &&
	       open->flags == PERF_FLAG_FD_CLOEXEC &&
	       (open->pid == -1 ? open->cpu == 0 : open->pid >= 0 && (open->cpu == -1 || open->cpu == 0));
}

/** Puts the arguments to the kernel as they are, and remembers nothing. */
static long open_unremembered(const struct perf_open *open)
{
	long fd = uprobe_open_perf_event(open);

	if (fd >= 0)
		fdtable_drop((int)fd); /* whatever had the number before was closed unseen */
	return fd;
}

/** Puts the arguments to the kernel as they are. The event is remembered, for the report. */
static long open_native(const struct perf_open *open, struct uprobe *uprobe, const char *reason)
{
	long fd = open_unremembered(open);

	/* Only now is the path known to be readable; a kprobe's name was copied with care. */
	if (fd >= 0 && !uprobe->kprobe)
		uprobe->path = strdup(u64_to_ptr(uprobe->attr.uprobe_path));
	uprobe->state = UPROBE_NATIVE;
	uprobe->keep_perf = reason;
	if (fd < 0 || !uprobe->path || fdtable_put((int)fd, FD_EVENT, uprobe))
		uprobe_put(uprobe);
	return fd;
}

static long put_pending(struct uprobe *uprobe, int fd, const struct stat *st)
{
	uprobe->dev = st->st_dev;
	uprobe->ino = st->st_ino;
	uprobe->state = UPROBE_PENDING;
	return fdtable_put(fd, FD_EVENT, uprobe);
}

/** The pending uprobe's fd, or a negative errno: then the kernel shall say itself what it thinks of it. */
static long open_pending(const struct perf_open *open, struct uprobe *uprobe)
{
	const char *path = u64_to_ptr(uprobe->attr.uprobe_path);
	long process = target_process(open->pid);
	struct stat st;
	long fd, err;

	if (process < 0)
		return process;
	fd = target_open(path, uprobe->offset, uprobe->ref_ctr_offset, &st);
	if (fd < 0)
		return fd;
	uprobe->path = strdup(path);
	uprobe->process = (pid_t)process;
	err = uprobe->path ? put_pending(uprobe, (int)fd, &st) : -ENOMEM;
	if (!err)
		return fd;
	free(uprobe->path);
	uprobe->path = NULL;
	sys_close((int)fd);
	return err;
}

/** Does this process trace by the privilege of a BPF token, which covers no perf events? */
static bool lives_on_token(void)
{
	if (config.token)
		features_cached(); /* tries it, if no load has yet */
	return token_is_used();
}

/** R11 is about uprobes, and not about a link of many, which the tool itself asked for. */
static const char *reason_of_pid(const struct perf_open *open, const struct uprobe *uprobe,
				 const struct attach_hint *hint)
{
	if (uprobe->kprobe || (hint && hint->offsets))
		return NULL;
	return policy_pid(open->pid, lives_on_token()).reason;
}

/** What speaks for a perf event whatever its program; NULL if nothing does. */
static const char *reason_for_perf(const struct perf_open *open, struct uprobe *uprobe)
{
	const struct attach_hint *hint = hints_for_attach();
	const char *reason;

	uprobe->opened_by_libbpf = hint && hint->by_libbpf;
	uprobe->perf_is_wanted = true;
	if (hint && hint->keep_perf)
		return hint->keep_perf;
	if (!only_runs_bpf(open, &uprobe->attr))
		return "the perf event was asked for more than to run a BPF program";
	reason = reason_of_pid(open, uprobe, hint);
	if (reason)
		return reason;
	uprobe->perf_is_wanted = false;
	/* Such an event may be for counting, and its fd would have to be readable. Not one of libbpf's own.
	 */
	if (!uprobe->opened_by_libbpf && !programs_have_any())
		return "the process had no BPF program when it made the perf event";
	return NULL;
}

/** NULL where it cannot be remembered. */
static struct uprobe *read_open(const struct perf_open *open)
{
	struct perf_event_attr attr;

	return copy_attr(&attr, open->attr) ? uprobe_new(open, &attr) : NULL;
}

long uprobe_open(const struct perf_open *open)
{
	const struct attach_hint *hint = hints_for_attach();
	struct uprobe *uprobe = read_open(open);
	const char *reason;
	long fd;

	if (!uprobe)
		return open_unremembered(open);
	reason = reason_for_perf(open, uprobe);
	if (reason)
		return open_native(open, uprobe, reason);
	if (hint && hint->offsets) {
		uprobe->offsets = hint->offsets;
		uprobe->cnt = hint->cnt;
	}
	if (policy_kernel(features_cached(), false).reason)
		return open_native(open, uprobe, NULL);
	fd = open_pending(open, uprobe);
	return fd >= 0 ? fd : open_native(open, uprobe, "the target or the pid could not be examined");
}

/* ---- the same of kprobes -------------------------------------------------------------------------- */

static long open_pending_kprobe(struct uprobe *uprobe)
{
	struct stat st;
	long fd = kprobe_open_stand_in(&st), err;

	if (fd < 0)
		return fd;
	err = put_pending(uprobe, (int)fd, &st);
	if (!err)
		return fd;
	sys_close((int)fd);
	return err;
}

long kprobe_open(const struct perf_open *open)
{
	struct uprobe *uprobe = read_open(open);
	struct verdict verdict;
	const char *reason;
	bool no_links;
	long fd;

	if (!uprobe)
		return open_unremembered(open);
	uprobe->kprobe = true;
	kprobe_read_name(uprobe);
	reason = reason_for_perf(open, uprobe);
	if (reason)
		return open_native(open, uprobe, reason);
	no_links = policy_kernel(features_cached(), true).reason != NULL;
	verdict = no_links ? kprobe_examine_place(uprobe) : kprobe_examine(uprobe);
	uprobe->perf_is_wanted = verdict.wanted;
	if (verdict.reason || no_links)
		return open_native(open, uprobe, verdict.reason);
	fd = open_pending_kprobe(uprobe);
	return fd >= 0 ? fd : open_native(open, uprobe, "the kernel's list of events could not be opened");
}
