// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "busy.h"
#include "detach_rig.h"

void destroy_many(struct bpf_link **links, int nr)
{
	while (nr--)
		bpf_link__destroy(links[nr]);
}

static cpu_set_t all_cpus;

void hold_back(void)
{
	const struct sched_param lowest = { .sched_priority = 1 };
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_getaffinity(0, sizeof(all_cpus), &all_cpus);
	sched_setaffinity(0, sizeof(one), &one);
	sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &lowest);
}

void let_go(void)
{
	const struct sched_param none = { 0 };

	sched_setscheduler(0, SCHED_OTHER, &none);
	sched_setaffinity(0, sizeof(all_cpus), &all_cpus);
}

__u64 counted(int map, bool with_one)
{
	struct hit_key key, *previous = NULL;
	struct hit_value value;
	__u64 count = 0;

	for (; !bpf_map_get_next_key(map, previous, &key); previous = &key)
		if (!bpf_map_lookup_elem(map, &key, &value))
			count += with_one ? value.sum : value.count;
	return count;
}

void late_up(struct late *late)
{
	*late = (struct late){ .rig = rig_up() };
	late->busy = busy_process();
}

void attach_busy(struct late *late)
{
	int i;

	busy_early(late->busy);
	for (i = 0; i < 2; i++)
		late->links[i] = attach(late->rig.skel->progs.entry, -1, library_path(), 0,
					.func_name = "lib_f0", .bpf_cookie = i);
	while (!counted(late->rig.hits, false))
		sched_yield();
}

void say_late(struct late *late, const char *what)
{
	busy_late(late->busy);
	let_go();
	say("after %s: %llu", what, counted(late->rig.hits, true));
	hits_clear(late->rig.hits);
}

void late_down(struct late *late)
{
	busy_stop(late->busy);
	rig_down(&late->rig);
}

long status_number(const char *name)
{
	FILE *status = fopen("/proc/self/status", "re");
	char line[128];
	long number = -1;

	while (status && fgets(line, sizeof(line), status))
		if (!strncmp(line, name, strlen(name)))
			number = strtol(line + strlen(name), NULL, 10);
	fclose(status);
	return number;
}

void await_threads(void)
{
	while (status_number("Threads:") != 1)
		sched_yield();
}
