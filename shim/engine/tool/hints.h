/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * What the libbpf layer knows and the system calls do not show, left for the engine by the same thread
 * for the duration of one libbpf call. Without the libbpf layer there are simply no hints.
 *
 * Everything is per thread, so nothing needs a lock. The caller keeps what it hands in alive until it takes
 * it back; scopes nest, each restores what it found.
 */
#ifndef UPSHIFT_HINTS_H
#define UPSHIFT_HINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What a program's section asks for. */
enum section_wish {
	SECTION_UNKNOWN,      /* not an uprobe's section, or not known: decided at the attach */
	SECTION_MULTI,        /* eligible: load the multi variant at once */
	SECTION_KPROBE_MULTI, /* the same of kprobes, with UPSHIFT_KPROBES=on */
	SECTION_PERF,         /* .single or a versioned symbol: stays on the perf path */
};

/** One program of an object that is about to be loaded. */
struct load_hint {
	const char *program;
	const char *section;
	enum section_wish wish;
	bool has_prog_array; /* its object has tail calls: all its programs stay as they are (R3) */
};

struct load_hints {
	const struct load_hint *hints;
	size_t cnt;
};

/** Announces the programs of an object; returns what was announced before, to be given back afterwards. */
const struct load_hints *hints_set_load(const struct load_hints *hints);

/** Is a load announced? */
bool hints_loading(void);

/** The hint for a load, by the name that the kernel is told; NULL if there is none or more than one. */
const struct load_hint *hints_for_load(const char prog_name[16]);

/** How the next uprobe of this thread is wanted. */
struct attach_hint {
	const char *keep_perf;   /* the reason why the caller wants a perf event, or NULL */
	const uint64_t *offsets; /* one link of so many offsets in place of the one, or NULL */
	uint32_t cnt;
	bool by_libbpf;             /* libbpf opens the event, attaches and closes it */
	struct collection *collect; /* attaches are collected until this libbpf call ends, or NULL */
};

const struct attach_hint *hints_set_attach(const struct attach_hint *hint);
const struct attach_hint *hints_for_attach(void);

/**
 * Is this thread in a libbpf call that detaches a whole object, and returns when all of it is? The call says
 * so with its __builtin_dwarf_cfa(), where its caller's frame ends; false if an outer one has said so
 * already. One that a signal handler jumped out of is forgotten, at the latest when its caller calls close()
 * or such a call again.
 */
bool hints_enter_detach_scope(const void *cfa);
void hints_leave_detach_scope(void);
/** With the same of close(). */
void hints_forget_left_scope(const void *cfa);
bool hints_in_detach_scope(void);

#endif
