/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Attaches that are collected, and then made as one uprobe_multi link.
 *
 * Two things collect: one libbpf call that attaches many times (bpf_program__attach_usdt()), until it
 * returns; and with UPSHIFT_BATCH=on the tool's own loops, until they pause for a millisecond or the process
 * makes a call that could show the difference. The tool has been told that it is attached, and holds fds that
 * become the link. Probes share a link if they have the program, the target, the pid filter and the kind in
 * common; duplicates, cookies and ref_ctr offsets are each probe's own.
 *
 * A member that is closed while others stay makes the link be made anew without it: the new one is attached
 * before the old one is closed, so that no hit is lost; one in between counts twice.
 *
 * For the holder of the engine's lock.
 */
#ifndef UPSHIFT_BATCH_H
#define UPSHIFT_BATCH_H

#include <stdatomic.h>
#include <stdbool.h>

struct program;
struct uprobe;

/** One libbpf call that collects. */
struct collect_scope {
	char unused; /* it is its address that counts */
};

/** Is anything collected outside of a scope, or to be made anew? May be read without the lock. */
extern atomic_bool batch_waits;

/** Shall this attach be collected? */
bool batch_wants(const struct uprobe *uprobe, const struct program *program);

/** Collects it. What the tool's call returns: an fd, or 0 for an ioctl, or a negative errno. */
long batch_add(struct uprobe *uprobe, struct program *program, int event_fd);

/** An uprobe that the tool has closed. Its fds need not be gone yet. */
void batch_leave(struct uprobe *uprobe);

/** Do others keep the link of this attached uprobe? */
bool batch_has_others(const struct uprobe *uprobe);

/** Makes what a scope collected; 0 or the first error, of an attach that is then reported as failed. */
long batch_end_scope(const struct collect_scope *scope);

/** Makes the links of all that was collected outside of scopes, and of those that have lost members. */
void batch_settle(void);

/** Starts the thread that calls batch_settle() when the loop pauses; a test may replace it. */
extern bool (*batch_start_flusher)(void);

/** Only the latter. */
void batch_settle_detaches(void);

/** At the process's end: what is not attached by now will not be. */
void batch_stop(void);

/** In a fork child, which shares the links with its parent: it changes nothing about them. */
void batch_adopt(void);

#endif
