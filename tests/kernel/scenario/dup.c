// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* File descriptors of uprobes and links that are copied, moved and replaced. */
#include <fcntl.h>
#include <unistd.h>
#include "scenario.h"

#define FREE_FD       77
#define OTHER_FREE_FD 78

static int open_f0(struct rig *rig)
{
	int fd = perf_open_uprobe(target_path(), target_offset(rig->target, "f0"), false, -1, 0);

	if (fd < 0)
		die("perf_event_open");
	return fd;
}

static int copy_dup(int fd)
{
	return dup(fd);
}

static int copy_fcntl(int fd)
{
	return fcntl(fd, F_DUPFD, 50);
}

static int copy_fcntl_cloexec(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

static int copy_dup2(int fd)
{
	return dup2(fd, FREE_FD);
}

static int copy_dup3(int fd)
{
	return dup3(fd, OTHER_FREE_FD, O_CLOEXEC);
}

static int (*const copies[])(int) = { copy_dup, copy_fcntl, copy_fcntl_cloexec, copy_dup2, copy_dup3 };

#define NR_COPIES (sizeof(copies) / sizeof(*copies))

/* Closes a part of what holds the probe, and says with a hit, or without one, whether it is still there. */
static void close_and_call(struct rig *rig, int fd)
{
	close(fd);
	settle();
	target_call(rig->target, "f0", 1);
	rig_say_hits(rig);
}

/* The copy gets the program, with the original open or closed already. */
static void before_set_bpf(void)
{
	struct rig rig = rig_up();
	int prog = bpf_program__fd(rig.skel->progs.entry), fd, copy;
	size_t i;

	for (i = 0; i < NR_COPIES; i++) {
		fd = open_f0(&rig);
		copy = copies[i](fd);
		if (i % 2)
			close(fd);
		say_result("set", !perf_set_bpf(copy, prog));
		say_result("enable", !perf_enable(copy));
		if (!(i % 2))
			close_and_call(&rig, fd);
		else
			target_call(rig.target, "f0", 2);
		say_links();
		close_and_call(&rig, copy);
	}
	rig_down(&rig);
}

/* The program came before the copy. */
static void after_set_bpf(void)
{
	struct rig rig = rig_up();
	int prog = bpf_program__fd(rig.skel->progs.entry), fd, copy;
	size_t i;

	for (i = 0; i < NR_COPIES; i++) {
		fd = open_f0(&rig);
		say_result("set", !perf_set_bpf(fd, prog));
		copy = copies[i](fd);
		close_and_call(&rig, i % 2 ? fd : copy);
		say_links();
		close_and_call(&rig, i % 2 ? copy : fd);
	}
	rig_down(&rig);
}

static void before_link(void)
{
	struct rig rig = rig_up();
	int fd = open_f0(&rig), copy = dup(fd), link;

	close(fd);
	link = perf_link(bpf_program__fd(rig.skel->progs.entry), copy, 3);
	say_result("create", link >= 0);
	say_links();
	close_and_call(&rig, copy);
	close_and_call(&rig, link);
	rig_down(&rig);
}

static void copied_link(void)
{
	struct rig rig = rig_up();
	int fd, link, copy;
	size_t i;

	for (i = 0; i < NR_COPIES; i++) {
		fd = open_f0(&rig);
		link = perf_link(bpf_program__fd(rig.skel->progs.entry), fd, 10 + i);
		copy = copies[i](link);
		close(fd);
		close_and_call(&rig, i % 2 ? link : copy);
		say_links();
		close_and_call(&rig, i % 2 ? copy : link);
	}
	rig_down(&rig);
}

/* Something else is put where the uprobe, and where the link, was. */
static void replaced(void)
{
	struct rig rig = rig_up();
	int prog = bpf_program__fd(rig.skel->progs.entry), nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int fd = open_f0(&rig), link;

	perf_set_bpf(fd, prog);
	say_links();
	dup2(nothing, fd);
	settle();
	target_call(rig.target, "f0", 1);
	rig_say_hits(&rig);
	close(fd);

	fd = open_f0(&rig);
	link = perf_link(prog, fd, 4);
	close(fd);
	say_links();
	dup3(nothing, link, O_CLOEXEC);
	settle();
	target_call(rig.target, "f0", 1);
	rig_say_hits(&rig);
	close(link);
	close(nothing);
	rig_down(&rig);
}

/* dup2() onto itself changes nothing. */
static void onto_itself(void)
{
	struct rig rig = rig_up();
	int fd = open_f0(&rig), same = dup2(fd, fd);

	say("same %d", same == fd);
	say_result("set", !perf_set_bpf(fd, bpf_program__fd(rig.skel->progs.entry)));
	same = dup2(fd, fd);
	say("same %d", same == fd);
	say_result("dup3", dup3(fd, fd, 0) >= 0);
	target_call(rig.target, "f0", 1);
	say_links();
	close_and_call(&rig, fd);
	rig_down(&rig);
}

/* The program's fd under another number. */
static void copied_program(void)
{
	struct rig rig = rig_up();
	int prog = bpf_program__fd(rig.skel->progs.entry), fd = open_f0(&rig), copy;
	size_t i;

	close(fd);
	for (i = 0; i < NR_COPIES; i++) {
		copy = copies[i](prog);
		fd = open_f0(&rig);
		say_result("set", !perf_set_bpf(fd, copy));
		close(copy);
		target_call(rig.target, "f0", 1);
		say_links();
		close_and_call(&rig, fd);
	}
	rig_down(&rig);
}

const struct scenario dup_scenarios[] = {
	{ "dup-before-set-bpf", before_set_bpf },
	{ "dup-after-set-bpf", after_set_bpf },
	{ "dup-before-link", before_link },
	{ "dup-of-link", copied_link },
	{ "dup-over", replaced },
	{ "dup-onto-itself", onto_itself },
	{ "dup-of-program", copied_program },
	{},
};
