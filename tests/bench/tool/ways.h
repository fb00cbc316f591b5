/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
#ifndef BENCH_WAYS_H
#define BENCH_WAYS_H

extern const struct way way_single, way_multi, way_usdt;

#endif
