/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The names in /proc/kallsyms, as the kernel looks for them when a kprobe is asked for by name: those of
 * itself and of its modules, whatever their type, but not those of BPF programs and trampolines. It refuses
 * names that are there more than once ("tracing/kprobes: Return EADDRNOTAVAIL when func matches several
 * symbols", Linux 6.7).
 *
 * Read at the first question into a table (16 bytes for each place), and again when the set of modules has
 * changed. For the holder of the engine's lock. Results are 0 or a negative errno.
 */
#ifndef UPSHIFT_KALLSYMS_H
#define UPSHIFT_KALLSYMS_H

#include <stdbool.h>
#include <stdint.h>

enum { KALLSYMS_MAX_CNT = (1 << 14) - 1 };

struct kernel_symbol {
	uint32_t cnt; /* how many symbols have the name, up to KALLSYMS_MAX_CNT */
	/* of the first: */
	bool of_module;
	bool is_function;
	uint64_t address; /* 0 where the kernel hides it (kptr_restrict) */
};

/** 0, with cnt 0 where there is none of that name; an error where the names cannot be read. */
long kallsyms_find(const char *name, struct kernel_symbol *symbol);

#endif
