// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For tools that can no longer read what an attach needs to know. */
#ifndef TESTS_SANDBOX_H
#define TESTS_SANDBOX_H

#include "scenario.h"

struct place {
	int type; /* of the uprobe PMU */
	const char *path;
	size_t offset;
};

struct place place_of_f0(struct rig *rig);
/* A perf event, by nothing but the one system call. */
int open_place(const struct place *place);

/* As say_links() of one, where there is no /proc. */
void say_link_type(int link);

/* In a child; waits for whatever becomes of it. */
void in_descendants(struct rig *rig, void (*what)(struct rig *rig));
/* The same, with a rig of its own. */
void run_in_descendants(void (*what)(struct rig *rig));

struct bpf_link *attach_f0(struct rig *rig, int cookie);

#endif
