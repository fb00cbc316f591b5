/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * What the parts of uprobe.h share: uprobe_open.c answers perf_event_open, uprobe_native.c makes the perf
 * event after all, uprobe.c knows the fds. For the holder of the engine's lock.
 */
#ifndef UPSHIFT_UPROBE_INTERNAL_H
#define UPSHIFT_UPROBE_INTERNAL_H

#include "uprobe.h"

/** One as it was asked for, with no fd yet; NULL for want of memory. Frees those that were put. */
struct uprobe *uprobe_new(const struct perf_open *open, const struct perf_event_attr *attr);

/** Puts perf_event_open to the kernel. */
long uprobe_open_perf_event(const struct perf_open *open);

#endif
