// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "uprobe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "bpf.h"
#include "fd_limit.h"
#include "features_cache.h"
#include "hints.h"
#include "kernel.h"
#include "perf_links.h"
#include "policy.h"
#include "program.h"
#include "target.h"

static struct uprobe *released;

/** fclose() and others close without a call that we see: what was attached is not any more. */
static void note_unseen_close(struct uprobe *uprobe)
{
	if (uprobe->attached && uprobe->owner == sys_getpid() && !batch_has_others(uprobe))
		uprobe_report_detach(uprobe, 0);
	uprobe->attached = false;
}

void uprobe_put(struct uprobe *uprobe)
{
	if (!uprobe->fds[uprobe->holder]) {
		note_unseen_close(uprobe);
		batch_leave(uprobe);
		perf_links_close(uprobe->others);
	}
	if (uprobe->fds[FD_EVENT] || uprobe->fds[FD_LINK] || uprobe->detach.pending)
		return;
	uprobe->next_released = released;
	released = uprobe;
}

static void free_released(void)
{
	while (released) {
		struct uprobe *uprobe = released;

		released = uprobe->next_released;
		free(uprobe->path);
		free(uprobe->program);
		free(uprobe->section);
		free(uprobe->others);
		free(uprobe);
	}
}

static long open_perf_event(const struct perf_open *open)
{
	return kernel_call(SYS_perf_event_open, (long)open->attr, open->pid, open->cpu, open->group_fd,
			   (long)open->flags, 0);
}

/* ---- opening ------------------------------------------------------------------------------------- */

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

static struct uprobe *new_uprobe(const struct perf_open *open, const struct perf_event_attr *attr)
{
	struct uprobe *uprobe;

	free_released();
	uprobe = calloc(1, sizeof(*uprobe));
	if (!uprobe)
		return NULL;
	uprobe->attr = *attr;
	uprobe->attr.size = attr->size < sizeof(*attr) ? attr->size : sizeof(*attr);
	uprobe->pid = open->pid;
	uprobe->cpu = open->cpu;
	uprobe->retprobe = attr->config & (1u << RETPROBE_BIT);
	uprobe->offset = attr->probe_offset;
	uprobe->ref_ctr_offset = attr->config >> REF_CTR_SHIFT;
	uprobe->cnt = 1;
	return uprobe;
}

/** Puts the arguments to the kernel as they are, and remembers nothing. */
static long open_unremembered(const struct perf_open *open)
{
	long fd = open_perf_event(open);

	if (fd >= 0)
		fdtable_drop((int)fd); /* whatever had the number before was closed unseen */
	return fd;
}

/** Puts the arguments to the kernel as they are. The event is remembered, for the report. */
static long open_native(const struct perf_open *open, struct uprobe *uprobe, const char *reason)
{
	long fd = open_unremembered(open);

	/* Only now is the path known to be readable. */
	if (fd >= 0)
		uprobe->path = strdup(u64_to_ptr(uprobe->attr.uprobe_path));
	uprobe->state = UPROBE_NATIVE;
	uprobe->keep_perf = reason;
	if (fd < 0 || !uprobe->path || fdtable_put((int)fd, FD_EVENT, uprobe))
		uprobe_put(uprobe);
	return fd;
}

/** The pending uprobe's fd, or a negative errno: then the kernel shall say itself what it thinks of it. */
static long open_pending(const struct perf_open *open, struct uprobe *uprobe)
{
	const char *path = u64_to_ptr(uprobe->attr.uprobe_path);
	long process = target_process(open->pid);
	struct stat st;
	long fd;

	if (process < 0)
		return process;
	fd = target_open(path, uprobe->offset, uprobe->ref_ctr_offset, &st);
	if (fd < 0)
		return fd;
	uprobe->path = strdup(path);
	uprobe->process = (pid_t)process;
	uprobe->dev = st.st_dev;
	uprobe->ino = st.st_ino;
	uprobe->traces_itself = process == sys_getpid() || target_is_own_executable(&st);
	uprobe->state = UPROBE_PENDING;
	if (uprobe->path && fdtable_put((int)fd, FD_EVENT, uprobe) == 0)
		return fd;
	free(uprobe->path);
	uprobe->path = NULL;
	sys_close((int)fd);
	return -ENOMEM;
}

