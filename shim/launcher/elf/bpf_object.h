/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * A BPF object: an ELF file for libbpf, in a file of its own or inside a tool that has a skeleton of it. Its
 * programs are put together as libbpf does it (the functions that a program calls behind it) and read by the
 * engine's own insns_read(). Nothing in it is trusted. Thread-safe for different objects.
 */
#ifndef UPSHIFT_ELF_BPF_OBJECT_H
#define UPSHIFT_ELF_BPF_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "insns.h"

struct bpf_object_program {
	char *name;
	char *section; /* as libbpf gives it: without the '?' of a program that is not loaded by itself */
	struct insn_facts facts;
};

struct bpf_object_map {
	char *name;
	uint32_t type; /* BPF_MAP_TYPE_... */
};

struct bpf_object_file {
	uint64_t offset; /* in the file that it is in */
	uint64_t size;
	const char *damage; /* why it cannot be read, or NULL; there are no programs then */
	bool prog_array;    /* has a map of programs, for tail calls */
	struct bpf_object_program *programs;
	size_t program_cnt;
	struct bpf_object_map *maps; /* those that its BTF tells */
	size_t map_cnt;
};

/** Reads the object in these bytes, aligned to 8. Always leaves it fit for bpf_object_free(). */
void bpf_object_read(struct bpf_object_file *object, const void *bytes, size_t size);

void bpf_object_free(struct bpf_object_file *object);

#endif
