/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * How far the kernel has come with a close: a look at the thread that is in it, through procfs.
 *
 * A detach (kernel/events/uprobes.c) is uprobe_unregister_nosync() for each probe, which takes the consumer
 * off the kernel's list and then the breakpoint out of all processes, and after them one
 * uprobe_unregister_sync(), which waits for handlers that are still running ("uprobes: split
 * uprobe_unregister()", Linux 6.12; before that a link's close does not wait). A close is past the first part
 * if its thread sleeps in the second.
 */
#ifndef UPSHIFT_CLOSER_SIGHT_H
#define UPSHIFT_CLOSER_SIGHT_H

#include <stdbool.h>

struct sight {
	int fd;
	bool names_only; /* the innermost function alone */
};

/** many: the close is of a link of more than one probe. Takes one fd, until sight_close(). */
void sight_open(struct sight *sight, int thread, bool many);

/** False where nothing can be seen: then only the close's return tells. */
static inline bool sight_is_open(const struct sight *sight)
{
	return sight->fd >= 0;
}

/** Is it known to be past the first part? */
bool sight_is_past(const struct sight *sight);

void sight_close(const struct sight *sight);

#endif
