// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Which call goes where, what is recorded of it, and failures on demand. */
#include "fake_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "kernel.h"
#include "process.h"

#define LINUX_6_18                                                                              \
	.uprobe_multi = true, .pid_filter = true, .return_ignored = true, .sessions = true,     \
	.prog_array_checked = true, .cookie = true, .kprobe_multi = true, .kprobe_pmu_type = 8, \
	.fd_array_cnt = true, .link_fd_fixed = true, .uprobe_pmu_type = 9, .pin_by_fd = true

const struct fake_features fake_linux_7_2 = { LINUX_6_18, .waits_for_srcu = true };
const struct fake_features fake_linux_6_18 = { LINUX_6_18 };
const struct fake_features fake_linux_6_11 = { .uprobe_multi = true,
					       .pid_filter = true,
					       .cookie = true,
					       .kprobe_multi = true,
					       .uprobe_pmu_type = 7,
					       .pin_by_fd = true };
const struct fake_features fake_linux_6_6 = { .uprobe_multi = true,
					      .cookie = true,
					      .kprobe_multi = true,
					      .uprobe_pmu_type = 7,
					      .pin_by_fd = true,
					      .late_unpin = true };
const struct fake_features fake_linux_6_1 = { .cookie = true, .kprobe_multi = true, .uprobe_pmu_type = 7 };
const struct fake_features fake_linux_5_10 = { .uprobe_pmu_type = 7 };

struct fake_features fake_features;

/* ---- the record ---------------------------------------------------------------------------------- */

enum { MAX_CALLS = 2048, MAX_RULE = 10 };

static struct fake_call calls[MAX_CALLS];
static unsigned int call_cnt, unsafe_cnt[MAX_RULE];

void unsafe(int rule, const char *what)
{
	if (!unsafe_cnt[rule]++)
		fprintf(stderr, "unsafe, R%d: %s\n", rule, what);
}

unsigned int fake_unsafe(int rule)
{
	unsigned int cnt = 0;

	for (int i = 0; i < MAX_RULE; i++)
		cnt += !rule || rule == i ? unsafe_cnt[i] : 0;
	return cnt;
}

const struct fake_call *fake_calls(unsigned int *cnt)
{
	*cnt = call_cnt;
	return calls;
}

void fake_forget_calls(void)
{
	call_cnt = 0;
}

static bool is_call(const struct fake_call *call, long nr, long cmd)
{
	return (nr == -1 || call->nr == nr) && (cmd == -1 || call->args[0] == cmd);
}

unsigned int fake_calls_of(long nr, long cmd)
{
	unsigned int cnt = 0;

	for (unsigned int i = 0; i < call_cnt; i++)
		cnt += is_call(&calls[i], nr, cmd);
	return cnt;
}

static struct fake_call *record(long nr, const long args[6])
{
	struct fake_call *call = &calls[call_cnt < MAX_CALLS ? call_cnt++ : MAX_CALLS - 1];

	memset(call, 0, sizeof(*call));
	call->nr = nr;
	memcpy(call->args, args, sizeof(call->args));
	if (nr == SYS_bpf && args[1])
		memcpy(call->attr, (const void *)args[1],
		       (size_t)args[2] < sizeof(call->attr) ? (size_t)args[2] : sizeof(call->attr));
	return call;
}

/* ---- failures on demand -------------------------------------------------------------------------- */

static struct failure {
	long nr, cmd;
	unsigned int left;
	int err;
} failures[2];
static char failed_call[128];
static bool failed_natively;

void fake_fail(long nr, unsigned int nth, int err)
{
	failures[0] = (struct failure){ .nr = nr, .cmd = -1, .left = nth, .err = err };
	failed_call[0] = '\0';
}

void fake_fail_bpf(int cmd, unsigned int nth, int err)
{
	failures[0] = (struct failure){ .nr = SYS_bpf, .cmd = cmd, .left = nth, .err = err };
	failed_call[0] = '\0';
}

void fake_fail_too(unsigned int nth, int err)
{
	failures[1] = (struct failure){ .nr = -1, .cmd = -1, .left = nth, .err = err };
}

bool fake_has_failed(void)
{
	return !failures[0].left;
}

bool fake_has_failed_natively(void)
{
	return failed_natively;
}

const char *fake_failed_call(void)
{
	return failed_call;
}

/** Calls that only fail if their caller is wrong, or whose failure changes nothing. */
static bool can_fail(const struct fake_call *call)
{
	switch (call->nr) {
	case SYS_close:
	case SYS_close_range:
	case SYS_write:
	case SYS_futex:
	case SYS_prctl:
	case SYS_geteuid:
	case SYS_nanosleep:
		return false;
	case SYS_fcntl:
		return call->args[1] == F_DUPFD || call->args[1] == F_DUPFD_CLOEXEC;
	case SYS_ioctl:
		return call->args[1] == (long)PERF_EVENT_IOC_SET_BPF;
	default:
		return true;
	}
}

