// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* uprobe_multi links that the tool makes itself, with a system call: of any libbpf, on any kernel. */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "scenario.h"

/* From newer headers than Debian 12 has. */
#define TRACE_UPROBE_MULTI  48
#define UPROBE_MULTI_RETURN 1
#define MAX_PLACES          4

struct multi {
	int nr;
	__u64 offsets[MAX_PLACES], ref_ctr_offsets[MAX_PLACES], cookies[MAX_PLACES];
	pid_t pid;
	bool retprobe;
	const char *path;
};

static int create(struct bpf_program *prog, const struct multi *multi)
{
	struct {
		__u32 prog_fd, target_fd, attach_type, flags;
		__aligned_u64 path, offsets, ref_ctr_offsets, cookies;
		__u32 cnt, multi_flags, pid, padding;
	} attr = {
		.prog_fd = bpf_program__fd(prog),
		.attach_type = TRACE_UPROBE_MULTI,
		.path = (uintptr_t)(multi->path ? multi->path : target_path()),
		.offsets = (uintptr_t)multi->offsets,
		.ref_ctr_offsets = (uintptr_t)multi->ref_ctr_offsets,
		.cookies = (uintptr_t)multi->cookies,
		.cnt = multi->nr,
		.multi_flags = multi->retprobe ? UPROBE_MULTI_RETURN : 0,
		.pid = multi->pid,
	};

	return syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));
}

static int must_create(struct bpf_program *prog, const struct multi *multi)
{
	int link = create(prog, multi);

	if (link < 0)
		die("no link: %s", error_name(errno));
	return link;
}

static void detach(int link)
{
	close(link);
	settle();
}

/* As rig_up(), the programs being of the multi type. */
static struct rig multi_up(void)
{
	struct rig rig = { .skel = count_bpf__open() };
	struct bpf_program *prog;

	if (!rig.skel)
		die("cannot open the programs");
	bpf_object__for_each_program (prog, rig.skel->obj)
		bpf_program__set_expected_attach_type(prog, TRACE_UPROBE_MULTI);
	if (count_bpf__load(rig.skel))
		die("cannot load the programs");
	rig.hits = bpf_map__fd(rig.skel->maps.hits);
	rig.target = target_start("target");
	return rig;
}

static struct multi on(struct rig *rig, const char *first, const char *second, const char *third)
{
	const char *const functions[] = { first, second, third };
	struct multi multi = { .nr = 3 };

	for (int i = 0; i < multi.nr; i++) {
		multi.offsets[i] = target_offset(rig->target, functions[i]);
		multi.cookies[i] = 7 + i;
	}
	return multi;
}

static void call_three(struct rig *rig)
{
	target_call(rig->target, "f0", 1);
	target_call(rig->target, "f1", 2);
	target_call(rig->target, "f2", 3);
}

static void cookies(void)
{
	struct rig rig = multi_up();
	struct multi multi = on(&rig, "f0", "f1", "f2");
	int link = must_create(rig.skel->progs.entry, &multi);

	call_three(&rig);
	say_links();
	detach(link);
	call_three(&rig);
	rig_down(&rig);
}

static void returns(void)
{
	struct rig rig = multi_up();
	struct multi multi = on(&rig, "f0", "f1", "f2");
	int link;

	multi.retprobe = true;
	link = must_create(rig.skel->progs.leave, &multi);
	call_three(&rig);
	say_links();
	detach(link);
	call_three(&rig);
	rig_down(&rig);
}

static void of_one_process(void)
{
	struct rig rig = multi_up();
	struct target *other = target_start("other");
	struct multi multi = on(&rig, "f0", "f1", "f2");
	int link;

	multi.pid = target_pid(rig.target);
	link = must_create(rig.skel->progs.entry, &multi);
	call_three(&rig);
	target_thread_call(rig.target, "f0", 4);
	target_call(other, "f0", 5);
	say_links();
	detach(link);
	multi.pid = target_tid(rig.target);
	say_result("thread", create(rig.skel->progs.entry, &multi) >= 0);
	rig_down(&rig);
	target_stop(other);
}

/* The same place twice: both run. */
static void twice(void)
{
	struct rig rig = multi_up();
	struct multi multi = on(&rig, "f0", "f0", "f1");
	int link = must_create(rig.skel->progs.entry, &multi);

	call_three(&rig);
	say_links();
	detach(link);
	rig_down(&rig);
}

static void semaphores(void)
{
	struct rig rig = multi_up();
	struct multi multi = on(&rig, "f0", "f1", "f2");
	int link;

	multi.ref_ctr_offsets[0] = multi.ref_ctr_offsets[1] = target_offset(rig.target, "own");
	say("before own=%d", target_semaphore(rig.target, "own"));
	link = must_create(rig.skel->progs.entry, &multi);
	say("during own=%d", target_semaphore(rig.target, "own"));
	call_three(&rig);
	say_links();
	detach(link);
	say("after own=%d", target_semaphore(rig.target, "own"));
	rig_down(&rig);
}

static void all_or_none(void)
{
	struct rig rig = multi_up();
	struct multi multi = on(&rig, "f0", "f1", "f2");

	multi.ref_ctr_offsets[0] = target_offset(rig.target, "own");
	multi.offsets[2] = 1ull << 30;
	say_result("past-the-end", create(rig.skel->progs.entry, &multi) >= 0);
	multi.path = "/no/such/file";
	say_result("missing", create(rig.skel->progs.entry, &multi) >= 0);
	say_links();
	say("own=%d", target_semaphore(rig.target, "own"));
	call_three(&rig);
	rig_down(&rig);
}

static void copies(void)
{
	struct rig rig = multi_up();
	struct multi multi = on(&rig, "f0", "f1", "f2");
	int link = must_create(rig.skel->progs.entry, &multi), copy = dup(link);

	detach(link);
	call_three(&rig);
	say_links();
	rig_say_hits(&rig);
	detach(copy);
	call_three(&rig);
	rig_down(&rig);
}

const struct scenario multi_scenarios[] = {
	{ "multi-cookies", cookies },        { "multi-returns", returns },
	{ "multi-process", of_one_process }, { "multi-twice", twice },
	{ "multi-semaphores", semaphores },  { "multi-all-or-none", all_or_none },
	{ "multi-copies", copies },          {},
};
