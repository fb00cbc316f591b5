/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The other direction: uprobe_multi links that the tool itself asks for.
 *
 * A kernel that has them gets the tool's call as it is. On one that has none, a valid request for a regular
 * file is met with perf uprobes, one for each place, behind one fd: the same cookies, pid filter and ref_ctr
 * offsets, all places or none, and the last close() of that fd detaches all. Such a link cannot be pinned,
 * and the kernel calls it a perf_event link. Sessions have no equivalent on perf.
 *
 * Everything else, libbpf's feature probes among it, gets the kernel's own answer (R8).
 */
#ifndef UPSHIFT_ATTACH_MULTI_H
#define UPSHIFT_ATTACH_MULTI_H

#include <stdbool.h>

#include "call.h"

struct uprobe;

/** May perf uprobes stand in for a multi link here? For the holder of the engine's lock. */
bool attach_multi_over_perf(void);

/**
 * BPF_LINK_CREATE of type BPF_TRACE_UPROBE_MULTI, attributes copied: the fd or a negative errno. Takes the
 * engine's lock.
 */
long attach_multi(const struct bpf_call *call);

/** Is this fd such a link over perf uprobes? Takes the engine's lock. */
bool attach_multi_is_over_perf(int fd);

#endif
