/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * One uprobe_multi link that several fds of the tool stand for: a USDT's locations, which libbpf up to 1.2
 * attaches one by one in one call of bpf_program__attach_usdt().
 *
 * They are collected until that call ends. libbpf has been told that each is attached, and holds fds that
 * become the link; if it cannot be made, all of them are closed again, and attached anew each by itself. The
 * link is detached with the last of them: libbpf destroys a USDT's link as a whole, and shows nobody the fds.
 *
 * For the holder of the engine's lock.
 */
#ifndef UPSHIFT_SHARED_LINK_H
#define UPSHIFT_SHARED_LINK_H

#include <stdbool.h>

#include "sharing.h"

/** Shall this attach, whose event's fd is to be the link, be collected by the libbpf call that it is part of?
 */
bool shared_link_collects(const struct uprobe *uprobe, const struct program *program);

/** Collects it. */
void shared_link_add(struct uprobe *uprobe, struct program *program);

/** At the call's end: makes the link of what it collected; 0, or a negative errno, and nothing of it is
 * attached. */
long shared_link_attach(struct collection *collection);

#endif
