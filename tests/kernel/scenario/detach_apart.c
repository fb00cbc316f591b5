// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Children, other threads and the tool's own end, while links are being detached: each goes its own way. */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "detach_rig.h"
#include "exact_rig.h"

/* On the perf path. */
#define FEW 3

static struct exact exact;
static atomic_bool stop;

/* ---- children that attach ------------------------------------------------------------------------ */

static void *attach_and_detach(void *arg)
{
	while (!atomic_load(&stop))
		bpf_link__destroy(exact_attach_one(&exact, 0));
	return arg;
}

static void be_child(void)
{
	struct bpf_link *link;

	alarm(20);
	link = try_attach(exact.skel->progs.exact, -1, exact.path, exact.offset + PLACE_SIZE);
	_exit(link ? bpf_link__destroy(link) != 0 : 1);
}

/* With a copy of the state of another thread's work. */
static void fork_beside(void)
{
	int status, nr, failed = 0;
	pthread_t thread;
	pid_t child;

	exact_up(&exact);
	nr = exact_rounds(&exact, 4 * FEW) / 4;
	if (pthread_create(&thread, NULL, attach_and_detach, NULL))
		die("cannot start a thread");
	while (nr--) {
		usleep((useconds_t)(rand() % 2000));
		child = fork();
		if (!child)
			be_child();
		waitpid(child, &status, 0);
		failed += status != 0;
	}
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
	say("children that failed: %d", failed);
	exact_down(&exact);
}

/* ---- children that live on ----------------------------------------------------------------------- */

static int to_child[2];

static int live_on(void *arg)
{
	char byte;

	(void)arg;
	close(to_child[1]);
	_exit(read(to_child[0], &byte, 1) != 0);
}

static pid_t child_by_fork(void)
{
	pid_t child = fork();

	if (!child)
		live_on(NULL);
	return child;
}

static pid_t child_by__Fork(void)
{
	pid_t child = _Fork();

	if (!child)
		live_on(NULL);
	return child;
}

static pid_t child_by_clone(void)
{
	static char stack[65536] __attribute__((aligned(16)));

	return clone(live_on, stack + sizeof(stack), SIGCHLD, NULL);
}

/* Does any link live on with it? */
static void beside_child(const char *name, pid_t (*make)(void), int nr)
{
	pid_t child;

	if (pipe2(to_child, O_CLOEXEC))
		die("pipe2");
	exact_attach(&exact, nr);
	for (int i = 0; i < nr; i++)
		bpf_link__destroy(exact.links[i]);
	child = make();
	settle();
	exact_call(0, nr);
	exact_say(&exact, name);
	close(to_child[1]);
	waitpid(child, NULL, 0);
	close(to_child[0]);
}

static void children_live_on(void)
{
	int nr;

	exact_up(&exact);
	nr = exact_rounds(&exact, FEW);
	callee_start(STRANGER, &ways_to_go[0]);
	beside_child("fork", child_by_fork, nr);
	beside_child("_Fork", child_by__Fork, nr);
	beside_child("clone", child_by_clone, nr);
	callee_stop();
	exact_down(&exact);
}

/* ---- the end of the tool ------------------------------------------------------------------------- */

static void by_raise(void)
{
	signal(SIGINT, SIG_DFL);
	raise(SIGINT);
}

static void by_kill(void)
{
	signal(SIGTERM, SIG_DFL);
	kill(getpid(), SIGTERM);
	pause();
}

static void by_crash(void)
{
	raise(SIGSEGV);
}

static void by_quick_exit(void)
{
	quick_exit(0);
}

/* All that the tool has closed is out of the text, whatever ends it then, and whoever else wants the CPUs. */
static void ends(const char *name, void (*end)(void), int nr)
{
	const unsigned char before = callee_text(0);
	int left = 0;
	pid_t tool = fork();

	if (!tool) {
		for (int i = 0; i < nr; i++)
			exact.links[i] = exact_attach_one(&exact, i);
		for (int i = 0; i < nr; i++)
			bpf_link__destroy(exact.links[i]);
		end();
		_exit(1);
	}
	waitpid(tool, NULL, 0);
	for (int i = 0; i < nr; i++)
		left += callee_text(i) != before;
	say("%s: left %d", name, left);
}

