// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "engine.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/ioctl.h>

#include "attach.h"
#include "attach_multi.h"
#include "bpf.h"
#include "call.h"
#include "config.h"
#include "detach.h"
#include "fdtable.h"
#include "features_cache.h"
#include "keeper.h"
#include "kernel.h"
#include "load.h"
#include "log.h"
#include "policy.h"
#include "process.h"
#include "program.h"
#include "report.h"
#include "shared_link.h"
#include "stats.h"
#include "token.h"
#include "uprobe.h"

/* ---- start and end ------------------------------------------------------------------------------- */

enum { NOT_STARTED, STARTING, OFF, ON };

static atomic_int state = NOT_STARTED;
static atomic_int starter, starter_process; /* the thread that is at it */

/** Here the child is sure to have its own memory. */
static void after_fork(void)
{
	process_is_ours();
}

static int start(void)
{
	int err;

	config_read();
	if (config.off)
		return OFF;
	/* The calls that go up a floor: what the parts do in a process that is a copy of another. */
	process_on_fork(uprobe_adopt);
	process_on_fork(detach_adopt);
	process_on_fork(token_adopt);
	err = process_start();
	if (!err)
		err = token_start();
	if (!err)
		err = -pthread_atfork(NULL, NULL, after_fork);
	if (err)
		log_line(LOG_WARN, "not at work in this process: errno %d", -err);
	if (!err)
		stats_start();
	return err ? OFF : ON;
}

/** What start() itself calls goes straight through; other threads wait for the few microseconds that it
 * takes. */
static void start_once(void)
{
	const int self = (int)kernel_raw_call(SYS_gettid, 0, 0, 0, 0, 0, 0);
	const int process = (int)kernel_raw_call(SYS_getpid, 0, 0, 0, 0, 0, 0);
	int expected = NOT_STARTED;

	if (atomic_compare_exchange_strong(&state, &expected, STARTING)) {
		atomic_store(&starter_process, process);
		atomic_store(&starter, self);
		atomic_store(&state, start());
	}
	/* A child that was made meanwhile would wait for a thread that it does not have. */
	while (atomic_load(&state) == STARTING && atomic_load(&starter) != self &&
	       atomic_load(&starter_process) == process)
		sched_yield();
}

bool engine_on(void)
{
	if (atomic_load(&state) <= STARTING)
		start_once();
	return atomic_load(&state) == ON && process_is_ours();
}

/** Handlers that were running when this thread closed a link may still change what the tool looks at. */
static void settle(void)
{
	if (config.detach != DETACH_ASYNC && closer_is_awaited(CLOSERS_OF_THREAD)) {
		detach_wait(CLOSERS_OF_THREAD);
		uprobe_sweep(true);
	} else {
		uprobe_sweep(false);
	}
}

void engine_end_detaching(void)
{
	const int saved_errno = errno;

	if (atomic_load(&stats_detaching) && config.detach != DETACH_ASYNC && engine_on())
		detach_wait(CLOSERS_OF_THREAD);
	errno = saved_errno;
}

long engine_end_collecting(struct collection *collection)
{
	const int saved_errno = errno;
	sigset_t signals;
	long err;

	if (!engine_on())
		return 0;
	engine_lock(&signals);
	err = shared_link_attach(collection);
	engine_unlock(&signals);
	errno = saved_errno;
	return err;
}

/* ---- the process as a whole ---------------------------------------------------------------------- */

static bool is_at_work(void)
{
	return atomic_load(&state) == ON && process_is_ours();
}

void engine_before_alone(void)
{
	const int saved_errno = errno;

	if (is_at_work())
		closer_wait_gone();
	errno = saved_errno;
}

void engine_before_umount(void)
{
	const int saved_errno = errno;

	if (is_at_work())
		closer_wait(CLOSERS_OF_ALL);
	errno = saved_errno;
}

void engine_before_seccomp(void)
{
	const int saved_errno = errno;

	if (is_at_work()) {
		closer_wait_gone();
		detach_lock_up();
	}
	errno = saved_errno;
}

bool engine_has_to_see_children(void)
{
	return keeper_is_there();
}

/** The rest, if the child has a copy of the memory too, at its first call that concerns us. */
void engine_in_child(void)
{
	if (keeper_is_there())
		keeper_close_copy();
}

