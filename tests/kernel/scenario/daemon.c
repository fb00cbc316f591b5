// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Tools that close all that is open, and tools that go on as another process. */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "sandbox.h"
#include "scenario.h"

/* ---- file descriptors ---- */

#define NUMBERS 1024

static int close_by_syscall(int fd)
{
	return (int)syscall(SYS_close, fd);
}

/* All but what the scenario itself needs, which is there already; and while links are being detached. */
static void sweep(const bool *keep, int (*close_one)(int fd))
{
	int fd;

	for (fd = 3; fd < NUMBERS; fd++)
		if (!keep[fd])
			close_one(fd);
}

static int reuse(const bool *keep)
{
	int fd, null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	for (fd = 3; fd < NUMBERS; fd++)
		if (!keep[fd] && fd != null && dup3(null, fd, O_CLOEXEC) != fd)
			die("dup3");
	settle();
	for (fd = 3; fd < NUMBERS; fd++)
		if (!keep[fd] && fcntl(fd, F_GETFD) < 0)
			return fd;
	return 0;
}

static void swept(struct rig *rig, int (*close_one)(int fd))
{
	const struct rlimit limit = { NUMBERS, NUMBERS };
	const struct place place = place_of_f0(rig);
	struct bpf_link *one, *other;
	bool keep[NUMBERS];
	int fd, lost;

	setrlimit(RLIMIT_NOFILE, &limit);
	for (fd = 0; fd < NUMBERS; fd++)
		keep[fd] = fcntl(fd, F_GETFD) >= 0;
	one = attach_f0(rig, 1);
	other = attach_f0(rig, 2);
	perf_set_bpf(open_place(&place), bpf_program__fd(rig->skel->progs.second));
	target_call(rig->target, "f0", 3);
	say_links();
	bpf_link__destroy(one);
	sweep(keep, close_one);
	settle();
	say("links %d", links_open());
	target_call(rig->target, "f0", 1);
	bpf_link__destroy(other); /* nobody's numbers */
	other = attach_f0(rig, 3);
	target_call(rig->target, "f0", 2);
	say_links();
	bpf_link__destroy(other);
	sweep(keep, close_one);
	lost = reuse(keep);
	say("all numbers are %s", lost ? "not the tool's" : "the tool's");
	sweep(keep, close_one);
}

static void swept_by_close(struct rig *rig)
{
	swept(rig, close);
}

static void swept_by_syscall(struct rig *rig)
{
	swept(rig, close_by_syscall);
}

static void sweeps(void)
{
	struct rig rig = rig_up();

	in_descendants(&rig, swept_by_close);
	in_descendants(&rig, swept_by_syscall);
	rig_down(&rig);
}

/* A daemon has no terminal, and here not even what 0 to 2 are for. */
static void without_streams(struct rig *rig)
{
	struct bpf_link *link;

	close(0);
	close(1);
	close(2);
	link = attach_f0(rig, 1);
	target_call(rig->target, "f0", 2);
	say_links();
	bpf_link__destroy(link);
	settle();
	say("free %d %d %d", fcntl(0, F_GETFD) < 0, fcntl(1, F_GETFD) < 0, fcntl(2, F_GETFD) < 0);
}

static void streams_closed(void)
{
	run_in_descendants(without_streams);
}

/* ---- daemons ---- */

static int own_pidfd(void)
{
	int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);

	if (pidfd < 0)
		die("pidfd_open");
	return pidfd;
}

/* Until the parent is gone, and its copies of all fds with it. */
static void await_end(int pidfd)
{
	struct pollfd end = { .fd = pidfd, .events = POLLIN };

	while (poll(&end, 1, -1) != 1)
		;
	close(pidfd);
}

static void become_daemon(void)
{
	int i, parent;

	for (i = 0; i < 2; i++) {
		parent = own_pidfd();
		if (daemon(i, i))
			die("daemon");
		await_end(parent);
	}
}

static void daemon_first(struct rig *rig)
{
	struct bpf_link *link;

	become_daemon();
	link = attach_f0(rig, 1);
	target_call(rig->target, "f0", 2);
	say_links();
	bpf_link__destroy(link);
	settle();
	target_call(rig->target, "f0", 1);
}

/* The links are its parents', which are gone. */
static void daemon_after(struct rig *rig)
{
	struct bpf_link *one = attach_f0(rig, 1), *two = attach_f0(rig, 2), *three;

	become_daemon();
	target_call(rig->target, "f0", 2);
	say_links();
	bpf_link__destroy(one);
	target_call(rig->target, "f0", 1);
	three = attach_f0(rig, 3);
	target_call(rig->target, "f0", 1);
	say_links();
	bpf_link__destroy(three);
	bpf_link__destroy(two);
	settle();
	target_call(rig->target, "f0", 1);
}

/* The parents end by exit(), with all that is called there. */
static void forks_and_exits(struct rig *rig)
{
	struct bpf_link *link = attach_f0(rig, 1);
	int i, parent;

	for (i = 0; i < 2; i++) {
		parent = own_pidfd();
		if (fork())
			exit(0);
		await_end(parent);
	}
	target_call(rig->target, "f0", 2);
	say_links();
	bpf_link__destroy(link);
	settle();
	target_call(rig->target, "f0", 1);
}

static void daemon_before_attach(void)
{
	run_in_descendants(daemon_first);
}

static void daemon_after_attach(void)
{
	run_in_descendants(daemon_after);
}

static void daemon_by_hand(void)
{
	run_in_descendants(forks_and_exits);
}

const struct scenario daemon_scenarios[] = {
	{ "sweep-of-all-fds", sweeps },
	{ "streams-closed", streams_closed },
	{ "daemon-before-attach", daemon_before_attach },
	{ "daemon-after-attach", daemon_after_attach },
	{ "daemon-by-hand", daemon_by_hand },
	{},
};
