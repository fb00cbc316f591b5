// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Many probes of one program, as a tool's loop attaches them. */
#include <errno.h>
#include <pthread.h>
#include <sys/resource.h>
#include "scenario.h"

#define MAX_COOKIES 1024

/* How often a cookie's probe was hit. */
static void read_counts(int map, int counts[MAX_COOKIES])
{
	struct hit_key key, *previous = NULL;
	struct hit_value value;

	for (; !bpf_map_get_next_key(map, previous, &key); previous = &key)
		if (key.cookie < MAX_COOKIES && !bpf_map_lookup_elem(map, &key, &value))
			counts[key.cookie] += value.count;
}

/* "30 probes, each 2 hits", or between which numbers they are; forgets the hits. */
static void say_counts(struct rig *rig, const char *what, int first, int nr)
{
	int counts[MAX_COOKIES] = {}, low, high, i;

	read_counts(rig->hits, counts);
	low = high = counts[first];
	for (i = first; i < first + nr; i++) {
		low = counts[i] < low ? counts[i] : low;
		high = counts[i] > high ? counts[i] : high;
	}
	if (low == high)
		say("%s: %d probes, %d hits each", what, nr, low);
	else
		say("%s: %d probes, %d to %d hits each", what, nr, low, high);
}

static void destroy_loop(struct bpf_link *links[], int nr)
{
	for (int i = 0; i < nr; i++)
		bpf_link__destroy(links[i]);
	settle();
}

#define LOOP 30

static void loop(void)
{
	struct rig rig = rig_up();
	struct bpf_link *links[LOOP];

	rig_attach_many(&rig, links, LOOP);
	rig_call_all(&rig, 2);
	say_links();
	say_counts(&rig, "attached", 0, LOOP);
	hits_clear(rig.hits);
	destroy_loop(links, LOOP);
	rig_call_all(&rig, 1);
	rig_down(&rig);
}

/* A counter counts the places that name it, however many probes are there. */
static void counters(void)
{
	struct rig rig = rig_up();
	size_t own = target_offset(rig.target, "own"), other = target_offset(rig.target, "other");
	struct bpf_link *links[5];

	links[0] = attach_function(rig.skel->progs.entry, "f0", .ref_ctr_offset = own, .bpf_cookie = 0);
	links[1] = attach_function(rig.skel->progs.entry, "f0", .ref_ctr_offset = own, .bpf_cookie = 1);
	links[2] = attach_function(rig.skel->progs.entry, "f1", .ref_ctr_offset = other, .bpf_cookie = 2);
	links[3] = attach_function(rig.skel->progs.entry, "f2", .ref_ctr_offset = other, .bpf_cookie = 3);
	links[4] = attach_function(rig.skel->progs.entry, "f3", .bpf_cookie = 4);
	say("semaphore own=%d other=%d", target_semaphore(rig.target, "own"),
	    target_semaphore(rig.target, "other"));
	rig_call_all(&rig, 2);
	say_links();
	say_counts(&rig, "attached", 0, 5);
	destroy(links[2]);
	say("semaphore own=%d other=%d", target_semaphore(rig.target, "own"),
	    target_semaphore(rig.target, "other"));
	links[2] = NULL;
	destroy_loop(links, 5);
	say("semaphore own=%d other=%d", target_semaphore(rig.target, "own"),
	    target_semaphore(rig.target, "other"));
	hits_clear(rig.hits);
	rig_down(&rig);
}

/* Two processes, and all of them; entries and returns. */
static void kinds(void)
{
	struct rig rig = rig_up();
	struct target *other = target_start("other");
	pid_t pid = target_pid(rig.target), other_pid = target_pid(other);
	struct bpf_link *links[8];

	for (int i = 0; i < 8; i += 4) {
		links[i] = attach(rig.skel->progs.entry, pid, target_path(), 0,
				  .func_name = target_functions[i / 4], .bpf_cookie = 1);
		links[i + 1] = attach(rig.skel->progs.entry, other_pid, target_path(), 0,
				      .func_name = target_functions[i / 4], .bpf_cookie = 2);
		links[i + 2] =
			attach_function(rig.skel->progs.entry, target_functions[i / 4], .bpf_cookie = 3);
		links[i + 3] = attach_function(rig.skel->progs.leave, target_functions[i / 4],
					       .retprobe = true, .bpf_cookie = 4);
	}
	target_call(rig.target, "f0", 2);
	target_call(rig.target, "f1", 1);
	target_call(other, "f0", 3);
	say_links();
	destroy_loop(links, 8);
	target_call(other, "f1", 1);
	target_stop(other);
	rig_down(&rig);
}

#define SOME 6

/* The others count on, each hit once. */
static void one_leaves(void)
{
	struct rig rig = rig_up();
	struct bpf_link *links[SOME];

	rig_attach_many(&rig, links, SOME);
	rig_call_all(&rig, 1);
	destroy(links[2]);
	rig_call_all(&rig, 2);
	say_counts(&rig, "before", 0, 2);
	say_counts(&rig, "destroyed", 2, 1);
	say_counts(&rig, "behind", 3, SOME - 3);
	say_links();
	bpf_link__destroy(links[0]);
	destroy(links[SOME - 1]);
	hits_clear(rig.hits);
	rig_call_all(&rig, 2);
	say_counts(&rig, "those left", 3, SOME - 4);
	say_counts(&rig, "first", 0, 1);
	say_counts(&rig, "last", SOME - 1, 1);
	say_links();
	links[2] = NULL;
	destroy_loop(links + 1, SOME - 2);
	hits_clear(rig.hits);
	rig_call_all(&rig, 1);
	rig_down(&rig);
}

