// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Links that are destroyed by several threads, by one that ends, and while a signal comes. */
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>
#include "detach_rig.h"

#define NR_THREADS 4
#define NR_TURNS   3

static struct rig shared_rig;
static pthread_mutex_t target_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t barrier;

static void call_locked(int number, int times)
{
	pthread_mutex_lock(&target_lock);
	target_call(shared_rig.target, target_functions[number], times);
	pthread_mutex_unlock(&target_lock);
}

/* Each thread counts on its own function, and sees nothing of its last link when it has the next one. */
static void *take_turns(void *arg)
{
	const int number = (int)(intptr_t)arg;
	struct bpf_link *link;
	int turn;

	pthread_barrier_wait(&barrier);
	for (turn = 0; turn < NR_TURNS; turn++) {
		link = attach_function(shared_rig.skel->progs.entry, target_functions[number],
				       .bpf_cookie = 10 * number + turn);
		call_locked(number, turn + 1);
		destroy(link);
		call_locked(number, 5);
	}
	return NULL;
}

static void in_threads(void)
{
	pthread_t threads[NR_THREADS];
	int i;

	shared_rig = rig_up();
	pthread_barrier_init(&barrier, NULL, NR_THREADS);
	for (i = 0; i < NR_THREADS; i++)
		if (pthread_create(&threads[i], NULL, take_turns, (void *)(intptr_t)i))
			die("cannot start a thread");
	for (i = 0; i < NR_THREADS; i++)
		pthread_join(threads[i], NULL);
	say_links();
	rig_down(&shared_rig);
}

/* A thread whose stack is gone as soon as it has ended. */
static void *destroy_one(void *link)
{
	bpf_link__destroy(link);
	return NULL;
}

static void by_ending_thread(void)
{
	const size_t size = 256 * 1024;
	struct bpf_link *links[4];
	struct rig rig = rig_up();
	pthread_attr_t attr;
	pthread_t thread;
	void *stack;
	int i;

	rig_attach_many(&rig, links, 4);
	rig_call_all(&rig, 1);
	say_links();
	for (i = 0; i < 4; i++) {
		stack = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		pthread_attr_init(&attr);
		pthread_attr_setstack(&attr, stack, size);
		if (pthread_create(&thread, &attr, destroy_one, links[i]) || pthread_join(thread, NULL))
			die("cannot start a thread");
		munmap(stack, size);
	}
	settle();
	rig_call_all(&rig, 1);
	rig_down(&rig);
}

static volatile int handled, by_strangers;
static int fds_for_handler[4];

static void close_all(int signal)
{
	int i;

	(void)signal;
	handled++;
	by_strangers += gettid() != getpid();
	for (i = 0; i < 4; i++)
		close(fds_for_handler[i]);
}

/* While links are being detached, of which nobody but the tool's own thread gets to know. */
static void in_handler(void)
{
	struct bpf_link *links[8];
	struct rig rig = rig_up();
	sigset_t usr1;
	int i;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	signal(SIGUSR1, close_all);
	rig_attach_many(&rig, links, 8);
	rig_call_all(&rig, 1);
	say_links();
	for (i = 0; i < 4; i++)
		fds_for_handler[i] = dup(bpf_link__fd(links[i]));
	destroy_many(links, 8);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	kill(getpid(), SIGUSR1);
	await_threads();
	say("while blocked: %d", handled);
	sigprocmask(SIG_UNBLOCK, &usr1, NULL);
	say("handled %d, by others %d", handled, by_strangers);
	settle();
	rig_say_hits(&rig);
	rig_call_all(&rig, 1);
	rig_down(&rig);
}

const struct scenario detach_thread_scenarios[] = {
	{ "detach-threads", in_threads },
	{ "detach-by-ending-thread", by_ending_thread },
	{ "detach-in-handler", in_handler },
	{},
};
