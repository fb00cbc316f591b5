/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* What is traced: functions f_0000 to f_4999, and USDT probes that are at many locations. */
#ifndef BENCH_FUNCTIONS_H
#define BENCH_FUNCTIONS_H

#define NR_FUNCTIONS 5000

typedef long function(long arg);

extern function *const functions[NR_FUNCTIONS];

/* The one that is called in a loop, by name: no table's lookup in it. */
function f_0000;

/* Runs each location of the probe locations_N once; returns N, or 0 if there is no such probe. */
int run_locations(int count);

#endif
