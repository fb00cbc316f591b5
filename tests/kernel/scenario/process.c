// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* fork(), vfork() and signals, under a tool that has probes. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "scenario.h"

static struct bpf_link *attach_f0(struct rig *rig)
{
	return attach_function(rig->skel->progs.entry, "f0", .bpf_cookie = 1);
}

static void finish(struct rig *rig, struct bpf_link *link)
{
	target_call(rig->target, "f0", 2);
	say_links();
	rig_say_hits(rig);
	destroy(link);
	target_call(rig->target, "f0", 1);
	rig_down(rig);
}

static void in_child(void (*what)(struct bpf_link *link), struct bpf_link *link)
{
	pid_t child = fork();

	if (!child) {
		what(link);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

static void nothing(struct bpf_link *link)
{
	(void)link;
}

static void exits(struct bpf_link *link)
{
	(void)link;
	exit(0);
}

static void closes(struct bpf_link *link)
{
	close(bpf_link__fd(link));
	closefrom(3);
}

/* Its copy of the perf event is disabled for everybody; that does not stop the program. */
static void destroys(struct bpf_link *link)
{
	bpf_link__destroy(link);
}

/* Children that end in every way leave the parent's probe alone. */
static void children_end(void)
{
	struct rig rig = rig_up();
	struct bpf_link *link = attach_f0(&rig);
	void (*const ways[])(struct bpf_link *) = { nothing, exits, closes, destroys };
	size_t i;

	for (i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		in_child(ways[i], link);
		target_call(rig.target, "f0", 1);
	}
	finish(&rig, link);
}

/* A child uses the program that its parent loaded, while the parent has a probe of its own. */
static void child_attaches(void)
{
	struct rig rig = rig_up();
	struct bpf_link *link = attach_f0(&rig), *own;
	pid_t child = fork();

	if (!child) {
		own = attach_function(rig.skel->progs.entry, "f1", .bpf_cookie = 2);
		target_call(rig.target, "f1", 3);
		say_links();
		destroy(own);
		target_call(rig.target, "f1", 1);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	target_call(rig.target, "f1", 1);
	finish(&rig, link);
}

/* The tool ends, and a child that has copies of its fds goes on: so do the probes. */
static void child_goes_on(void)
{
	struct rig rig = rig_up();
	int pipes[2];
	pid_t tool;
	char byte;

	if (pipe2(pipes, O_CLOEXEC))
		die("pipe2");
	tool = fork();
	if (!tool) {
		attach_f0(&rig);
		say_links();
		if (!fork()) {
			close(pipes[1]);
			if (read(pipes[0], &byte, 1))
				_exit(1);
			/* Not through exit(): nothing is closed for it. */
			_exit(0);
		}
		exit(0);
	}
	waitpid(tool, NULL, 0);
	target_call(rig.target, "f0", 3);
	rig_say_hits(&rig);
	close(pipes[0]);
	close(pipes[1]);
	rig_down(&rig);
}

/* A vfork() child shares the parent's memory, but not its file descriptors. */
static void vfork_closes(int link_fd)
{
	pid_t child = vfork();

	if (!child) {
		close(link_fd);
		close_range(3, 150, 0);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

static void vforked(void)
{
	struct rig rig = rig_up();
	struct bpf_link *link = attach_f0(&rig);

	vfork_closes(bpf_link__fd(link));
	target_call(rig.target, "f0", 1);
	finish(&rig, link);
}

static volatile int fd_for_handler;

static void close_fd(int signal)
{
	(void)signal;
	close(fd_for_handler);
}

static void closed_by_handler(void)
{
	struct rig rig = rig_up();
	struct bpf_link *link = attach_f0(&rig);

	signal(SIGUSR1, close_fd);
	target_call(rig.target, "f0", 3);
	say_links();
	fd_for_handler = bpf_link__fd(link);
	raise(SIGUSR1);
	settle();
	target_call(rig.target, "f0", 2);
	say("links %d", links_open());
	/* Closes the number a second time: it is nobody's. */
	destroy(link);
	rig_down(&rig);
}

/* Signals while it attaches and detaches: a handler's own fds come and go in between. */
static void open_and_close(int signal)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)signal;
	close(dup(fd));
	close(fd);
}

static void under_signals(void)
{
	const struct itimerspec often = { { 0, 500000 }, { 0, 500000 } };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2 };
	struct sigaction action = { .sa_handler = open_and_close, .sa_flags = SA_RESTART };
	struct rig rig = rig_up();
	struct bpf_link *link;
	timer_t timer;
	int i;

	/* libbpf's own questions to the kernel fail under so many signals if the machine is slow. */
	destroy(attach_f0(&rig));
	sigaction(SIGUSR2, &action, NULL);
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) || timer_settime(timer, 0, &often, NULL))
		die("no timer");
	for (i = 0; i < 3; i++) {
		link = attach_f0(&rig);
		target_call(rig.target, "f0", 1);
		if (!i)
			say_links();
		destroy(link);
	}
	timer_delete(timer);
	rig_down(&rig);
}

const struct scenario process_scenarios[] = {
	{ "fork-children-end", children_end },
	{ "fork-child-attaches", child_attaches },
	{ "fork-child-goes-on", child_goes_on },
	{ "vfork-child-closes", vforked },
	{ "handler-closes-link", closed_by_handler },
	{ "under-signals", under_signals },
	{},
};
