// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* How links of kprobes live and end: again and again, in other orders, pinned, in children, many. */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kprobe.h"

static void again(void)
{
	struct kprobe_rig rig = kprobe_up();
	struct bpf_link *link;
	int i;

	for (i = 0; i < 4; i++) {
		link = attach_kernel(rig.skel->progs.entry, i % 2 ? F_MAX : F_MIN, .bpf_cookie = i);
		kernel_call(F_MAX, 1);
		kernel_call(F_MIN, 2);
		say_links();
		destroy(link);
		kernel_call(F_MAX, 1);
		kprobe_say_hits(&rig);
	}
	kprobe_down(&rig);
}

/* The links outlive the object they are of. */
static void after_object(void)
{
	struct kprobe_rig rig = kprobe_up();
	struct bpf_link *first, *second;
	int hits = dup(rig.hits);

	first = attach_kernel(rig.skel->progs.entry, F_MAX, .bpf_cookie = 1);
	second = attach_kernel(rig.skel->progs.leave, F_MAX, .bpf_cookie = 2, .retprobe = true);
	kprobe_bpf__destroy(rig.skel);
	kernel_call(F_MAX, 2);
	say_links();
	destroy(first);
	kernel_call(F_MAX, 1);
	destroy(second);
	kernel_call(F_MAX, 1);
	say_hits(hits);
	close(hits);
}

/* A perf link refuses another program, and so must what stands in for it. */
static void update(void)
{
	struct kprobe_rig rig = kprobe_up();
	struct bpf_link *link = attach_kernel(rig.skel->progs.entry, F_MAX, .bpf_cookie = 1);

	say("update %s", error_name(-bpf_link__update_program(link, rig.skel->progs.second)));
	say("detach %s", error_name(-bpf_link__detach(link)));
	kernel_call(F_MAX, 3);
	say_links();
	destroy(link);
	kprobe_down(&rig);
}

static void pinned(void)
{
	char bpffs[] = "/tmp/upshift-test-XXXXXX", pin[sizeof(bpffs) + 8];
	struct kprobe_rig rig = kprobe_up();
	struct bpf_link *link;

	if (!mkdtemp(bpffs) || mount("bpf", bpffs, "bpf", 0, NULL))
		skip("this machine does not let the test mount a BPF file system");
	snprintf(pin, sizeof(pin), "%s/pin", bpffs);
	link = attach_kernel(rig.skel->progs.entry, F_MAX, .bpf_cookie = 1);
	say_result("pin", !bpf_link__pin(link, pin));
	destroy(link);
	kernel_call(F_MAX, 2);
	link = bpf_link__open(pin);
	say_result("open", link);
	say_links();
	say_result("unpin", !bpf_link__unpin(link));
	kernel_call(F_MAX, 1);
	destroy(link);
	kernel_call(F_MAX, 1);
	umount2(bpffs, MNT_DETACH);
	rmdir(bpffs);
	kprobe_down(&rig);
}

static pid_t child_calls(struct kprobe_rig *rig, int times)
{
	pid_t child = fork();

	if (!child) {
		rig->skel->bss->traced[1] = getpid();
		kernel_call(F_MAX, times);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	return child;
}

/* A child is traced like its parent, and its end ends nothing. */
static void forks(void)
{
	struct kprobe_rig rig = kprobe_up();
	struct bpf_link *link = attach_kernel(rig.skel->progs.entry, F_MAX, .bpf_cookie = 1);

	who_add_like(child_calls(&rig, 2), "child", getpid());
	kernel_call(F_MAX, 3);
	say_links();
	destroy(link);
	who_add_like(child_calls(&rig, 2), "late", getpid());
	kprobe_down(&rig);
}

/* Attached and detached by a child. */
static void in_child(void)
{
	struct kprobe_rig rig = kprobe_up();
	struct bpf_link *link;
	pid_t child = fork();

	if (!child) {
		link = attach_kernel(rig.skel->progs.entry, F_MAX, .bpf_cookie = 4);
		rig.skel->bss->traced[1] = getpid();
		kernel_call(F_MAX, 2);
		say_links();
		destroy(link);
		kernel_call(F_MAX, 1);
		exit(0);
	}
	waitpid(child, NULL, 0);
	who_add_like(child, "child", getpid());
	kernel_call(F_MAX, 1);
	kprobe_down(&rig);
}

/* Its end detaches what a tool leaves open. */
static void left_open(void (*end)(void))
{
	struct kprobe_rig rig = kprobe_up();
	pid_t tool = fork();
	int i;

	if (!tool) {
		for (i = 0; i < 5; i++)
			attach_kernel(rig.skel->progs.entry, F_MAX, .bpf_cookie = i);
		rig.skel->bss->traced[1] = getpid();
		kernel_call(F_MAX, 1);
		say_links();
		end();
	}
	waitpid(tool, NULL, 0);
	who_add_like(tool, "tool", getpid());
	kernel_call(F_MAX, 2);
	kprobe_down(&rig);
}

static void left_at_exit(void)
{
	left_open(end_by_exit);
}

static void left_at_signal(void)
{
	left_open(end_by_signal);
}

#define ROUNDS 40

/* Rounds of attach and detach leave neither fds nor, after some of them, more memory. */
static void memory(void)
{
	struct kprobe_rig rig = kprobe_up();
	size_t before = 0, after;
	int fds = 0, i;

	for (i = 0; i < 2 * ROUNDS; i++) {
		if (i == ROUNDS) {
			before = mallinfo2().uordblks;
			fds = fds_open();
		}
		destroy(attach_kernel(rig.skel->progs.entry, F_MAX, .bpf_cookie = i));
	}
	after = mallinfo2().uordblks;
	say("fds %d, memory %s", fds_open() - fds, after < before + ROUNDS * 16 ? "the same" : "more");
	kprobe_down(&rig);
}

const struct scenario kprobe_life_scenarios[] = {
	{ "kprobe-again", again },
	{ "kprobe-after-object", after_object },
	{ "kprobe-update", update },
	{ "kprobe-pinned", pinned },
	{ "kprobe-forks", forks },
	{ "kprobe-in-child", in_child },
	{ "kprobe-left-at-exit", left_at_exit },
	{ "kprobe-left-at-signal", left_at_signal },
	{ "kprobe-memory", memory },
	{},
};
