/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* What the names of ELF sections say. Pure functions. */
#ifndef UPSHIFT_SECTIONS_H
#define UPSHIFT_SECTIONS_H

#include <stdbool.h>

#include "hints.h"

/** Is section one of these types, alone or followed by '/'? A NULL ends them. */
bool section_is_any(const char *section, const char *const types[]);

/**
 * Multi for uprobe, uretprobe and usdt sections (and their .s forms), alone or followed by '/'; kprobe multi
 * for kprobe and kretprobe sections that name no more than a function, if kprobes are wanted; perf for the
 * .single forms, and for versioned symbols ('@') unless those may be multi; unknown for everything else.
 */
enum section_wish section_wish(const char *section, bool versioned_multi, bool kprobes);

/** The parts of "TYPE/PATH:FUNCTION[+OFFSET]"; strings are the caller's to free. */
struct section_target {
	char *path;     /* NULL for a kprobe's */
	char *function; /* or a pattern */
	unsigned long offset;
};

/**
 * 0; -ENOENT for a bare section, which names no target; -EINVAL for one that cannot be read, -ENOMEM. In a
 * pattern nothing but the rest of the section is read as the function.
 */
int section_parse(const char *section, bool pattern, struct section_target *target);

/** The same of "TYPE/FUNCTION[+OFFSET]". */
int section_parse_kprobe(const char *section, struct section_target *target);

#endif
