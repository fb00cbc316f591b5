/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The functions of libbpf, as somebody who calls it would be bound to them without upshift. A process may
 * hold several libbpfs, under any name, and unload them again: so nothing found is kept. Thread-safe; not
 * before the process's first BPF call.
 */
#ifndef UPSHIFT_SYMBOL_H
#define UPSHIFT_SYMBOL_H

#include <bpf/libbpf.h>
#include <stdbool.h>

/**
 * The function for a caller, named by any address in its code: the next definition after ours in the global
 * scope, or, where libbpf was opened with RTLD_LOCAL, the one that the caller's own library depends on. NULL
 * if there is none. Never loads anything.
 */
void *libbpf_symbol(const void *caller, const char *name);

/** What we call of libbpf, all of it there since 1.0. */
#define LIBBPF_FUNCTIONS(X)                \
	X(bpf_object__next_program)        \
	X(bpf_object__next_map)            \
	X(bpf_map__type)                   \
	X(bpf_program__name)               \
	X(bpf_program__section_name)       \
	X(bpf_program__type)               \
	X(bpf_program__fd)                 \
	X(bpf_program__attach_uprobe_opts) \
	X(bpf_program__attach_kprobe_opts) \
	X(bpf_program__set_flags)          \
	X(bpf_program__flags)              \
	X(libbpf_get_error)                \
	X(libbpf_prog_type_by_name)        \
	X(libbpf_register_prog_handler)    \
	X(libbpf_set_print)

struct libbpf_api {
#define X(name) __typeof__(&name) name;
	LIBBPF_FUNCTIONS(X)
#undef X
};

/** Fills the table for a caller; false if its libbpf lacks one of them: then nothing of it is touched. */
bool libbpf_api(const void *caller, struct libbpf_api *api);

#endif
