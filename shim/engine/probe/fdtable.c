// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "fdtable.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

#include "kernel.h"
#include "uprobe.h"

_Atomic(struct fdtable_slot *) fdtable_chunks[FDTABLE_CHUNKS];

/* Straight from the kernel: an fd may be put here in a signal handler, where malloc must not be called. */
static struct fdtable_slot *add_chunk(int fd)
{
	const long size = FDTABLE_CHUNK * sizeof(struct fdtable_slot);
	long chunk = kernel_raw_call(SYS_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				     -1, 0);

	if (chunk < 0 && chunk > -4096)
		return NULL;
	atomic_store_explicit(&fdtable_chunks[fd / FDTABLE_CHUNK], (struct fdtable_slot *)chunk,
			      memory_order_release);
	return fdtable_slot(fd);
}

int fdtable_put(int fd, enum fd_role role, struct uprobe *uprobe)
{
	struct fdtable_slot *slot = fdtable_slot(fd);

	if ((unsigned int)fd >= FDTABLE_MAX)
		return -EMFILE;
	if (!slot)
		slot = add_chunk(fd);
	if (!slot)
		return -ENOMEM;
	uprobe->last_fd[role] = fd;
	uprobe->fds[role]++; /* first, in case the fd already stands for this uprobe */
	fdtable_drop(fd);
	slot->role = role;
	/* A child that is forked in the middle finds all of it or nothing. */
	atomic_store_explicit(&slot->uprobe, uprobe, memory_order_release);
	return 0;
}

struct uprobe *fdtable_take(int fd)
{
	struct fdtable_slot *slot = fdtable_slot(fd);

	return slot ? atomic_exchange_explicit(&slot->uprobe, NULL, memory_order_relaxed) : NULL;
}

void fdtable_give_up(struct uprobe *uprobe, enum fd_role role)
{
	uprobe->fds[role]--;
	uprobe_put(uprobe);
}

void fdtable_drop(int fd)
{
	struct uprobe *uprobe = fdtable_take(fd);

	if (uprobe)
		fdtable_give_up(uprobe, fdtable_slot(fd)->role);
}

int fdtable_next(int from)
{
	for (int fd = from; fd < FDTABLE_MAX; fd++) {
		if (!fdtable_slot(fd))
			fd |= FDTABLE_CHUNK - 1; /* the loop steps to the next chunk */
		else if (fdtable_has(fd))
			return fd;
	}
	return -1;
}
