/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* A tool that attaches to kernel functions, with UPSHIFT_KPROBES=on. */
#ifndef UPSHIFT_KPROBE_TOOL_H
#define UPSHIFT_KPROBE_TOOL_H

#include "tool.h"

struct tool_kprobe {
	const char *function; /* NULL: by address */
	uint64_t offset;      /* in it, or the address */
	bool retprobe;
	pid_t pid; /* 0 stands for -1 */
};

/** Starts it with UPSHIFT_KPROBES=on; returns a program's fd. */
int start_with_kprobes(const struct fake_features *features);

long open_kprobe(const struct tool_kprobe *kprobe);
/** At a function's entry. */
long open_kprobe_of(const char *function);
/** BPF_LINK_CREATE on a new event. */
long attach_kprobe(const struct tool_kprobe *kprobe, int prog, uint64_t cookie);

/** Is there this one probe, on the functions' first, and did nothing unsafe happen? */
void expect_kprobe(bool multi);

#endif
