// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Closes that upshift does not see, and what becomes of the keeper's own file descriptor. */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "keeper_rig.h"

enum { LINKS = 4, TAKEN_FD = 1000 };

/* ---- that nobody sees ---------------------------------------------------------------------------- */

static void by_stream(int fd)
{
	fclose(fdopen(fd, "r"));
}

static void by_no_libc(int fd)
{
	bare_close(fd);
}

static void by_range_of_no_libc(int fd)
{
	bare_call(SYS_close_range, fd, fd, 0, 0, 0, 0);
}

static void by_dup_of_no_libc(int fd)
{
	const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	bare_call(SYS_dup3, null, fd, O_CLOEXEC, 0, 0, 0);
	close(null);
}

static void *map_ring(int ring, size_t size, off_t what)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, what);

	if (at == MAP_FAILED)
		die("cannot map the ring");
	return at;
}

/* One request, one answer. */
static void by_io_uring(int fd)
{
	struct io_uring_params params = { 0 };
	struct io_uring_sqe *request;
	int ring = (int)syscall(SYS_io_uring_setup, 1, &params);
	char *queue;

	if (ring < 0)
		die("no io_uring");
	queue = map_ring(ring, 4096, IORING_OFF_SQ_RING);
	request = map_ring(ring, 4096, IORING_OFF_SQES);
	*request = (struct io_uring_sqe){ .opcode = IORING_OP_CLOSE, .fd = fd };
	((unsigned int *)(queue + params.sq_off.array))[0] = 0;
	__atomic_store_n((unsigned int *)(queue + params.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		die("io_uring does nothing");
	munmap(queue, 4096);
	munmap(request, 4096);
	close(ring);
}

static void (*close_unseen)(int fd);

static void closes_unseen(struct watch *watch)
{
	tool_attach(watch, LINKS);
	rig_call_all(&watch->rig, 1);
	close_unseen(bpf_link__fd(watch->links[0]));
	settle_unseen();
	/* The link's id goes first, then the breakpoint. */
	say("%s", link_goes(watch->seen->ids[0]) && breakpoint_goes(watch, 0) ? "gone" : "there");
	rig_call_all(&watch->rig, 1);
	tool_ready(watch);
	wait_to_be_killed();
}

static void run_unseen(void (*close)(int fd))
{
	struct watch watch;

	watch_up(&watch);
	close_unseen = close;
	tool_end(&watch, tool_start(&watch, closes_unseen), SIGKILL, "then");
	watch_down(&watch);
}

static void unseen_stream(void)
{
	run_unseen(by_stream);
}

static void unseen_call(void)
{
	run_unseen(by_no_libc);
}

static void unseen_range(void)
{
	run_unseen(by_range_of_no_libc);
}

static void unseen_dup(void)
{
	run_unseen(by_dup_of_no_libc);
}

static void unseen_ring(void)
{
	struct io_uring_params params = { 0 };
	const int ring = (int)syscall(SYS_io_uring_setup, 1, &params);

	if (ring < 0)
		skip("no io_uring: %s", error_name(errno));
	close(ring);
	run_unseen(by_io_uring);
}

/* ---- the keeper's own ---------------------------------------------------------------------------- */

/* What the tool does to that number, or to one that is as good. */
static void (*take)(int fd);

static void by_close(int fd)
{
	close(fd);
}

static void by_dup2(int fd)
{
	const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	dup2(null, fd);
	close(null);
}

/* What is there looks like what the keeper has: pins would be files in it. */
static void by_directory(int fd)
{
	const int directory = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	dup2(directory, fd);
	close(directory);
}

static void by_rest_of_range(int fd)
{
	close_range((unsigned int)fd, ~0u, 0);
}

static void takes(struct watch *watch)
{
	struct stat before = { 0 }, after = { 0 };
	const int keeper = (tool_attach(watch, LINKS), keeper_fd()), fd = keeper < 0 ? TAKEN_FD : keeper;

	bool taken;

	rig_call_all(&watch->rig, 1);
	take(fd);
	taken = !fstat(fd, &before);
	bpf_link__destroy(watch->links[0]);
	rig_call_all(&watch->rig, 1);
	bpf_link__destroy(watch->links[1]);
	tool_attach(watch, 2);
	rig_call_all(&watch->rig, 1);
	say_keeper();
	fstat(fd, &after);
	if (taken && (before.st_ino != after.st_ino || before.st_dev != after.st_dev))
		say("its file is lost");
	tool_ready(watch);
	wait_to_be_killed();
}

static void taken(void)
{
	static const struct {
		const char *what;
		void (*take)(int fd);
	} ways[] = { { "close()", by_close },
		     { "dup2()", by_dup2 },
		     { "dup2() of a directory", by_directory },
		     { "close_range()", by_rest_of_range } };
	struct watch watch;

	watch_up(&watch);
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		take = ways[i].take;
		tool_end(&watch, tool_start(&watch, takes), SIGKILL, ways[i].what);
	}
	watch_down(&watch);
}

const struct scenario keeper_close_scenarios[] = {
	{ "keeper-unseen-stream", unseen_stream },
	{ "keeper-unseen-call", unseen_call },
	{ "keeper-unseen-range", unseen_range },
	{ "keeper-unseen-dup", unseen_dup },
	{ "keeper-unseen-ring", unseen_ring },
	{ "keeper-fd-taken", taken },
	{},
};