long uprobe_open(const struct perf_open *open)
{
	const struct attach_hint *hint = hints_for_attach();
	struct perf_event_attr attr;
	struct uprobe *uprobe;
	long fd;

	if (!copy_attr(&attr, open->attr))
		return open_unremembered(open);
	uprobe = new_uprobe(open, &attr);
	if (!uprobe)
		return open_unremembered(open);
	uprobe->opened_by_libbpf = hint && hint->by_libbpf;
	uprobe->perf_is_wanted = true;
	if (hint && hint->keep_perf)
		return open_native(open, uprobe, hint->keep_perf);
	if (!only_runs_bpf(open, &attr))
		return open_native(open, uprobe,
				   "the perf event was asked for more than to run a BPF program");
	uprobe->perf_is_wanted = false;
	/* Such an event may be for counting, and its fd would have to be readable. Not one of libbpf's own.
	 */
	if (!uprobe->opened_by_libbpf && !programs_have_any())
		return open_native(open, uprobe,
				   "the process had no BPF program when it made the perf event");
	if (hint && hint->offsets) {
		uprobe->offsets = hint->offsets;
		uprobe->cnt = hint->cnt;
	}
	if (policy_kernel(features_cached()).reason)
		return open_native(open, uprobe, NULL);
	fd = open_pending(open, uprobe);
	return fd >= 0 ? fd : open_native(open, uprobe, "the target or the pid could not be examined");
}

/* ---- looking up ---------------------------------------------------------------------------------- */

bool link_is(int fd, uint32_t id, uint32_t type)
{
	struct bpf_link_info info;
	long err = bpf_describe_link(fd, &info);

	return err ? err != -EBADF && err != -EINVAL : info.id == id && info.type == type;
}

static bool is_its_link(const struct uprobe *uprobe, int fd)
{
	return link_is(fd, uprobe->link_id, uprobe->link_type);
}

long uprobe_note_link(struct uprobe *uprobe, int fd)
{
	struct bpf_link_info info;
	long err = bpf_describe_link(fd, &info);

	uprobe->link_id = err ? 0 : info.id;
	uprobe->link_type = err ? 0 : info.type;
	return err;
}

void uprobe_name_program(struct uprobe *uprobe, const struct program *program)
{
	free(uprobe->program);
	free(uprobe->section);
	uprobe->program = program && program->name ? strdup(program->name) : NULL;
	uprobe->section = program && program->section ? strdup(program->section) : NULL;
}

struct report_line uprobe_report_line(const struct uprobe *uprobe, const char *event, enum report_path path,
				      const char *reason)
{
	return (struct report_line){
		.event = event,
		.program = uprobe->program,
		.section = uprobe->section,
		.path = path,
		.reason = reason,
		.target = uprobe->path,
		.offset = uprobe->offset,
		.ref_ctr_offset = uprobe->ref_ctr_offset,
		.cookie = uprobe->cookie,
		.pid = uprobe->pid,
		.retprobe = uprobe->retprobe,
		.probes = uprobe->cnt,
	};
}

void uprobe_report_detach(const struct uprobe *uprobe, uint64_t duration_ns)
{
	struct report_line line = uprobe_report_line(
		uprobe, "detach", uprobe->state == UPROBE_NATIVE ? REPORT_PERF : REPORT_MULTI,
		"its last file descriptor in this process was closed");

	line.duration_ns = duration_ns;
	report(&line);
}

static bool is_perf_event(int fd)
{
	uint64_t id;

	return sys_ioctl(fd, PERF_EVENT_IOC_ID, (long)&id) == 0;
}

static bool is_genuine(const struct uprobe *uprobe, int fd, enum fd_role role)
{
	if (uprobe->state == UPROBE_COLLECTED)
		return target_is_at(fd, uprobe->dev, uprobe->ino);
	if (role == FD_LINK || uprobe->state == UPROBE_LINK)
		return is_its_link(uprobe, fd);
	if (uprobe->state == UPROBE_NATIVE)
		return is_perf_event(fd);
	return target_is_at(fd, uprobe->dev, uprobe->ino);
}

struct uprobe *uprobe_at(int fd, enum fd_role *role)
{
	struct fdtable_slot *slot = fdtable_slot(fd);
	struct uprobe *uprobe = slot ? atomic_load_explicit(&slot->uprobe, memory_order_relaxed) : NULL;

	if (!uprobe)
		return NULL;
	if (!is_genuine(uprobe, fd, slot->role)) {
		fdtable_drop(fd);
		return NULL;
	}
	*role = slot->role;
	return uprobe;
}

/* ---- going native -------------------------------------------------------------------------------- */

static long replace_event(int fd, int new_fd)
{
	long flags = sys_fcntl(fd, F_GETFD, 0), moved;
	const bool cloexec = flags < 0 || (flags & FD_CLOEXEC);
	const int dup_cmd = cloexec ? F_DUPFD_CLOEXEC : F_DUPFD;

	if (flags == -EBADF)
		return 0; /* closed unseen */
	if (sys_dup3(new_fd, fd, cloexec ? O_CLOEXEC : 0) >= 0)
		return 0;
	/*
	 * Forbidden to this process, perhaps. Not in one step then: a first copy shows that there can be one,
	 * and the second must get the number itself, which may by then be somebody else's.
	 */
	moved = sys_fcntl(new_fd, dup_cmd, fd);
	if (moved < 0)
		return moved;
	sys_close((int)moved);
	sys_close(fd);
	moved = sys_fcntl(new_fd, dup_cmd, fd);
	if (moved == fd)
		return 0;
	if (moved >= 0)
		sys_close((int)moved);
	return -EBADF;
}

