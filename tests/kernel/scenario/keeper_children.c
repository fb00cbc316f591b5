// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Children of a tool that is killed: they keep what their own file descriptors hold, and nothing else. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "keeper_rig.h"

enum { LINKS = 4, KEPT = 2 };

static int (*close_one)(int fd);

/* A child that holds the last two. It ends with its standard input. */
static void be_child(struct watch *watch)
{
	char byte;

	bare_close(watch->child_input);
	for (int i = 0; i < LINKS - KEPT; i++)
		close_one(bpf_link__fd(watch->links[i]));
	tool_ready(watch);
	bare_call(SYS_read, 0, (long)&byte, 1, 0, 0, 0);
	_exit(0);
}

static int run_child(void *watch)
{
	be_child(watch);
	return 0;
}

static pid_t by_fork(struct watch *watch)
{
	(void)watch;
	return fork();
}

static pid_t by__Fork(struct watch *watch)
{
	(void)watch;
	return _Fork();
}

static pid_t by_clone(struct watch *watch)
{
	static char stack[1 << 16] __attribute__((aligned(16)));

	return clone(run_child, stack + sizeof(stack), SIGCHLD, watch);
}

static pid_t by_raw_clone(struct watch *watch)
{
	(void)watch;
	return (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static pid_t by_clone3(struct watch *watch)
{
	struct clone_args args = { .exit_signal = SIGCHLD };

	(void)watch;
	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

/* All of the parent's are its own as well, the keeper's too: what it closes has to be seen. */
static pid_t by_sharing(struct watch *watch)
{
	static char stack[1 << 16] __attribute__((aligned(16)));

	return clone(run_child, stack + sizeof(stack), CLONE_FILES | SIGCHLD, watch);
}

static pid_t (*make_child)(struct watch *watch);

static void has_child(struct watch *watch)
{
	pid_t child;

	tool_attach(watch, LINKS);
	child = make_child(watch);
	if (!child)
		be_child(watch);
	if (child < 0)
		die("no child: %s", error_name(errno));
	wait_to_be_killed();
}

static const struct way {
	const char *what;
	pid_t (*make_child)(struct watch *watch);
} ways[] = {
	{ "fork()", by_fork },         { "_Fork()", by__Fork },     { "clone()", by_clone },
	{ "SYS_clone", by_raw_clone }, { "SYS_clone3", by_clone3 }, { "CLONE_FILES", by_sharing },
};

/* Which of the links are there once those are gone that are to go: "..##". */
static const char *links_there(struct watch *watch)
{
	static char text[LINKS + 1];
	int i, fd;

	for (i = 0; i < LINKS - KEPT; i++)
		link_goes(watch->seen->ids[i]);
	for (i = 0; i < LINKS; i++) {
		fd = bpf_link_get_fd_by_id(watch->seen->ids[i]);
		text[i] = fd < 0 ? '.' : '#';
		if (fd >= 0)
			close(fd);
	}
	return text;
}

static void outlives(struct watch *watch, const struct way *way)
{
	int pipes[2], input = high_fd(0), status;
	pid_t tool;

	if (pipe(pipes))
		die("pipe");
	dup2(pipes[0], 0);
	fcntl(pipes[1], F_SETFD, FD_CLOEXEC);
	close(pipes[0]);
	watch->child_input = pipes[1];
	make_child = way->make_child;
	close_one = way->make_child == by_sharing ? close : bare_close;
	tool = tool_start(watch, has_child);
	dup2(input, 0);
	close(input);
	kill(tool, SIGKILL);
	waitpid(tool, &status, 0);
	say("%s: %s", way->what, links_there(watch));
	close(pipes[1]);
	say("then: %s", left_behind(watch));
}

static void outlived(void)
{
	struct watch watch;

	watch_up(&watch);
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		outlives(&watch, &ways[i]);
	watch_down(&watch);
}

/* ---- the tool goes on as its own child ----------------------------------------------------------- */

static void becomes_daemon(struct watch *watch)
{
	tool_attach(watch, LINKS);
	if (daemon(1, 1))
		die("daemon");
	watch->seen->daemon = getpid();
	tool_ready(watch);
	wait_to_be_killed();
}

static void daemon_killed(void)
{
	struct watch watch;
	pid_t tool;

	watch_up(&watch);
	tool = tool_start(&watch, becomes_daemon);
	waitpid(tool, NULL, 0);
	while (!atomic_load(&watch.seen->ready))
		sched_yield();
	rig_call_all(&watch.rig, 1);
	kill(watch.seen->daemon, SIGKILL);
	say("left: %s", left_behind(&watch));
	watch_down(&watch);
}

const struct scenario keeper_child_scenarios[] = {
	{ "keeper-outlived", outlived },
	{ "keeper-daemon", daemon_killed },
	{},
};
