// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Kprobes without libbpf's attach: as BCC makes them, and as nobody does, but might. */
#include <errno.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kprobe.h"

static int open_function(const char *function, bool retprobe)
{
	int fd = kernel_open(function, 0, retprobe);

	if (fd < 0)
		die("perf_event_open");
	return fd;
}

/* Open, SET_BPF, ENABLE; DISABLE, close: bpf_attach_kprobe() of BCC. */
static void bcc(bool retprobe)
{
	struct kprobe_rig rig = kprobe_up();
	struct bpf_program *prog = retprobe ? rig.skel->progs.leave : rig.skel->progs.entry;
	int fd = open_function(F_MAX, retprobe);

	say_result("set", !perf_set_bpf(fd, bpf_program__fd(prog)));
	say_result("enable", !perf_enable(fd));
	kernel_call(F_MAX, 3);
	say_links();
	say_result("disable", !perf_disable(fd));
	close(fd);
	settle();
	kernel_call(F_MAX, 2);
	kprobe_down(&rig);
}

static void bcc_entry(void)
{
	bcc(false);
}

static void bcc_return(void)
{
	bcc(true);
}

/* A disabled event still runs its program. */
static void enable_and_disable(void)
{
	struct kprobe_rig rig = kprobe_up();
	int fd = open_function(F_MAX, false);

	say_result("set", !perf_set_bpf(fd, bpf_program__fd(rig.skel->progs.entry)));
	kernel_call(F_MAX, 1);
	say_result("disable", !perf_disable(fd));
	kernel_call(F_MAX, 1);
	say_result("enable", !perf_enable(fd));
	kernel_call(F_MAX, 1);
	say_links();
	close(fd);
	settle();
	kernel_call(F_MAX, 1);
	kprobe_down(&rig);
}

static void by_link_create(void)
{
	struct kprobe_rig rig = kprobe_up();
	int fd = open_function(F_MIN, false);
	int link = perf_link(bpf_program__fd(rig.skel->progs.entry), fd, 11);

	say_result("create", link >= 0);
	kernel_call(F_MIN, 3);
	say_links();
	/* In the other order than libbpf: the link holds the event. */
	close(fd);
	settle();
	kernel_call(F_MIN, 1);
	close(link);
	settle();
	kernel_call(F_MIN, 1);
	kprobe_down(&rig);
}

/* Only a perf event can answer that. */
static void queried(void)
{
	struct kprobe_rig rig = kprobe_up();
	int fd = open_function(F_MAX, false);
	__u32 size = 0, program, type;
	__u64 offset, address;

	say_result("query",
		   !bpf_task_fd_query(getpid(), fd, 0, NULL, &size, &program, &type, &offset, &address));
	say_result("set", !perf_set_bpf(fd, bpf_program__fd(rig.skel->progs.entry)));
	kernel_call(F_MAX, 3);
	say_links();
	close(fd);
	kprobe_down(&rig);
}

static void other_ioctl(void)
{
	struct kprobe_rig rig = kprobe_up();
	int fd = open_function(F_MAX, false);
	__u64 id = 0;

	say_result("id", !ioctl(fd, PERF_EVENT_IOC_ID, &id));
	say("id %s", id ? "given" : "none");
	say_result("set", !perf_set_bpf(fd, bpf_program__fd(rig.skel->progs.entry)));
	kernel_call(F_MAX, 3);
	say_links();
	close(fd);
	kprobe_down(&rig);
}

/* It is attached until the last of its fds is closed. */
static void dupped(void)
{
	struct kprobe_rig rig = kprobe_up();
	int fd = open_function(F_MAX, false), copy;

	say_result("set", !perf_set_bpf(fd, bpf_program__fd(rig.skel->progs.entry)));
	copy = dup(fd);
	close(fd);
	settle();
	kernel_call(F_MAX, 3);
	say_links();
	close(copy);
	settle();
	kernel_call(F_MAX, 1);
	kprobe_down(&rig);
}

/* A filter by process or CPU means nothing to a kprobe's program. */
static void for_itself(void)
{
	struct kprobe_rig rig = kprobe_up();
	int fd = kernel_open_for(F_MAX, 0, false, getpid(), -1);
	pid_t child;

	say_result("set", !perf_set_bpf(fd, bpf_program__fd(rig.skel->progs.entry)));
	child = fork();
	if (!child) {
		rig.skel->bss->traced[1] = getpid();
		kernel_call(F_MAX, 2);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	who_add_like(child, "child", getpid());
	kernel_call(F_MAX, 3);
	say_links();
	close(fd);
	settle();
	kprobe_down(&rig);
}

/* Two kprobes of one program, whose fd is closed while they live. */
static void program_closed(void)
{
	struct kprobe_rig rig = kprobe_up();
	int first = open_function(F_MAX, false), second = open_function(F_PGID, false), hits = dup(rig.hits);
	int prog = bpf_program__fd(rig.skel->progs.entry);

	perf_set_bpf(first, prog);
	perf_set_bpf(second, prog);
	kprobe_bpf__destroy(rig.skel);
	kernel_call(F_MAX, 3);
	kernel_call(F_PGID, 2);
	say_links();
	close(first);
	close(second);
	settle();
	kernel_call(F_MAX, 1);
	say_hits(hits);
	close(hits);
}

/* What cannot be attached, and must say so as the kernel does. */
static void refused(void)
{
	static const struct {
		const char *what, *function;
		__u64 offset;
	} cases[] = {
		{ "missing", "no_such_function_of_the_kernel", 0 },
		{ "empty", "", 0 },
		{ "nobody's module", "no_such_module:some_function", 0 },
		{ "data", "jiffies", 0 },
		{ "far", F_MAX, 1 << 20 },
		{ "notrace", "ftrace_stub", 0 },
		/* NOKPROBE_SYMBOL(), but ftrace reaches it. */
		{ "not for kprobes", "get_kprobe", 0 },
	};
	struct kprobe_rig rig = kprobe_up();
	int fd, link, error;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		fd = kernel_open(cases[i].function, cases[i].offset, false);
		error = fd < 0 ? errno : 0;
		link = fd < 0 ? -1 : perf_link(bpf_program__fd(rig.skel->progs.entry), fd, 0);
		if (fd >= 0 && link < 0)
			error = errno;
		say("%s %s", cases[i].what, error ? error_name(error) : "ok");
		close(link);
		close(fd);
	}
	kprobe_down(&rig);
}

const struct scenario kprobe_raw_scenarios[] = {
	{ "kprobe-bcc-entry", bcc_entry },
	{ "kprobe-bcc-return", bcc_return },
	{ "kprobe-raw-enable-disable", enable_and_disable },
	{ "kprobe-raw-link", by_link_create },
	{ "kprobe-raw-queried", queried },
	{ "kprobe-raw-other-ioctl", other_ioctl },
	{ "kprobe-raw-dup", dupped },
	{ "kprobe-raw-for-itself", for_itself },
	{ "kprobe-raw-program-closed", program_closed },
	{ "kprobe-raw-refused", refused },
	{},
};
