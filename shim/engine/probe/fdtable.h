/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Which fds of the process stand for an uprobe.
 *
 * fdtable_has() is all that the hooks of close() and ioctl() do for other fds: two loads, no lock. The rest
 * is for the holder of the engine's lock. An entry may be stale, as not every way to close an fd can be
 * seen (facts: fclose, dup2, close_range inside libc): see uprobe_at().
 */
#ifndef UPSHIFT_FDTABLE_H
#define UPSHIFT_FDTABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct uprobe;

enum fd_role {
	FD_EVENT, /* what perf_event_open returned, or a copy of it */
	FD_LINK,  /* what BPF_LINK_CREATE returned, or a copy of it */
};

enum { FDTABLE_CHUNK = 1024, FDTABLE_CHUNKS = 1024, FDTABLE_MAX = FDTABLE_CHUNK * FDTABLE_CHUNKS };

struct fdtable_slot {
	_Atomic(struct uprobe *) uprobe;
	enum fd_role role;
};

extern _Atomic(struct fdtable_slot *) fdtable_chunks[FDTABLE_CHUNKS];

/** The slot of an fd, or NULL where none near it was ever used. */
static inline struct fdtable_slot *fdtable_slot(int fd)
{
	struct fdtable_slot *chunk;

	if ((unsigned int)fd >= FDTABLE_MAX)
		return NULL;
	chunk = atomic_load_explicit(&fdtable_chunks[fd / FDTABLE_CHUNK], memory_order_acquire);
	return chunk ? &chunk[fd % FDTABLE_CHUNK] : NULL;
}

static inline bool fdtable_has(int fd)
{
	struct fdtable_slot *slot = fdtable_slot(fd);

	return slot && atomic_load_explicit(&slot->uprobe, memory_order_relaxed);
}

/** Was any fd ever put here? */
static inline bool fdtable_used(void)
{
	for (int i = 0; i < FDTABLE_CHUNKS; i++)
		if (atomic_load_explicit(&fdtable_chunks[i], memory_order_relaxed))
			return true;
	return false;
}

/** Makes fd stand for an uprobe, whatever it stood for before; 0, -ENOMEM, or -EMFILE past FDTABLE_MAX. */
int fdtable_put(int fd, enum fd_role role, struct uprobe *uprobe);

/** Forgets an fd; the uprobe is released with its last one. */
void fdtable_drop(int fd);

/** The same in two steps, for who still needs the uprobe in between: the lock may be given up meanwhile. */
struct uprobe *fdtable_take(int fd);
void fdtable_give_up(struct uprobe *uprobe, enum fd_role role);

/** The first fd >= from that stands for an uprobe, or -1. */
int fdtable_next(int from);

#endif
