/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* upshift inspect: what its parts tell each other. Single-threaded. */
#ifndef UPSHIFT_INSPECT_INSPECT_H
#define UPSHIFT_INSPECT_INSPECT_H

#include <stdbool.h>
#include <stddef.h>

#include "elf/bpf_object.h"
#include "elf/executable.h"
#include "elf/image.h"
#include "elf/reach.h"
#include "inspect/process.h"
#include "kernel_features.h"

struct inspection {
	const char *file; /* as the user named it */
	struct process process;
	struct executable executable;
	const char *out_of_reach; /* why a preload does not reach it, or NULL */
	struct libbpf libbpf;
	struct bpf_object_file *objects;
	size_t object_cnt;
	struct features features;
	bool kernel_asked; /* false: for want of privilege */
};

/** Finds the BPF objects in an ELF file, or the one that it is. false if there is no memory. */
bool inspect_objects(struct inspection *inspection, const struct elf_image *image);

/** Prints to stdout. False if that failed. */
bool inspect_print_text(const struct inspection *inspection);
bool inspect_print_json(const struct inspection *inspection);

#endif
