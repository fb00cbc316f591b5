/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * What perf_event_open's arguments for a kprobe mean in the terms of a kprobe_multi link, and what the kernel
 * can do for those beyond knowing them (kernel_features.h).
 *
 * A kprobe_multi link is at the entry of functions, by name or by address, where ftrace reaches them. Two
 * things have hidden behind that, which /proc/kallsyms tells apart: until 6.13 a return hook of fprobe's own
 * ("rethook") and all registers; since "fprobe: Rewrite fprobe on function-graph tracer" (6.14) the function
 * graph, and on x86-64 the registers that a call needs.
 *
 * For the holder of the engine's lock.
 */
#ifndef UPSHIFT_KPROBE_H
#define UPSHIFT_KPROBE_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "policy.h"

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

/** Does a program on a kprobe_multi link find all registers in its context? */
bool kprobe_has_all_registers(void);

/**
 * May several functions share a link that hooks their return? With rethook they would share its instances as
 * well, and functions that many tasks sleep in would take those of the others.
 */
bool kprobe_returns_are_separate(void);

#endif