void engine_exit(void)
{
	if (atomic_load(&state) != ON || !process_is_ours())
		return;
	stats_exit();
	engine_detach_all();
	config.detach = DETACH_SYNC; /* nobody waits for what destructors after ours close */
	report_summary(keeper_missing());
}

bool engine_can_attach_multi(void)
{
	sigset_t signals;
	bool can;

	engine_lock(&signals);
	can = !policy_kernel(features_cached(), false).reason || attach_multi_over_perf();
	engine_unlock(&signals);
	return can;
}

void engine_describe(int prog_fd, const struct load_hint *hint)
{
	struct program *program;
	enum variant variant;
	sigset_t signals;

	engine_lock(&signals);
	program = program_behind(prog_fd, &variant);
	if (program)
		program_describe(program, hint);
	engine_unlock(&signals);
}

/* ---- bpf() --------------------------------------------------------------------------------------- */

/** A new fd of the tool may have a number that we still know for something closed unseen. */
static long forget_stale(long fd)
{
	sigset_t signals;

	if (fd >= 0 && fdtable_has((int)fd)) {
		engine_lock(&signals);
		fdtable_drop((int)fd);
		engine_unlock(&signals);
	}
	return fd;
}

/** What only a perf event can answer, while it still can be made one. */
static void go_native(int fd)
{
	sigset_t signals;

	engine_lock(&signals);
	uprobe_need_event(fd);
	engine_unlock(&signals);
}

static long task_fd_query(const struct bpf_call *call)
{
	const union bpf_attr *attr = &call->known.base;

	if (fdtable_has((int)attr->task_fd_query.fd) && (int)attr->task_fd_query.pid == process_id())
		go_native((int)attr->task_fd_query.fd);
	return call_forward(call);
}

/** Other kinds of link, and libbpf's feature probes among these, pass bit for bit (R8). */
static long create_link(struct bpf_call *call)
{
	const uint32_t type = call_copy_known(call) ? call->known.link_create.attach_type : 0;

	if (type == BPF_PERF_EVENT)
		return attach_by_link(call);
	settle();
	if (type == UAPI_BPF_TRACE_UPROBE_MULTI)
		return attach_multi(call);
	return forget_stale(type == UAPI_BPF_TRACE_KPROBE_MULTI && programs_have_ours() ?
				    attach_multi_natively(call) :
				    call_forward(call));
}

static long pin(const struct bpf_call *call)
{
	if (attach_multi_is_over_perf((int)call->known.base.bpf_fd)) {
		log_line(LOG_WARN, "a uprobe_multi link that is made of perf uprobes cannot be pinned");
		return -EOPNOTSUPP;
	}
	return load_pin(call);
}

long engine_bpf(long cmd, long attr, long size, long d, long e, long f)
{
	struct bpf_call call = {
		.cmd = cmd, .attr = (const void *)attr, .size = (unsigned int)size, .rest = { d, e, f }
	};

	/* Any command may show what is attached, or what it did. */
	if (call_command(&call) != BPF_LINK_CREATE)
		settle();
	switch (call_command(&call)) {
	case BPF_PROG_LOAD:
		return forget_stale(call_copy_known(&call) ? load_program(&call) : call_forward(&call));
	case BPF_LINK_CREATE:
		return create_link(&call);
	case BPF_MAP_CREATE:
		return forget_stale(call_copy_known(&call) ? load_create_map(&call) : call_forward(&call));
	case BPF_MAP_UPDATE_ELEM:
		return load_update_map(&call);
	case BPF_TASK_FD_QUERY:
		return call_copy_known(&call) ? task_fd_query(&call) : call_forward(&call);
	case BPF_OBJ_PIN:
		return call_copy_known(&call) ? pin(&call) : call_forward(&call);
	case BPF_OBJ_GET:
	case BPF_PROG_GET_FD_BY_ID:
		programs_note_unseen();
		return forget_stale(call_forward(&call));
	case BPF_BTF_LOAD:
		return forget_stale(call_copy_known(&call) ? token_forward(&call) : call_forward(&call));
	case BPF_MAP_GET_FD_BY_ID:
	case BPF_BTF_GET_FD_BY_ID:
	case BPF_LINK_GET_FD_BY_ID:
	case BPF_ITER_CREATE:
	case BPF_RAW_TRACEPOINT_OPEN:
	case BPF_ENABLE_STATS:
		return forget_stale(call_forward(&call));
	default:
		return call_forward(&call);
	}
}

