/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* A tool that makes a uprobe_multi link of three places of FAKE_TARGET itself. */
#ifndef UPSHIFT_MULTI_TOOL_H
#define UPSHIFT_MULTI_TOOL_H

#include "tool.h"

enum { PLACES = 3, TGID = 4000, THREAD = 4001 };

extern const uint64_t multi_offsets[PLACES], multi_ref_ctr_offsets[PLACES], multi_cookies[PLACES];

/** Boots, and starts the tool; TGID and its thread THREAD are other processes. Returns its program, of the
 * type for such links. */
int multi_start(const struct fake_features *features);
/** Another program like that: a uprobe.multi section's, as libbpf loads it. */
int multi_load(void);

/** A link of all three places, and the call that makes one. */
struct uapi_link_create multi_three_places(int prog);
long multi_create(const struct uapi_link_create *attr);
/** All of that on a kernel without such links; returns the link's fd. */
int multi_attach_three(void);

/** What is attached at an offset: the kernel's order is nobody's business. */
struct fake_probe multi_probe_at(uint64_t offset);

#endif
