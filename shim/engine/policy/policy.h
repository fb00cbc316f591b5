/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Which programs and uprobes (and kprobes) go to multi links: the rules R2 to R5 and R11, the sections and
 * the configuration. They depend on what they are given, and for kprobes on the kernel's symbols: not on the
 * engine's state, so that the launcher decides by them without an engine.
 */
#ifndef UPSHIFT_POLICY_H
#define UPSHIFT_POLICY_H

#include <stdbool.h>

#include "kernel_features.h"
#include "program.h"
#include "uprobe.h"
#include "verdict.h"

/** May the uprobe_multi variant of a program be attached at all? */
struct verdict policy_program(const struct program *program, const struct features *features);

/** And the kprobe_multi variant? */
struct verdict policy_kprobe_program(const struct program *program, bool retprobe);

/** May an uprobe be a uprobe_multi link, or a kprobe a kprobe_multi link, on this kernel? */
struct verdict policy_kernel(const struct features *features, bool kprobe);

/** May the program be attached to an uprobe by a link on this kernel? NULL: by the kernel alone. */
struct verdict policy_uprobe(const struct program *program, const struct features *features);

/** And to a kprobe, whatever the kernel, in a process that has programs which read stacks, or has none? */
struct verdict policy_kprobe(const struct program *program, bool retprobe, bool process_reads_stacks);

/** R11: may an uprobe be a link with this pid filter (perf's: -1 for all processes)? */
struct verdict policy_pid(pid_t pid, bool token_is_used);

/** Do UPSHIFT_ONLY and UPSHIFT_SKIP let this go? What is not known is NULL; program may be NULL. */
struct verdict policy_configured(const struct program *program, const char *target);

/** All of them, for the attach of a program to an uprobe. program is NULL if its load was not seen. */
struct verdict policy_attach(const struct program *program, const struct uprobe *uprobe,
			     const struct features *features, bool process_reads_stacks);

#endif
