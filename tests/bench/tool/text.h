/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Whether there are breakpoints in the target's functions: what its memory has there against its file. */
#ifndef BENCH_TEXT_H
#define BENCH_TEXT_H

#include "bench.h"

/* Of the first `count` functions. Waits until none of them has one. */
void text_await_clean(struct target *target, int count);

#endif
