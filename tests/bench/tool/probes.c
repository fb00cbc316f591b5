// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include "probes.h"
#include "ways.h"

static const struct way *const ways[] = { &way_single, &way_multi, &way_usdt };

static const struct way *find_way(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (!strcmp(ways[i]->name, name))
			return ways[i];
	die("there is no way called %s", name);
}

static void raise_file_limit(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		die("cannot raise the limit of open files");
}

static unsigned long *ask_offsets(struct target *target, int count)
{
	unsigned long *offsets = calloc(count, sizeof(*offsets));
	int i;

	target_tell(target, "offsets %d\n", count);
	for (i = 0; i < count; i++)
		offsets[i] = target_answer(target);
	return offsets;
}

void probes_load(struct probes *probes, const char *way, struct target *target, int count, bool at_return)
{
	*probes = (struct probes){ .way = find_way(way), .count = count, .at_return = at_return };
	raise_file_limit();
	probes->offsets = ask_offsets(target, count);
	probes->links = calloc(count, sizeof(*probes->links));
	probes->way->load(probes);
}

void probes_attach(struct probes *probes)
{
	probes->way->attach(probes);
}

void probes_detach(struct probes *probes)
{
	probes->way->detach(probes);
}

struct tally probes_tally(const struct probes *probes)
{
	int cpus = libbpf_num_possible_cpus(), zero = 0, i;
	struct tally sum = {}, each[cpus];

	if (bpf_map_lookup_elem(probes->tally, &zero, each))
		die("cannot look into the map");
	for (i = 0; i < cpus; i++) {
		sum.events += each[i].events;
		sum.cookies += each[i].cookies;
	}
	return sum;
}

void probes_expect(const struct probes *probes, const char *when, long times)
{
	struct tally tally = probes_tally(probes);
	__u64 events = (__u64)probes->count * times, cookies = probes->way->cookies(probes) * times;

	errno = 0;
	if (tally.events != events || tally.cookies != cookies)
		die("WRONG COUNT %s: %llu events with cookies %llu, expected %llu with %llu", when,
		    tally.events, tally.cookies, events, cookies);
}
