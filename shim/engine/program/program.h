/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The KPROBE programs that this process loaded, and their variants.
 *
 * A program is known by its id in the kernel and when it was loaded, not by an fd: copies of an fd, programs
 * that were pinned and opened again, and fds that came back from another process are then all the same
 * program. Everything here is called with the engine's lock held.
 */
#ifndef UPSHIFT_PROGRAM_H
#define UPSHIFT_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "hints.h"
#include "insns.h"
#include "uapi.h"

/* What a program's expected attach type makes of it; anything else its owner wanted is VARIANT_OTHER. */
enum variant {
	VARIANT_SINGLE,       /* expected attach type 0: for perf events */
	VARIANT_UPROBE_MULTI, /* BPF_TRACE_UPROBE_MULTI */
	VARIANT_KPROBE_MULTI, /* BPF_TRACE_KPROBE_MULTI */
	VARIANT_OTHER,
	VARIANTS,
};

/** Must a perf event not run it? (R1) */
static inline bool variant_is_multi(enum variant variant)
{
	return variant == VARIANT_UPROBE_MULTI || variant == VARIANT_KPROBE_MULTI;
}

/** What it is loaded with; not of VARIANT_OTHER. */
uint32_t variant_attach_type(enum variant variant);
enum variant variant_of_attach_type(uint32_t expected_attach_type);

struct program_key {
	uint32_t id;
	uint64_t load_time; /* ns since boot */
};

struct reload;

struct program {
	struct program_key keys[VARIANTS]; /* by variant; id 0: never loaded. Of ours, the latest, while a
					      link holds it */
	enum variant variant;              /* of what the tool loaded */
	bool owner_chose;                  /* the expected attach type was in the tool's own load */
	bool in_prog_array;                /* R3: is called by tail calls */
	bool sleepable;
	enum section_wish wish; /* what the section asks for, if the libbpf layer knew it */
	struct insn_facts facts;
	struct reload *reload; /* NULL if the program cannot be loaded again */
	char *name;
	char *section; /* NULL if not known */
	struct program *next;
};

/** A new program, just loaded as fd with these attributes; NULL if it could not be remembered. */
struct program *program_remember(int fd, const struct uapi_prog_load *load, const struct load_hint *hint,
				 enum variant variant, bool owner_chose);

/** Can a program that was loaded so be loaded again? For one whose variant is ours this must not fail. */
bool program_is_repeatable(const struct program *program);

/** Forgets a program again. */
void program_forget(struct program *program);

/** The program behind an fd and which variant that is, or NULL if its load was not seen. */
struct program *program_behind(int fd, enum variant *variant);

/** Tells what the libbpf layer knows of a program, where the name alone did not say it at the load. */
void program_describe(struct program *program, const struct load_hint *hint);

/**
 * An fd, the caller's to close, for one of the program's variants. Loads it if nothing holds it. A negative
 * errno if that fails; never for want of an fd as long as the limit can be raised for a moment.
 */
long program_open(struct program *program, enum variant variant);

/** Is any program known whose fd in the tool's hands is of the multi variant? (R1; may be read without the
 * lock.) */
bool programs_have_multi(void);

/** Is the multi variant of one of them in the tool's hands where the tool asked for the single one? */
bool programs_have_ours(void);

/** Does any program of the process read stacks? */
bool programs_read_stacks(void);

/** May the process hold a program that could be attached to an uprobe? */
bool programs_have_any(void);

/** It may hold one whose load was not seen. Without the lock. */
void programs_note_unseen(void);

#endif
