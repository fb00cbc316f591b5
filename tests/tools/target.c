// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
// What the tools trace. For each line that it reads it does the same, and answers with a line. At the end of
// its input it says how many USDT semaphores are not 0: a tool that has detached must not have left one
// behind.
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "target.h"

enum { ROUNDS = 10, LEAKED_BYTES = 100 };

// Thirty functions for a wildcard.
#define STEP(n)                                                                       \
	static __attribute__((noipa, used)) int step_##n(int round, const char *name) \
	{                                                                             \
		return round + name[0];                                               \
	}
#define STEPS(apply, tens)                                                                        \
	apply(tens##0) apply(tens##1) apply(tens##2) apply(tens##3) apply(tens##4) apply(tens##5) \
		apply(tens##6) apply(tens##7) apply(tens##8) apply(tens##9)
#define ADDRESS(n) step_##n,

// clang-format off
STEPS(STEP, 0) STEPS(STEP, 1) STEPS(STEP, 2)
static int (*const steps[])(int, const char *) = { STEPS(ADDRESS, 0) STEPS(ADDRESS, 1) STEPS(ADDRESS, 2) };
// clang-format on

static int sum;
static void *leaked[ROUNDS]; // only the last round's can be found again
static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER, second = PTHREAD_MUTEX_INITIALIZER;

static void call_steps(int round)
{
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		sum += steps[i](round, "name");
}

// Long enough for the tools that only tell what is slow.
__attribute__((noipa)) int nap(int round)
{
	nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
	return round;
}

static void resolve(void)
{
	struct addrinfo *found = NULL;

	if (getaddrinfo("127.0.0.1", NULL, NULL, &found) == 0)
		freeaddrinfo(found);
	gethostbyname("127.0.0.2");
	gethostbyname2("127.0.0.3", AF_INET);
}

static void lock_both(pthread_mutex_t *one, pthread_mutex_t *other)
{
	pthread_mutex_lock(one);
	pthread_mutex_lock(other);
	pthread_mutex_unlock(other);
	pthread_mutex_unlock(one);
}

static void *in_order(void *unused)
{
	lock_both(&first, &second);
	return unused;
}

// One thread after the other, so that it is never stuck.
static void *in_reverse(void *unused)
{
	lock_both(&second, &first);
	return unused;
}

static void run_thread(void *(*function)(void *))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, function, NULL) == 0)
		pthread_join(thread, NULL);
}

static void work(int round)
{
	call_steps(round);
	languages(round);
	counted_usdt(round);
	sum += nap(round);
	resolve();
	run_thread(in_order);
	run_thread(in_reverse);
	leaked[round] = malloc(LEAKED_BYTES);
}

int main(void)
{
	char line[64];

	printf("pid %d\n", getpid());
	fflush(stdout);

	while (fgets(line, sizeof line, stdin)) {
		for (int round = 0; round < ROUNDS; round++)
			work(round);
		printf("done\n");
		fflush(stdout);
	}
	printf("%d semaphores are not 0\n", semaphores_in_use());
	return sum == 0;
}
