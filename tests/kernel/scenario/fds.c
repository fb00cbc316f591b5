// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* File descriptors that end by other ways than close(), or have unusual numbers. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "scenario.h"

static int open_f0(struct rig *rig)
{
	int fd = perf_open_uprobe(target_path(), target_offset(rig->target, "f0"), false, -1, 0);

	if (fd < 0)
		die("perf_event_open");
	return fd;
}

/* libbpf moves links that it gets below 3, and leaves perf events there. */
static void low_numbers(void)
{
	struct rig rig = rig_up();
	struct bpf_link *link;
	int in = high_fd(0), out = high_fd(1);

	close(0);
	close(1);
	link = attach_function(rig.skel->progs.entry, "f0", .bpf_cookie = 1);
	say("0 %s, 1 %s", fcntl(0, F_GETFD) < 0 ? "free" : "taken", fcntl(1, F_GETFD) < 0 ? "free" : "taken");
	target_call(rig.target, "f0", 3);
	say_links();
	destroy(link);
	dup2(in, 0);
	dup2(out, 1);
	close(in);
	close(out);
	target_call(rig.target, "f0", 2);
	rig_down(&rig);
}

/* The same without libbpf: 0 and 1 are what the tool works with. */
static void low_numbers_kept(void)
{
	struct rig rig = rig_up();
	int in = high_fd(0), perf, link;

	close(0);
	perf = open_f0(&rig);
	link = perf_link(bpf_program__fd(rig.skel->progs.entry), perf, 1);
	say("perf-fd %d", perf);
	target_call(rig.target, "f0", 3);
	say_links();
	close(perf);
	close(link);
	settle();
	dup2(in, 0);
	close(in);
	target_call(rig.target, "f0", 2);
	rig_down(&rig);
}

static void perf_fd_first(void)
{
	struct rig rig = rig_up();
	int perf = open_f0(&rig), link = perf_link(bpf_program__fd(rig.skel->progs.entry), perf, 1);

	close(perf);
	settle();
	target_call(rig.target, "f0", 3);
	say_links();
	close(link);
	settle();
	target_call(rig.target, "f0", 2);
	rig_down(&rig);
}

/* Closing the link's fd takes the program off; the event stays, without one. */
static void link_fd_first(void)
{
	struct rig rig = rig_up();
	int prog = bpf_program__fd(rig.skel->progs.entry);
	int perf = open_f0(&rig), link = perf_link(prog, perf, 1);

	target_call(rig.target, "f0", 3);
	say_links();
	close(link);
	settle();
	target_call(rig.target, "f0", 2);
	say("links %d", links_open());
	/* It can take another program. */
	link = perf_link(prog, perf, 2);
	say_result("again", link >= 0);
	target_call(rig.target, "f0", 1);
	close(link);
	close(perf);
	settle();
	rig_down(&rig);
}

static void never_used(void)
{
	struct rig rig = rig_up();
	int perf = open_f0(&rig);

	target_call(rig.target, "f0", 1);
	say_links();
	close(perf);
	rig_down(&rig);
}

#define LAST_LOW_FD 190

/* Everything below the scenario's own. */
static void range_closed(void)
{
	struct rig rig = rig_up();
	int hits = high_fd(rig.hits), fds;

	attach_function(rig.skel->progs.entry, "f0", .bpf_cookie = 1);
	perf_set_bpf(open_f0(&rig), bpf_program__fd(rig.skel->progs.second));
	target_call(rig.target, "f0", 3);
	say_links();
	fds = fds_open();
	if (close_range(3, LAST_LOW_FD, 0))
		die("close_range");
	settle();
	say("closed %s, links %d", fds_open() < fds ? "some" : "none", links_open());
	target_call(rig.target, "f0", 2);
	say_hits(hits);
	/* What it used is gone, so it starts anew; fd numbers come back. */
	close(hits);
	target_stop(rig.target);
	rig = rig_up();
	attach_function(rig.skel->progs.entry, "f0", .bpf_cookie = 2);
	target_call(rig.target, "f0", 2);
	rig_say_hits(&rig);
	close_range(3, LAST_LOW_FD, 0);
	target_stop(rig.target);
}

/* In a child, which then lives on without any. */
static void closed_from_three(void)
{
	struct rig rig = rig_up();
	int to[2], from[2];
	char byte = 0;
	pid_t tool;

	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		die("pipe2");
	tool = fork();
	if (!tool) {
		attach_function(rig.skel->progs.entry, "f0", .bpf_cookie = 1);
		say_links();
		target_call(rig.target, "f0", 3);
		dup2(to[0], 0);
		dup2(from[1], 1);
		closefrom(3);
		/* Does as little as can be: no bpf() call for a second thought. */
		if (write(1, "", 1) == 1 && read(0, &byte, 1) == 1)
			_exit(0);
		_exit(1);
	}
	if (read(from[0], &byte, 1) != 1)
		die("the child does not answer");
	target_call(rig.target, "f0", 2);
	if (write(to[1], "", 1) != 1)
		die("the child does not listen");
	waitpid(tool, NULL, 0);
	close(to[0]);
	close(to[1]);
	close(from[0]);
	close(from[1]);
	rig_down(&rig);
}

/* A stream closes its fd inside of libc. The number comes back at once, for another uprobe. */
static void closed_by_stream(void)
{
	struct rig rig = rig_up();
	int prog = bpf_program__fd(rig.skel->progs.entry), perf = open_f0(&rig), again;

	say_result("set", !perf_set_bpf(perf, prog));
	say_links();
	target_call(rig.target, "f0", 3);
	fclose(fdopen(perf, "r"));
	settle();
	target_call(rig.target, "f0", 2);
	rig_say_hits(&rig);
	again = perf_open_uprobe(target_path(), target_offset(rig.target, "f1"), false, -1, 0);
	say("number %s", again == perf ? "the same" : "another");
	say_result("set", !perf_set_bpf(again, prog));
	target_call(rig.target, "f0", 1);
	target_call(rig.target, "f1", 2);
	say_links();
	close(again);
	settle();
	target_call(rig.target, "f1", 1);
	rig_down(&rig);
}

/* After exec() nobody has the links any more. */
static void closed_by_exec(void)
{
	struct rig rig = rig_up();
	int to[2], from[2];
	char byte = 0;
	pid_t tool;

	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		die("pipe2");
	tool = fork();
	if (!tool) {
		attach_function(rig.skel->progs.entry, "f0", .bpf_cookie = 1);
		perf_set_bpf(open_f0(&rig), bpf_program__fd(rig.skel->progs.second));
		say_links();
		target_call(rig.target, "f0", 3);
		dup2(to[0], 0);
		dup2(from[1], 1);
		execl(target_path(), "target", NULL);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	/* A target as good as any: once it answers, the exec() is over. */
	if (write(to[1], "tid\n", 4) != 4 || read(from[0], &byte, 1) != 1)
		die("the child does not answer");
	target_call(rig.target, "f0", 2);
	close(to[1]);
	close(from[0]);
	waitpid(tool, NULL, 0);
	rig_down(&rig);
}

const struct scenario fd_scenarios[] = {
	{ "low-fds", low_numbers },
	{ "low-fds-kept", low_numbers_kept },
	{ "perf-fd-closed-first", perf_fd_first },
	{ "link-fd-closed-first", link_fd_first },
	{ "perf-fd-never-used", never_used },
	{ "close-range", range_closed },
	{ "closefrom", closed_from_three },
	{ "closed-by-stream", closed_by_stream },
	{ "closed-by-exec", closed_by_exec },
	{},
};