static bool stands_for(int fd, const struct uprobe *uprobe, enum fd_role role)
{
	const struct fdtable_slot *slot = fdtable_slot(fd);

	return slot && slot->uprobe == uprobe && slot->role == role;
}

int uprobe_fd(const struct uprobe *uprobe, enum fd_role role)
{
	if (!uprobe->fds[role])
		return -1;
	if (stands_for(uprobe->last_fd[role], uprobe, role))
		return uprobe->last_fd[role];
	for (int fd = fdtable_next(0); fd >= 0; fd = fdtable_next(fd + 1))
		if (stands_for(fd, uprobe, role))
			return fd;
	return -1;
}

int uprobe_live_fd(struct uprobe *uprobe, enum fd_role role)
{
	enum fd_role found;
	int fd;

	while ((fd = uprobe_fd(uprobe, role)) >= 0 && uprobe_at(fd, &found) != uprobe)
		;
	return fd;
}

long uprobe_replace(struct uprobe *uprobe, enum fd_role role, int fd, int new_fd)
{
	struct fd_limit limit = { 0 };
	long err;

	/* The limit may have been lowered below fd since it was opened. */
	do {
		err = replace_event(fd, new_fd);
	} while (err == -EINVAL && fd_limit_raise(&limit, fd));
	fd_limit_restore(&limit);
	if (err || uprobe->fds[role] == 1)
		return err;
	for (int other = fdtable_next(0); other >= 0; other = fdtable_next(other + 1))
		if (other != fd && stands_for(other, uprobe, role) &&
		    (target_is_at(other, uprobe->dev, uprobe->ino) || is_its_link(uprobe, other)))
			replace_event(other, new_fd);
	return 0;
}

static long open_saved(struct uprobe *uprobe, const char *path)
{
	struct perf_event_attr attr = uprobe->attr;
	const struct perf_open open = {
		.attr = &attr,
		/* perf's 0 is the caller; we may be a child of who asked */
		.pid = uprobe->pid == 0 && uprobe->process != sys_getpid() ? uprobe->process : uprobe->pid,
		.cpu = uprobe->cpu,
		.group_fd = -1,
		.flags = PERF_FLAG_FD_CLOEXEC,
	};

	attr.uprobe_path = ptr_to_u64(path);
	return open_perf_event(&open);
}

/**
 * Without any fd left, nor the right to more, the event has to take the place of the pending uprobe's fd: as
 * without upshift, attaching must not need another one. If it cannot be opened, the fd is pending as before.
 */
static long open_in_its_place(struct uprobe *uprobe, int event_fd)
{
	long fd, err;

	sys_close(event_fd);
	fd = open_saved(uprobe, uprobe->path);
	err = fd < 0 ? fd : 0;
	if (err)
		fd = sys_open(uprobe->path, O_PATH | O_CLOEXEC);
	if (fd == event_fd) {
		if (!err)
			uprobe->state = UPROBE_NATIVE;
		return err;
	}
	/* Another thread was quicker. */
	if (fd >= 0)
		sys_close((int)fd);
	fdtable_drop(event_fd);
	return -EMFILE;
}

long uprobe_go_native(struct uprobe *uprobe, int event_fd)
{
	struct fd_limit limit = { 0 };
	char path[32];
	long fd, err;

	if (uprobe->state == UPROBE_NATIVE)
		return 0;
	if (uprobe->state != UPROBE_PENDING)
		return -EOPNOTSUPP;
	/* The file that was there at the time, even if the path now leads elsewhere. */
	snprintf(path, sizeof(path), "/proc/thread-self/fd/%d", event_fd);
	do {
		fd = open_saved(uprobe, path);
		if (fd == -ENOENT)
			fd = open_saved(uprobe, uprobe->path); /* no procfs */
	} while (fd == -EMFILE && fd_limit_raise(&limit, 0));
	fd_limit_restore(&limit);
	if (fd == -EMFILE && uprobe->fds[FD_EVENT] == 1)
		return open_in_its_place(uprobe, event_fd);
	if (fd < 0)
		return fd;
	err = uprobe_replace(uprobe, FD_EVENT, event_fd, (int)fd);
	sys_close((int)fd);
	if (!err)
		uprobe->state = UPROBE_NATIVE;
	return err;
}

void uprobe_need_event(int fd)
{
	enum fd_role role;
	struct uprobe *uprobe = uprobe_at(fd, &role);

	if (uprobe && role == FD_EVENT && uprobe->state == UPROBE_PENDING)
		uprobe_go_native(uprobe, fd);
}
