// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Several threads attach and destroy at the same time. */
#include <pthread.h>
#include "scenario.h"

#define NR_THREADS 4
#define NR_TURNS   3

static struct rig rig;
/* The target does one thing at a time. */
static pthread_mutex_t target_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t barrier;

/* Thread n works on fn, which nobody else touches. */
static void *work(void *arg)
{
	int number = (int)(intptr_t)arg, turn;
	struct bpf_link *link;

	pthread_barrier_wait(&barrier);
	for (turn = 0; turn < NR_TURNS; turn++) {
		link = attach_function(rig.skel->progs.entry, target_functions[number],
				       .bpf_cookie = 10 * number + turn);
		pthread_mutex_lock(&target_lock);
		target_call(rig.target, target_functions[number], 2);
		pthread_mutex_unlock(&target_lock);
		bpf_link__destroy(link);
	}
	return NULL;
}

static void concurrently(void)
{
	pthread_t threads[NR_THREADS];
	int i;

	rig = rig_up();
	pthread_barrier_init(&barrier, NULL, NR_THREADS);
	for (i = 0; i < NR_THREADS; i++)
		if (pthread_create(&threads[i], NULL, work, (void *)(intptr_t)i))
			die("cannot start a thread");
	for (i = 0; i < NR_THREADS; i++)
		pthread_join(threads[i], NULL);
	settle();
	target_call(rig.target, "f0", 1);
	say_links();
	rig_down(&rig);
}

/* Attached by one thread, whose end is not the link's, and destroyed by another. */
static void *attach_one(void *arg)
{
	(void)arg;
	return attach_function(rig.skel->progs.entry, "f0", .bpf_cookie = 1);
}

static void *destroy_one(void *link)
{
	destroy(link);
	return NULL;
}

static void one_after_another(void)
{
	pthread_t thread;
	void *link;

	rig = rig_up();
	if (pthread_create(&thread, NULL, attach_one, NULL) || pthread_join(thread, &link))
		die("cannot start a thread");
	target_call(rig.target, "f0", 3);
	say_links();
	if (pthread_create(&thread, NULL, destroy_one, link) || pthread_join(thread, NULL))
		die("cannot start a thread");
	target_call(rig.target, "f0", 2);
	rig_down(&rig);
}

const struct scenario thread_scenarios[] = {
	{ "threads", concurrently },
	{ "threads-one-after-another", one_after_another },
	{},
};