/* One place can have one reference counter only; whether the attach or a later call fails is not said. */
static void bad_member(void)
{
	struct rig rig = rig_up();
	struct bpf_program *prog = rig.skel->progs.entry;
	size_t own = target_offset(rig.target, "own"), other = target_offset(rig.target, "other");
	struct bpf_link *links[SOME];

	links[0] = attach_function(prog, "f0", .ref_ctr_offset = own, .bpf_cookie = 0);
	links[1] = attach_function(prog, "f1", .bpf_cookie = 1);
	links[2] = attach_function(prog, "f2", .bpf_cookie = 2);
	links[3] = try_attach(prog, -1, target_path(), 0, .func_name = "f0", .ref_ctr_offset = other,
			      .bpf_cookie = 5);
	links[4] = attach_function(prog, "f3", .bpf_cookie = 3);
	links[5] = attach_function(prog, "f1", .bpf_cookie = 4);
	rig_call_all(&rig, 2);
	say_links();
	say_counts(&rig, "good", 0, 5);
	say_counts(&rig, "bad", 5, 1);
	say("semaphore own=%d other=%d", target_semaphore(rig.target, "own"),
	    target_semaphore(rig.target, "other"));
	for (int i = 0; i < SOME; i++)
		say_result("destroy", !bpf_link__destroy(links[i]));
	settle();
	hits_clear(rig.hits);
	rig_call_all(&rig, 1);
	rig_down(&rig);
}

#define NR_THREADS 4
#define NR_TURNS   2
#define EACH       4

static struct rig shared_rig;
static pthread_mutex_t target_lock = PTHREAD_MUTEX_INITIALIZER;

static void call_locked(const char *function, int times)
{
	pthread_mutex_lock(&target_lock);
	target_call(shared_rig.target, function, times);
	pthread_mutex_unlock(&target_lock);
}

/* Thread n has the cookies from 100 n on, and its own function. */
static void *work(void *arg)
{
	const int number = (int)(intptr_t)arg;
	struct bpf_link *links[EACH];

	for (int turn = 0; turn < NR_TURNS; turn++) {
		for (int i = 0; i < EACH; i++)
			links[i] = attach_function(shared_rig.skel->progs.entry, target_functions[number],
						   .bpf_cookie = 100 * number + EACH * turn + i);
		call_locked(target_functions[number], 2);
		destroy_loop(links, EACH / 2);
		call_locked(target_functions[number], 1);
		destroy_loop(links + EACH / 2, EACH / 2);
		call_locked(target_functions[number], 1);
	}
	return NULL;
}

static void in_threads(void)
{
	pthread_t threads[NR_THREADS];
	int i, turn;

	shared_rig = rig_up();
	for (i = 0; i < NR_THREADS; i++)
		if (pthread_create(&threads[i], NULL, work, (void *)(intptr_t)i))
			die("cannot start a thread");
	for (i = 0; i < NR_THREADS; i++)
		pthread_join(threads[i], NULL);
	say_links();
	for (i = 0; i < NR_THREADS; i++)
		for (turn = 0; turn < NR_TURNS; turn++) {
			say_counts(&shared_rig, "first half", 100 * i + EACH * turn, EACH / 2);
			say_counts(&shared_rig, "second half", 100 * i + EACH * turn + EACH / 2, EACH / 2);
		}
	hits_clear(shared_rig.hits);
	rig_down(&shared_rig);
}

/* ---- more than half as many probes as there may be file descriptors ------------------------------ */

static int attach_within(struct rig *rig, int limit, struct bpf_link *links[], int nr)
{
	struct rlimit old, low;
	int i, error;

	getrlimit(RLIMIT_NOFILE, &old);
	low = old;
	low.rlim_cur = limit;
	setrlimit(RLIMIT_NOFILE, &low);
	for (i = 0; i < nr; i++) {
		links[i] = try_attach(rig->skel->progs.entry, -1, target_path(), 0, .func_name = "f0",
				      .bpf_cookie = i);
		error = errno;
		if (!links[i])
			break;
	}
	setrlimit(RLIMIT_NOFILE, &old);
	say("of %d probes with %d fds: %s", nr, limit, i == nr ? "all" : error_name(error));
	return i;
}

static void hundred(void)
{
	struct rig rig = rig_up();
	struct bpf_link *links[100];
	int nr = attach_within(&rig, 128, links, 100);

	target_call(rig.target, "f0", 2);
	say_links();
	say_counts(&rig, "attached", 0, nr);
	destroy_loop(links, nr);
	hits_clear(rig.hits);
	target_call(rig.target, "f0", 1);
	rig_down(&rig);
}

static void thousand(void)
{
	struct rig rig = rig_up();
	struct bpf_link *links[1000];
	int nr = attach_within(&rig, 1024, links, 1000);

	target_call(rig.target, "f0", 1);
	say_counts(&rig, "attached", 0, nr);
	destroy_loop(links, nr);
	hits_clear(rig.hits);
	target_call(rig.target, "f0", 1);
	rig_down(&rig);
}

const struct scenario many_scenarios[] = {
	{ "many-loop", loop },
	{ "many-counters", counters },
	{ "many-kinds", kinds },
	{ "many-one-leaves", one_leaves },
	{ "many-bad-member", bad_member },
	{ "many-threads", in_threads },
	{ "hundred-probes", hundred },
	{ "thousand-probes", thousand },
	{},
};
