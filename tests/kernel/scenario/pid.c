// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Whom a probe sees: every form that the pid argument has. */
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "functions.h"
#include "scenario.h"

TRACED_FUNCTION(self_f, 100)

static void call_self(int times)
{
	long (*volatile call)(long) = self_f;
	int i;

	for (i = 1; i <= times; i++)
		call(i);
}

static void call_library(int times)
{
	int i;

	for (i = 1; i <= times; i++)
		lib_f0(i);
}

static void name_self(void)
{
	who_add(getpid(), "self");
	who_add_symbol(getpid(), "self_f", (unsigned long)self_f);
	who_add_symbol(getpid(), "lib_f0", (unsigned long)lib_f0);
}

/* A library that this process, a child of it, and the target have; the probe is for this process. */
static void own_library(pid_t pid)
{
	struct rig rig = rig_up();
	struct bpf_link *link;
	pid_t child;

	name_self();
	link = attach(rig.skel->progs.entry, pid, library_path(), 0, .func_name = "lib_f0", .bpf_cookie = 1);
	call_library(3);
	target_call(rig.target, "lib_f0", 5);
	child = fork();
	if (!child) {
		call_library(1);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	who_add_like(child, "child", getpid());
	call_library(1);
	say_links();
	destroy(link);
	call_library(2);
	rig_down(&rig);
}

static void zero(void)
{
	own_library(0);
}

static void own_pid(void)
{
	own_library(getpid());
}

/* Nothing at all between the detach and the calls that must not be seen any more. */
static void traces_itself(void)
{
	struct rig rig = rig_up();
	struct bpf_link *link;

	name_self();
	link = attach(rig.skel->progs.entry, 0, "/proc/self/exe", 0, .func_name = "self_f", .bpf_cookie = 1);
	call_self(3);
	say_links();
	bpf_link__destroy(link);
	call_self(2);
	rig_down(&rig);
}

/* Its own executable, whoever runs it. */
static void own_executable(void)
{
	struct rig rig = rig_up();
	struct bpf_link *link;

	name_self();
	link = attach(rig.skel->progs.entry, -1, own_path(), 0, .func_name = "self_f", .bpf_cookie = 1);
	call_self(3);
	say_links();
	bpf_link__destroy(link);
	call_self(2);
	rig_down(&rig);
}

/* The target, another process of the same executable, and one that starts later. */
static void two_targets(pid_t (*pid_for)(struct target *target))
{
	struct rig rig = rig_up();
	struct target *other = target_start("other"), *later;
	struct bpf_link *link;
	pid_t pid = pid_for(rig.target);

	link = attach(rig.skel->progs.entry, pid, target_path(), 0, .func_name = "f0", .bpf_cookie = 1);
	later = target_start("later");
	target_call(rig.target, "f0", 2);
	target_thread_call(rig.target, "f0", 3);
	target_call(other, "f0", 4);
	target_call(later, "f0", 5);
	say_links();
	destroy(link);
	target_call(rig.target, "f0", 1);
	target_call(later, "f0", 1);
	target_stop(other);
	target_stop(later);
	rig_down(&rig);
}

static pid_t everybody(struct target *target)
{
	(void)target;
	return -1;
}

static void all_processes(void)
{
	two_targets(everybody);
}

static void another_process(void)
{
	two_targets(target_pid);
}

/* A thread's id means its process. */
static void thread_id(void)
{
	two_targets(target_tid);
}

/* In one process: entry and return, by process id and by thread id. */
static void return_of_thread(void)
{
	struct rig rig = rig_up();
	pid_t tid = target_tid(rig.target);
	struct bpf_link *link;

	link = attach(rig.skel->progs.leave, tid, target_path(), 0, .func_name = "f1", .retprobe = true,
		      .bpf_cookie = 1);
	target_call(rig.target, "f1", 1);
	target_thread_call(rig.target, "f1", 2);
	say_links();
	destroy(link);
	rig_down(&rig);
}

static void forked_child(void)
{
	struct rig rig = rig_up();
	struct bpf_link *link;

	link = attach(rig.skel->progs.entry, target_pid(rig.target), target_path(), 0, .func_name = "f0",
		      .bpf_cookie = 1);
	target_call(rig.target, "f0", 1);
	target_fork_call(rig.target, "f0", 7);
	target_call(rig.target, "f0", 2);
	say_links();
	destroy(link);
	rig_down(&rig);
}

static void forked_child_of_all(void)
{
	struct rig rig = rig_up();
	struct bpf_link *link = attach_function(rig.skel->progs.entry, "f0", .bpf_cookie = 1);

	target_call(rig.target, "f0", 1);
	target_fork_call(rig.target, "f0", 7);
	say_links();
	destroy(link);
	target_fork_call(rig.target, "f0", 7);
	rig_down(&rig);
}

/* Nobody traces the child: it is to fare as if nobody traced its parent either. */
static void child_unwinds(bool retprobe)
{
	struct rig rig = rig_up();
	struct bpf_program *prog = retprobe ? rig.skel->progs.leave : rig.skel->progs.entry;
	struct bpf_link *link;

	link = attach(prog, target_pid(rig.target), target_path(), 0, .func_name = "f_unwound",
		      .retprobe = retprobe, .bpf_cookie = 1);
	target_call(rig.target, "f_unwound", 2);
	target_unwind(rig.target, 1000);
	target_call(rig.target, "f_unwound", 1);
	say_links();
	destroy(link);
	target_unwind(rig.target, 1000);
	rig_down(&rig);
}

static void child_unwinds_entry(void)
{
	child_unwinds(false);
}

static void child_unwinds_return(void)
{
	child_unwinds(true);
}

static void nobody(void)
{
	struct rig rig = rig_up();
	struct bpf_program *prog = rig.skel->progs.entry;
	pid_t gone = fork();

	if (!gone)
		_exit(0);
	waitpid(gone, NULL, 0);
	say_result("gone", try_attach(prog, gone, target_path(), 0, .func_name = "f0"));
	say_result("never", try_attach(prog, 1 << 30, target_path(), 0, .func_name = "f0"));
	say_links();
	rig_down(&rig);
}

const struct scenario pid_scenarios[] = {
	{ "pid-zero", zero },
	{ "pid-own", own_pid },
	{ "pid-zero-own-executable", traces_itself },
	{ "pid-all-own-executable", own_executable },
	{ "pid-all", all_processes },
	{ "pid-another-process", another_process },
	{ "pid-thread", thread_id },
	{ "pid-thread-return", return_of_thread },
	{ "pid-forked-child", forked_child },
	{ "pid-all-forked-child", forked_child_of_all },
	{ "pid-child-unwinds", child_unwinds_entry },
	{ "pid-child-unwinds-return", child_unwinds_return },
	{ "pid-nobody", nobody },
	{},
};