/* ---- perf events --------------------------------------------------------------------------------- */

/** A PMU's type; read at the first event of a PMU that has no fixed type. */
static bool is_pmu(unsigned int type, atomic_int *pmu_type, int (*read_type)(void))
{
	if (type < PERF_TYPE_MAX)
		return false;
	if (!atomic_load(pmu_type))
		atomic_store(pmu_type, read_type());
	return (int)type == atomic_load(pmu_type);
}

static bool is_uprobe_pmu(unsigned int type)
{
	static atomic_int pmu_type;

	return is_pmu(type, &pmu_type, uprobe_pmu_type);
}

static bool is_kprobe_pmu(unsigned int type)
{
	static atomic_int pmu_type;

	return config.kprobes && is_pmu(type, &pmu_type, kprobe_pmu_type);
}

long engine_perf_event_open(long attr, long pid, long cpu, long group_fd, long flags)
{
	const struct perf_open open = {
		.attr = (const void *)attr,
		.pid = (pid_t)pid,
		.cpu = (int)cpu,
		.group_fd = (int)group_fd,
		.flags = (unsigned long)flags,
	};
	struct {
		uint32_t type, size;
		uint64_t config;
	} head = { 0 };
	long (*open_probe)(const struct perf_open *) = NULL;
	sigset_t signals;
	long fd;

	if (fdtable_has((int)group_fd))
		go_native((int)group_fd); /* a group needs real events */
	if (!kernel_copy_from(&head, open.attr, sizeof(head))) {
		if (is_uprobe_pmu(head.type))
			open_probe = uprobe_open;
		else if (is_kprobe_pmu(head.type))
			open_probe = kprobe_open;
	}
	if (!open_probe) {
		fd = forget_stale(kernel_call(SYS_perf_event_open, attr, pid, cpu, group_fd, flags, 0));
		return token_tell_perf(fd, head.type, head.config, false);
	}
	engine_lock(&signals);
	fd = open_probe(&open);
	engine_unlock(&signals);
	return fd;
}

bool engine_forbids_set_bpf(int prog_fd)
{
	return programs_have_multi() && probe_program_is_multi(prog_fd) > 0;
}

/** ioctl() on what is no perf event but has to behave like one; false if the kernel is to answer. */
static bool ioctl_without_event(struct uprobe *uprobe, int fd, unsigned long request, long *result)
{
	if (uprobe->state == UPROBE_NATIVE)
		return false;
	/* Also for ENABLE: whoever enables an event before a program is on it may want it to count. */
	if (uprobe->state == UPROBE_PENDING) {
		uprobe_go_native(uprobe, fd);
		return false;
	}
	switch (request) {
	case PERF_EVENT_IOC_ENABLE:
	case PERF_EVENT_IOC_DISABLE:
		*result = 0; /* a disabled perf uprobe runs its program all the same */
		return true;
	case FIOCLEX:
	case FIONCLEX:
		*result = sys_fcntl(fd, F_SETFD, request == FIOCLEX ? FD_CLOEXEC : 0);
		return true;
	}
	log_line(LOG_WARN, "ioctl %#lx has no equivalent on a multi link", request);
	return false;
}

bool engine_ioctl(int fd, unsigned long request, long arg, long *result)
{
	struct uprobe *uprobe;
	enum fd_role role;
	sigset_t signals;
	bool done = false;

	if (request == PERF_EVENT_IOC_SET_BPF) {
		*result = attach_by_ioctl(fd, arg);
		return true;
	}
	if (request == PERF_EVENT_IOC_SET_OUTPUT && fdtable_has((int)arg))
		go_native((int)arg);
	if (!fdtable_has(fd))
		return false;
	engine_lock(&signals);
	uprobe = uprobe_at(fd, &role);
	if (uprobe && role == FD_EVENT && uprobe->state != UPROBE_NATIVE)
		done = ioctl_without_event(uprobe, fd, request, result);
	engine_unlock(&signals);
	return done;
}
