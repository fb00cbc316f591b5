/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* What attach.c and attach_alone.c share. For the holder of the engine's lock. */
#ifndef UPSHIFT_ATTACH_INTERNAL_H
#define UPSHIFT_ATTACH_INTERNAL_H

#include "multi_link.h"
#include "program.h"
#include "report.h"
#include "uprobe.h"

/** One attach, whichever way the tool asked for it. */
struct attach {
	struct uprobe *uprobe;
	int event_fd;
	struct program *program; /* NULL if its load was not seen */
	enum variant variant;    /* of prog_fd, where the program is known */
	int prog_fd;
	uint64_t cookie;
	const struct bpf_call *call; /* the tool's, or NULL for an ioctl */
	enum fd_role holder;         /* which fds shall keep it attached */
	const char *reason;          /* for the report */
	struct why why;
};

/** Makes the uprobe_multi link: its fd, or a negative errno and the reason. */
long attach_make_link(struct attach *attach);

/** Keeps what the report on the detach will say; the program may be gone by then. */
void attach_note(const struct attach *attach, enum fd_role holder);

void attach_report(const struct attach *attach, enum report_path path, long result);

#endif
