// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* When file descriptors run out. */
#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>
#include "scenario.h"

#define ROOM       20
#define MAX_PROBES 64

static int all_hits(int map)
{
	struct hit_key key, *previous = NULL;
	struct hit_value value;
	int hits = 0;

	for (; !bpf_map_get_next_key(map, previous, &key); previous = &key)
		if (!bpf_map_lookup_elem(map, &key, &value))
			hits += value.count;
	return hits;
}

/* Attaches until it fails. Every one that did not fail must be there, and one that failed must not. */
static void out_of_fds(void)
{
	struct rig rig = rig_up();
	struct rlimit old, low;
	struct bpf_link *links[MAX_PROBES];
	int nr, error, fd = dup(0);

	getrlimit(RLIMIT_NOFILE, &old);
	low = old;
	low.rlim_cur = fd + ROOM;
	close(fd);
	setrlimit(RLIMIT_NOFILE, &low);
	for (nr = 0; nr < MAX_PROBES; nr++) {
		links[nr] = try_attach(rig.skel->progs.entry, -1, target_path(), 0, .func_name = "f0");
		error = errno;
		if (!links[nr])
			break;
	}
	setrlimit(RLIMIT_NOFILE, &old);
	say("failed-with %s", nr < MAX_PROBES ? error_name(error) : "nothing");
	say("at-least attached %d", nr);
	target_call(rig.target, "f0", 1);
	say("hits %s", all_hits(rig.hits) == nr ? "of each" : "of others");
	/* The first one stands for all: their number may be larger elsewhere. */
	while (--nr > 0)
		bpf_link__destroy(links[nr]);
	settle();
	say_links();
	destroy(links[0]);
	hits_clear(rig.hits);
	target_call(rig.target, "f0", 1);
	rig_down(&rig);
}

const struct scenario limit_scenarios[] = {
	{ "out-of-fds", out_of_fds },
	{},
};
