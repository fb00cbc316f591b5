/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * UPSHIFT_REPORT: one JSON object a line for each decision, and a summary when the process exits.
 *
 * Built on the stack and appended by one write(2) to a file that is open only meanwhile; nothing
 * allocates, locks or changes errno. Where no report was asked for, only the summary's counts are kept.
 */
#ifndef UPSHIFT_REPORT_H
#define UPSHIFT_REPORT_H

#include <stdbool.h>
#include <stdint.h>

enum report_path { REPORT_MULTI, REPORT_PERF, REPORT_FAILED };

/** What a line says of a load, an attach or a detach; what is NULL is not known and left out. */
struct report_line {
	const char *event; /* "load", "attach", "detach" */
	const char *program;
	const char *section;
	enum report_path path;
	const char *reason; /* in words that a user understands */
	int error;          /* a positive errno where the path is REPORT_FAILED */
	/* attach and detach */
	const char *target;
	uint64_t offset;
	uint64_t ref_ctr_offset;
	uint64_t cookie;
	int pid; /* as the caller asked: -1 for every process */
	bool retprobe;
	bool kprobe;         /* of the kernel, not of a file */
	unsigned int probes; /* on this link */
	uint64_t duration_ns;
};

void report(const struct report_line *line);

/** Would anybody see it? */
bool report_is_wanted(void);

/** How many uprobes are attached on a path now. Without a lock, in signal handlers too. */
long report_attached(enum report_path path);

/** The nth of the reasons why attaches were not upgraded, and how many were; NULL after the last. As above.
 */
const char *report_reason(unsigned int nth, unsigned long *cnt);

/**
 * The last line: how many programs and uprobes took which path, and why the process had no keeper of its
 * links, or NULL. Nothing if the process used none.
 */
void report_summary(const char *keeper_missing);

#endif
