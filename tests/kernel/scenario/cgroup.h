/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* A cgroup of its own, of either version, for a part of a scenario. */
#ifndef TESTS_CGROUP_H
#define TESTS_CGROUP_H

/* limit of what this controller counts: "pids" or "memory". Skips the scenario where it cannot be had. */
void cgroup_make(const char *controller, long limit);
/* This process goes there. */
void cgroup_enter(void);
/* Once there is nobody in it. */
void cgroup_remove(void);

#endif
