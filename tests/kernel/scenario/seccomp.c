// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Tools that lock themselves into a seccomp filter: what upshift calls in addition may be forbidden there. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "sandbox.h"
#include "scenario.h"

#define MAX_FILTER 80

struct filter {
	struct sock_filter insns[MAX_FILTER];
	unsigned short length;
};

static void add(struct filter *filter, struct sock_filter insn)
{
	filter->insns[filter->length++] = insn;
}

static struct filter filter_begin(void)
{
	struct filter filter = {};

	add(&filter,
	    (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)));
	return filter;
}

static void filter_answer(struct filter *filter, long call, unsigned int answer)
{
	add(filter, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)call, 0, 1));
	add(filter, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, answer));
}

static void filter_install(struct filter *filter, unsigned int otherwise)
{
	struct sock_fprog program = { .filter = filter->insns };

	add(filter, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, otherwise));
	program.len = filter->length;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		die("no seccomp");
}

/* ---- one forbidden call ---- */

/* None of these is needed by what attach_and_detach() does itself. */
static const struct call {
	const char *name;
	long number;
} calls[] = {
	{ "openat", SYS_openat },
	{ "newfstatat", SYS_newfstatat },
	{ "fstatfs", SYS_fstatfs },
	{ "readlinkat", SYS_readlinkat },
	{ "fcntl", SYS_fcntl },
	{ "dup3", SYS_dup3 },
	{ "prlimit64", SYS_prlimit64 },
	{ "process_vm_readv", SYS_process_vm_readv },
	{ "rt_sigprocmask", SYS_rt_sigprocmask },
	{ "clone", SYS_clone },
	{ "clone3", SYS_clone3 },
	{ "mmap", SYS_mmap },
	{ "munmap", SYS_munmap },
	{ "futex", SYS_futex },
	{ "prctl", SYS_prctl },
	{ "madvise", SYS_madvise },
	{ "gettid", SYS_gettid },
	{ "getpid", SYS_getpid },
	{ "clock_gettime", SYS_clock_gettime },
};

#define NR_CALLS (sizeof(calls) / sizeof(*calls))

/* What in_descendants() is to run. */
static const struct call *forbidden;
static int forbidden_errno;

/* By a link, and by the ioctl, which cannot carry a cookie. */
static void attach_and_detach(struct rig *rig)
{
	const struct place place = place_of_f0(rig);
	const int prog = bpf_program__fd(rig->skel->progs.entry),
		  second = bpf_program__fd(rig->skel->progs.second);
	struct filter filter = filter_begin();
	int event, link, other;

	filter_answer(&filter, forbidden->number, SECCOMP_RET_ERRNO | (unsigned int)forbidden_errno);
	filter_install(&filter, SECCOMP_RET_ALLOW);
	event = open_place(&place);
	link = perf_link(prog, event, (uint64_t)(forbidden - calls) + 1);
	if (event < 0 || link < 0)
		say("%s: %s", forbidden->name, error_name(errno));
	say_link_type(link);
	other = open_place(&place);
	if (perf_set_bpf(other, second) || perf_enable(other))
		say("%s, ioctl: %s", forbidden->name, error_name(errno));
	target_call(rig->target, "f0", 1);
	if (close(link) || close(event) || close(other))
		say("%s, close: %s", forbidden->name, error_name(errno));
	settle();
	target_call(rig->target, "f0", 1);
	_exit(0);
}

static void forbid_each(int error)
{
	struct rig rig = rig_up();

	forbidden_errno = error;
	for (forbidden = calls; forbidden < calls + NR_CALLS; forbidden++)
		in_descendants(&rig, attach_and_detach);
	rig_down(&rig);
}

static void refused(void)
{
	forbid_each(EPERM);
}

static void unknown(void)
{
	forbid_each(ENOSYS);
}

/* ---- all calls forbidden that are not known to be needed ---- */

/* What the tool needs by itself, */
static const long own_calls[] = { SYS_read,  SYS_write,           SYS_close, SYS_ioctl,
				  SYS_bpf,   SYS_perf_event_open, SYS_brk,   SYS_rt_sigreturn,
				  SYS_lseek, SYS_exit_group };
/* and what the README says to allow for upshift: in any case, for new attaches, for a report. */
static const long calls_of_upshift[] = { SYS_getpid, SYS_rt_sigprocmask, SYS_newfstatat, SYS_fcntl,
					 SYS_dup3,   SYS_prlimit64,      SYS_openat,     SYS_clone,
					 SYS_mmap,   SYS_munmap,         SYS_futex,      SYS_prctl,
					 SYS_exit };
static const long calls_of_attaches[] = { SYS_fstatfs, SYS_process_vm_readv };
static const long calls_of_report[] = { SYS_clock_gettime };

static void allow(struct filter *filter, const long *numbers, size_t nr)
{
	while (nr--)
		filter_answer(filter, *numbers++, SECCOMP_RET_ALLOW);
}

#define ALLOW(filter, numbers) allow(filter, numbers, sizeof(numbers) / sizeof(*(numbers)))

static void lock_up(bool attaches)
{
	struct filter filter = filter_begin();

	ALLOW(&filter, own_calls);
	if (getenv("LD_PRELOAD"))
		ALLOW(&filter, calls_of_upshift);
	if (getenv("LD_PRELOAD") && attaches)
		ALLOW(&filter, calls_of_attaches);
	if (getenv("UPSHIFT_REPORT"))
		ALLOW(&filter, calls_of_report);
	filter_install(&filter, SECCOMP_RET_KILL_PROCESS);
}

/* After set-up it only waits for events, detaches a part, and leaves the rest to exit(). */
static void locked_after_set_up(struct rig *rig)
{
	const struct place place = place_of_f0(rig);
	struct bpf_link *link = attach_function(rig->skel->progs.entry, "f0", .bpf_cookie = 1);
	int event = open_place(&place);

	attach_function(rig->skel->progs.entry, "f1", .bpf_cookie = 2);
	perf_set_bpf(event, bpf_program__fd(rig->skel->progs.second));
	say_links();
	lock_up(false);
	settle(); /* as a tool does that reads its maps every second */
	target_call(rig->target, "f0", 2);
	target_call(rig->target, "f1", 2);
	bpf_link__destroy(link);
	close(event);
	settle();
	target_call(rig->target, "f0", 1);
}

static void locked_before_attach(struct rig *rig)
{
	const struct place place = place_of_f0(rig);
	int event, link;

	say_links(); /* stdio allocates at the first line */
	lock_up(true);
	event = open_place(&place);
	link = perf_link(bpf_program__fd(rig->skel->progs.entry), event, 3);
	say_link_type(link);
	target_call(rig->target, "f0", 3);
	close(link);
	close(event);
	settle();
	target_call(rig->target, "f0", 1);
}

static void locked_up(void)
{
	struct rig rig = rig_up();

	in_descendants(&rig, locked_after_set_up);
	in_descendants(&rig, locked_before_attach);
	target_call(rig.target, "f1", 1);
	rig_down(&rig);
}

const struct scenario seccomp_scenarios[] = {
	{ "seccomp-refuses", refused },
	{ "seccomp-knows-not", unknown },
	{ "seccomp-kills", locked_up },
	{},
};
