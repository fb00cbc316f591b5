/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Creating a uprobe_multi or kprobe_multi link in the kernel, safely (R6). For the holder of the engine's
 * lock. */
#ifndef UPSHIFT_MULTI_LINK_H
#define UPSHIFT_MULTI_LINK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "call.h"
#include "program.h"

struct multi_link {
	struct program *program; /* NULL if its load was not seen: then prog_fd is all there is */
	enum variant variant;    /* of prog_fd, where the program is known */
	int prog_fd;             /* -1: find or load it */
	bool kprobe;
	int target_fd;      /* of uprobes: the file, open with O_PATH */
	pid_t process;      /* of uprobes: the pid filter, 0 for all */
	const char *symbol; /* of one kprobe whose address the kernel hides, or NULL */
	bool retprobe;
	uint32_t cnt;
	const uint64_t *offsets;         /* of kprobes: the functions' addresses */
	const uint64_t *ref_ctr_offsets; /* or NULL */
	const uint64_t *cookies;         /* or NULL */
	bool for_a_moment;               /* the link's fd: the limit may be raised for it */
	const struct bpf_call *call;     /* whose flags and further arguments go along (R9), or NULL */
};

/** Why a link could not be made, in a user's words. */
struct why {
	const char *reason;
	char buf[128];
};

/** The link's fd, or a negative errno and the reason. */
long multi_link_create(const struct multi_link *link, struct why *why);

#endif