/** Programs without a name are those of upshift's own probes for what the kernel can do. */
static bool is_native(const struct fake_call *call)
{
	const struct uapi_prog_load *load = (const void *)call->attr;
	const struct uapi_link_create *link = (const void *)call->attr;

	if (call->nr == SYS_bpf && call->args[0] == BPF_PROG_LOAD)
		return load->prog_name[0] && load->expected_attach_type == 0;
	if (call->nr == SYS_bpf)
		return call->args[0] == BPF_LINK_CREATE && link->attach_type == BPF_PERF_EVENT;
	return call->nr == SYS_perf_event_open || call->nr == SYS_ioctl;
}

static long failure_of(const struct fake_call *call)
{
	long err = 0;

	for (unsigned int i = 0; i < 2 && can_fail(call); i++) {
		struct failure *failure = &failures[i];
		size_t len = strlen(failed_call);

		if (!failure->left || !is_call(call, failure->nr, failure->cmd) || --failure->left)
			continue;
		err = -failure->err;
		failed_natively |= is_native(call);
		snprintf(failed_call + len, sizeof(failed_call) - len, "[call %ld, %ld, %#lx: errno %d]",
			 call->nr, call->args[0], call->args[1], failure->err);
	}
	return err;
}

/* ---- the entry ----------------------------------------------------------------------------------- */

static long answer(long nr, const long a[6])
{
	switch (nr) {
	case SYS_close:
	case SYS_close_range:
	case SYS_dup3:
	case SYS_fcntl:
	case SYS_prlimit64:
		return fds_call(nr, a);
	case SYS_openat:
	case SYS_read:
	case SYS_pread64:
	case SYS_write:
	case SYS_newfstatat:
	case SYS_fstatfs:
	case SYS_readlinkat:
		return files_call(nr, a);
	case SYS_bpf:
		return bpf_call(a[0], (void *)a[1], (unsigned int)a[2]);
	case SYS_perf_event_open:
		return perf_open(a);
	case SYS_futex:
		return time_call(nr, a);
	case SYS_nanosleep:
	case SYS_tgkill:
		return time_call(nr, a);
	case SYS_fsopen:
	case SYS_fsconfig:
	case SYS_fsmount:
	case SYS_unlinkat:
		return bpffs_call(nr, a);
	case SYS_prctl:
		return 0;
	case SYS_geteuid:
		return fake_features.euid;
	case SYS_ioctl:
		return perf_ioctl((int)a[0], (unsigned long)a[1], a[2]);
	default:
		fprintf(stderr, "the fake kernel does not know system call %ld\n", nr);
		abort();
	}
}

/* In a page that is zero in fork children, by whatever call they were made. */
static _Atomic int *is_ours;

static void boot_fork(void)
{
	if (!is_ours) {
		is_ours = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		madvise((void *)is_ours, 4096, MADV_WIPEONFORK);
	}
	*is_ours = 1;
}

void note_fork(void)
{
	if (*is_ours)
		return;
	*is_ours = 1;
	threads_forked();
	death_forked();
}

static unsigned int calls_before;
static void (*does_before)(void);

void fake_before_call(unsigned int nth, void (*does)(void))
{
	calls_before = nth;
	does_before = does;
}

static void do_before(void)
{
	if (calls_before && !--calls_before)
		does_before();
}

static long fake_call(long nr, long a, long b, long c, long d, long e, long f)
{
	const long args[6] = { a, b, c, d, e, f };
	struct fake_call *call;

	/* Of the process itself, not of its fds: the real ones. */
	if (nr == SYS_getpid || nr == SYS_gettid || nr == SYS_mmap || nr == SYS_munmap || nr == SYS_madvise ||
	    nr == SYS_kill)
		return kernel_raw_call(nr, a, b, c, d, e, f);
	note_fork();
	if (nr == SYS_clock_gettime)
		return time_call(nr, args);
	do_before();
	call = record(nr, args);
	call->result = failure_of(call);
	if (!call->result)
		call->result = answer(nr, args);
	return call->result;
}

void fake_boot(const struct fake_features *features)
{
	fake_features = *features;
	boot_fork();
	time_boot();
	bpffs_boot();
	fds_boot();
	files_boot();
	death_boot();
	call_cnt = 0;
	memset(unsafe_cnt, 0, sizeof(unsafe_cnt));
	memset(failures, 0, sizeof(failures));
	failed_call[0] = '\0';
	failed_natively = false;
	calls_before = 0;
	fake_refuse(0, 0, 0);
	kernel_call = fake_call;
}
