// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The same for every way that ends a link's last file descriptor, and for many threads. */
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>
#include "exact_rig.h"

/* On the perf path. */
#define FEW 3

/* ---- file descriptors ---------------------------------------------------------------------------- */

/* Those of a probe, which have high numbers, one after the other. */
struct fds {
	int event, link;
};

#define FIRST_NUMBER 300

static int move(int fd)
{
	const int moved = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_NUMBER);

	if (fd < 0 || moved < 0)
		die("cannot attach");
	close(fd);
	return moved;
}

static struct fds attach_fds(struct exact *exact, int place)
{
	const int prog = bpf_program__fd(exact->skel->progs.exact);
	struct fds fds;

	fds.event =
		move(perf_open_uprobe(exact->path, exact->offset + (size_t)place * PLACE_SIZE, false, -1, 0));
	fds.link = move(perf_link(prog, fds.event, place));
	return fds;
}

static int null;

static void by_close(const struct fds *fds, int nr)
{
	for (; nr--; fds++) {
		close(fds->link);
		close(fds->event);
	}
}

static void by_dup2(const struct fds *fds, int nr)
{
	for (; nr--; fds++)
		if (dup2(null, fds->link) != fds->link || dup2(null, fds->event) != fds->event)
			die("dup2");
}

static void by_dup3(const struct fds *fds, int nr)
{
	for (; nr--; fds++)
		if (dup3(null, fds->link, O_CLOEXEC) != fds->link ||
		    dup3(null, fds->event, O_CLOEXEC) != fds->event)
			die("dup3");
}

static void by_close_range(const struct fds *fds, int nr)
{
	if (close_range(fds->event, fds[nr - 1].link, 0))
		die("close_range");
}

static void by_closefrom(const struct fds *fds, int nr)
{
	(void)nr;
	closefrom(fds->event);
}

/* Each time new links are made for, which waits for those that are gone. */
#define AT_ONCE 40

struct way {
	const char *name;
	void (*close)(const struct fds *fds, int nr);
	int at_once;
	bool slow; /* the kernel closes them one by one, and all of it */
};

static void close_by(struct exact *exact, const struct way *way, int nr)
{
	struct fds fds[AT_ONCE];
	int cnt;

	if (way->slow && nr > AT_ONCE)
		nr = AT_ONCE;
	for (int first = 0; first < nr; first += cnt) {
		cnt = nr - first < way->at_once ? nr - first : way->at_once;
		for (int i = 0; i < cnt; i++)
			fds[i] = attach_fds(exact, first + i);
		exact_call(first, cnt);
		callee_ready();
		way->close(fds, cnt);
		callee_call(first, cnt);
		for (int i = 0; i < cnt; i++)
			exact_check(exact, first + i);
		close_range(fds[0].event, fds[cnt - 1].link, 0);
	}
	exact->nr = nr;
	exact_say(exact, way->name);
}

static void ways_to_close(void)
{
	static const struct way ways[] = {
		{ "close", by_close, AT_ONCE, false },
		{ "dup2", by_dup2, AT_ONCE, true },
		{ "dup3", by_dup3, AT_ONCE, true },
		{ "close_range", by_close_range, AT_ONCE, false },
		{ "close_range of one", by_close_range, 1, true },
		{ "closefrom", by_closefrom, AT_ONCE, false },
		{},
	};
	struct exact exact;
	int nr;

	exact_up(&exact);
	nr = exact_rounds(&exact, FEW);
	callee_start(CHILD, &ways_to_go[0]);
	exact_use(&exact, callee_path());
	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	for (const struct way *way = ways; way->name; way++)
		close_by(&exact, way, nr);
	close(null);
	callee_stop();
	exact_down(&exact);
}

/* ---- threads ------------------------------------------------------------------------------------- */

#define NR_THREADS 4

static struct exact shared_exact;
static pthread_barrier_t barrier;

/* Each has its own places, which it calls itself. */
static void *close_own(void *arg)
{
	pthread_barrier_wait(&barrier);
	for (int i = (int)(intptr_t)arg; i < shared_exact.nr; i += NR_THREADS) {
		bpf_link__destroy(shared_exact.links[i]);
		callee_call(i, 1);
	}
	return NULL;
}

static void by_threads(void)
{
	struct exact *exact = &shared_exact;
	pthread_t threads[NR_THREADS];
	void *library;

	exact_up(exact);
	callee_start(MYSELF, NULL);
	callee_use(open_places(&library));
	exact_use(exact, callee_path());
	pthread_barrier_init(&barrier, NULL, NR_THREADS);
	exact_attach(exact, exact_rounds(exact, NR_THREADS));
	for (int i = 0; i < NR_THREADS; i++)
		if (pthread_create(&threads[i], NULL, close_own, (void *)(intptr_t)i))
			die("cannot start a thread");
	for (int i = 0; i < NR_THREADS; i++)
		pthread_join(threads[i], NULL);
	exact_say(exact, "threads");
	exact_down(exact);
}

/* ---- skeletons ----------------------------------------------------------------------------------- */

/* Nothing is left to ask bpf() for: the mapped array has its own reference. */
static void end_skeleton(struct exact *exact, void (*end)(struct exact_bpf *skel), int place)
{
	struct bpf_link *other =
		attach(exact->skel->progs.exact_too, -1, exact->path,
		       exact->offset + (size_t)(place + 1) * PLACE_SIZE, .bpf_cookie = place + 1);

	exact->skel->links.exact = exact_attach_one(exact, place);
	exact->skel->links.exact_too = other;
	exact_call(place, 2);
	callee_ready();
	end(exact->skel);
	callee_call(place, 2);
	exact_check(exact, place);
	exact_check(exact, place + 1);
}

static void say_wrong(const struct exact *exact, const char *what)
{
	say("%s: late %d lost %d", what, exact->late, exact->lost);
}

static void end_skeletons(struct exact *exact, int nr)
{
	int late = 0, lost = 0;

	for (int i = 0; i < nr; i++) {
		exact_up(exact);
		exact_use(exact, callee_path());
		end_skeleton(exact, exact_bpf__destroy, 0);
		exact->skel = NULL;
		exact_down(exact);
		late += exact->late;
		lost += exact->lost;
	}
	exact->late = late;
	exact->lost = lost;
	say_wrong(exact, "destroy");
}

static void by_skeleton(void)
{
	struct exact exact;
	int nr;

	exact_up(&exact);
	callee_start(CHILD, &ways_to_go[0]);
	exact_use(&exact, callee_path());
	nr = exact_rounds(&exact, 2 * FEW) / 4;
	for (int i = 0; i < nr; i++)
		end_skeleton(&exact, exact_bpf__detach, 2 * i);
	say_wrong(&exact, "detach");
	exact_down(&exact);
	end_skeletons(&exact, nr);
	callee_stop();
}

const struct scenario exact_close_scenarios[] = {
	{ "exact-close", ways_to_close },
	{ "exact-close-threads", by_threads },
	{ "exact-close-skeleton", by_skeleton },
	{},
};
