/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Which link an fd is: known again by its id and its type in the kernel. Any thread. */
#ifndef UPSHIFT_LINK_ID_H
#define UPSHIFT_LINK_ID_H

#include <stdbool.h>
#include <stdint.h>

struct link_id {
	uint32_t id; /* of a link of either kind, or 0 */
	uint32_t type;
};

/** The link behind an fd; zero, and a negative errno, where the kernel does not say. */
long link_behind(int fd, struct link_id *link);

/** Is fd that link? One that cannot be examined counts as it. */
bool link_is(int fd, struct link_id link);

#endif
