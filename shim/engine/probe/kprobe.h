/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * What perf_event_open's arguments for a kprobe mean in the terms of a kprobe_multi link, and what the kernel
 * can do for those beyond knowing them (kernel_features.h).
 *
 * A kprobe_multi link is at the entry of functions, by name or by address, where ftrace reaches them, and
 * since 6.14 on top of ftrace's function graph.
 *
 * For the holder of the engine's lock.
 */
#ifndef UPSHIFT_KPROBE_H
#define UPSHIFT_KPROBE_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "verdict.h"

struct uprobe;

/** Copies the place that an event of the kprobe PMU is for into the uprobe's path: the function's name, or
 * the address in hex; NULL where it cannot be read. */
void kprobe_read_name(struct uprobe *uprobe);

/** Why it must be a perf event, whatever program and kernel it is for. */
struct verdict kprobe_examine_place(const struct uprobe *uprobe);

/** The same with what this kernel says of the function; looks the address up. */
struct verdict kprobe_examine(struct uprobe *uprobe);

/** What a pending kprobe's fd is, for want of a file to be traced: the PMU's own, open with O_PATH. */
long kprobe_open_stand_in(struct stat *st);

/**
 * Do kprobe_multi links take longer to be detached than kprobes? So it is before "fprobe: Rewrite fprobe on
 * function-graph tracer" (6.14), with the return hook of fprobe's own ("rethook"), which /proc/kallsyms
 * shows. False where that cannot be read.
 */
bool kprobe_links_are_slow(void);

#endif
