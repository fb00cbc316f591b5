/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* One process's probes, made in one of several ways. */
#ifndef BENCH_PROBES_H
#define BENCH_PROBES_H

#include <stdbool.h>
#include <stdint.h>
#include "bench.h"

struct bpf_object_skeleton;
struct bpf_link;

struct probes {
	const struct way *way;
	int count;
	bool at_return;
	unsigned long *offsets; /* of the functions; their indices are the cookies */

	void *skel;
	int tally; /* the map */
	struct bpf_link **links;
	int multi_fd;
};

struct way {
	const char *name;
	const char *verb; /* what the target has to be told so that it runs into each probe once */
	void (*load)(struct probes *probes);
	void (*attach)(struct probes *probes);
	void (*detach)(struct probes *probes);
	uint64_t (*cookies)(const struct probes *probes); /* the sum of those of all probes */
};

/*
 * "single": bpf_program__attach_uprobe_opts() for each function, perf events unless upshift is there;
 * "multi": one uprobe_multi link over all; "usdt": one bpf_program__attach_usdt(). Also raises the limit of
 * open files.
 */
void probes_load(struct probes *probes, const char *way, struct target *target, int count, bool at_return);
void probes_attach(struct probes *probes);
void probes_detach(struct probes *probes);
/* Looks into the map. */
struct tally probes_tally(const struct probes *probes);
/* Each probe hit `times` times, and nothing else; ends the program if not. */
void probes_expect(const struct probes *probes, const char *when, long times);

#endif
