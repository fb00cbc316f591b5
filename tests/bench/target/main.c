// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The traced process. It does what its standard input says, a line at a time:
 *
 *   offsets N       answers N lines: where in its file the first N functions are
 *   call N          calls each of the first N functions once; answers N
 *   locations N     runs each location of a USDT probe once; answers N
 *   spin MS THREADS calls one function for that long; answers how often, and the nanoseconds it took
 */
#include <link.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "functions.h"

#define MAX_THREADS 2

struct place {
	unsigned long address, offset;
};

static int find_place(struct dl_phdr_info *object, size_t size, void *data)
{
	struct place *place = data;
	int i;

	(void)size;
	for (i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
		unsigned long into = place->address - object->dlpi_addr - segment->p_vaddr;

		if (segment->p_type == PT_LOAD && into < segment->p_filesz)
			place->offset = segment->p_offset + into;
	}
	return 1; /* the first object is the program itself */
}

static void answer_offsets(int count)
{
	int i;

	for (i = 0; i < count; i++) {
		struct place place = { .address = (unsigned long)functions[i] };

		dl_iterate_phdr(find_place, &place);
		printf("%lu\n", place.offset);
	}
}

static int call(int count)
{
	int i;

	for (i = 0; i < count; i++)
		functions[i](i);
	return i;
}

static long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000L + now.tv_nsec;
}

static bool stop;

static void *spin_thread(void *data)
{
	long *calls = data, n = 0;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		f_0000(n);
		n++;
	}
	*calls = n;
	return NULL;
}

static void spin(int ms, int threads)
{
	const struct timespec time = { ms / 1000, ms % 1000 * 1000000L };
	pthread_t thread[MAX_THREADS];
	long calls[MAX_THREADS], sum = 0, start = now_ns();
	int i;

	stop = false;
	for (i = 0; i < threads; i++)
		if (pthread_create(&thread[i], NULL, spin_thread, &calls[i]))
			abort();
	nanosleep(&time, NULL);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < threads; i++) {
		pthread_join(thread[i], NULL);
		sum += calls[i];
	}
	printf("%ld %ld\n", sum, now_ns() - start);
}

static bool serve(const char *line)
{
	char verb[16];
	int n, threads;

	switch (sscanf(line, "%15s %d %d", verb, &n, &threads)) {
	case 2:
		if (n < 1 || n > NR_FUNCTIONS)
			return false;
		if (!strcmp(verb, "offsets"))
			answer_offsets(n);
		else if (!strcmp(verb, "call"))
			printf("%d\n", call(n));
		else if (!strcmp(verb, "locations"))
			printf("%d\n", run_locations(n));
		else
			return false;
		return true;
	case 3:
		if (strcmp(verb, "spin") || threads < 1 || threads > MAX_THREADS)
			return false;
		spin(n, threads);
		return true;
	}
	return false;
}

int main(void)
{
	char line[64];

	while (fgets(line, sizeof(line), stdin)) {
		if (!serve(line))
			return 1;
		fflush(stdout);
	}
	return 0;
}
