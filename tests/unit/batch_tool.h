/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * A tool whose attaches are collected into one link: by one libbpf call, or with UPSHIFT_BATCH=on by its own
 * loops.
 */
#ifndef UPSHIFT_BATCH_TOOL_H
#define UPSHIFT_BATCH_TOOL_H

#include "tool.h"

enum style { BY_LINK, BY_SET_BPF, BY_LIBBPF };

extern const enum style styles[3];

/** What a tool holds of one probe; without a second fd, both are one. */
struct held {
	int event, link;
};

/** With UPSHIFT_BATCH=on; returns a program. */
int start_batching(void);

long attach_uprobe(const struct tool_uprobe *uprobe, int prog, uint64_t cookie, enum style style,
		   struct held *held);
/** With what the libbpf layer says meanwhile. */
struct held attach_in(struct collect_scope *scope, const struct tool_uprobe *uprobe, int prog,
		      uint64_t cookie, enum style style);
struct held attach_at(uint64_t offset, int prog, uint64_t cookie, enum style style);
/** At 0x10, 0x20 and 0x30. */
void attach_three(int prog, enum style style, struct held held[3]);
/** As libbpf and BCC do it. */
void let_go(struct held held);

/** All of them multi. */
void expect_links(unsigned int links, unsigned int probes);
/** The one probe at an offset. */
struct fake_probe probe_at(uint64_t offset);

/** With a program of a batching tool for each style; no link may be left after it. */
void with_each_style(void (*test)(int prog, enum style style));

#endif