static void ends_after_detach(void)
{
	int nr;

	hogs_start();
	exact_up(&exact);
	nr = exact_rounds(&exact, 1);
	callee_start(STRANGER, &ways_to_go[0]);
	ends("raise", by_raise, nr);
	ends("kill", by_kill, nr);
	ends("abort", abort, nr);
	ends("crash", by_crash, nr);
	ends("_exit", end_by__exit, nr);
	ends("quick_exit", by_quick_exit, nr);
	callee_stop();
	exact_down(&exact);
	hogs_stop();
}

/* ---- other threads ------------------------------------------------------------------------------- */

static atomic_int closed;

static void *close_all(void *arg)
{
	for (int i = 0; i < exact.nr; i++) {
		close(bpf_link__fd(exact.links[i]));
		atomic_fetch_add(&closed, 1);
	}
	return arg;
}

/* While another thread is at it, does this one get so many answers? */
static bool looks_up_meanwhile(int nr)
{
	const int map = bpf_map__fd(exact.skel->maps.counts);
	pthread_t thread;
	__u64 value;
	bool meanwhile;

	for (exact.nr = 0; exact.nr < nr; exact.nr++)
		exact.links[exact.nr] = exact_attach_one(&exact, exact.nr);
	atomic_store(&closed, 0);
	if (pthread_create(&thread, NULL, close_all, NULL))
		die("cannot start a thread");
	while (!atomic_load(&closed))
		sched_yield();
	for (int i = 0; i < NR_PLACES; i++)
		if (bpf_map_lookup_elem(map, &i, &value))
			die("lookup");
	meanwhile = atomic_load(&closed) < nr;
	pthread_join(thread, NULL);
	for (int i = 0; i < nr; i++)
		bpf_link__destroy(exact.links[i]);
	return meanwhile;
}

/* On a busy machine one of the two may have to wait for a CPU. */
static void nobody_waits(void)
{
	bool meanwhile = false;
	int nr;

	exact_up(&exact);
	nr = exact_rounds(&exact, 2 * FEW);
	for (int i = 0; i < 10 && !meanwhile; i++)
		meanwhile = looks_up_meanwhile(nr);
	say("lookups %s", meanwhile ? "do not wait" : "wait");
	exact_down(&exact);
}

static void *close_again_and_again(void *nr)
{
	for (int i = 0; i < *(int *)nr; i++)
		bpf_link__destroy(exact_attach_one(&exact, 1));
	atomic_store(&stop, true);
	return NULL;
}

static void be_traced(void)
{
	const struct timespec moment = { .tv_nsec = 4000000 };
	void *library;
	long (*place)(long) = (long (*)(long))open_places(&library);

	for (;;) {
		for (int i = 0; i < 20; i++)
			place(i);
		nanosleep(&moment, NULL);
	}
}

static int events_seen;

static int see_event(void *context, void *data, size_t size)
{
	const int map = bpf_map__fd(exact.skel->maps.counts), place = 0;
	__u64 value;

	(void)context;
	(void)data;
	(void)size;
	events_seen++;
	return bpf_map_lookup_elem(map, &place, &value) ? -1 : 0;
}

/* A tool that asks the kernel something for each event, with room for those of a quarter of a second. */
static void loses_no_event(void)
{
	struct ring_buffer *ring;
	struct bpf_link *link;
	pthread_t thread;
	pid_t target;
	int nr;

	exact_up(&exact);
	target = fork();
	if (!target)
		be_traced();
	nr = exact_rounds(&exact, 4 * FEW) / 4;
	ring = ring_buffer__new(bpf_map__fd(exact.skel->maps.events), see_event, NULL, NULL);
	link = exact_attach_one(&exact, 0);
	atomic_store(&stop, false);
	if (pthread_create(&thread, NULL, close_again_and_again, &nr))
		die("cannot start a thread");
	while (!atomic_load(&stop))
		ring_buffer__poll(ring, 10);
	pthread_join(thread, NULL);
	kill(target, SIGKILL);
	waitpid(target, NULL, 0);
	destroy(link);
	ring_buffer__consume(ring);
	ring_buffer__free(ring);
	say("events %s", (__u64)events_seen == exact.counts[0] ? "all there" : "lost");
	exact_down(&exact);
}

const struct scenario detach_apart_scenarios[] = {
	{ "detach-beside-fork", fork_beside },      { "detach-beside-child", children_live_on },
	{ "detach-then-end", ends_after_detach },   { "detach-beside-lookup", nobody_waits },
	{ "detach-beside-events", loses_no_event }, {},
};
