/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* The parts of a BPF object's ELF file: its code, functions and relocations. Inside of bpf_object.c and its
 * like. */
#ifndef UPSHIFT_ELF_BPF_SECTIONS_H
#define UPSHIFT_ELF_BPF_SECTIONS_H

#include <linux/bpf.h>

#include "elf/image.h"

/* What an instruction refers to. */
struct bpf_reference {
	bool relocated;   /* CO-RE changes the instruction's constant at the load */
	bool there;       /* the rest is set */
	bool external;    /* another object's, or a function of the kernel */
	bool is_section;  /* the place is to be added to what is in the instruction */
	uint32_t section; /* of the target */
	uint64_t offset;  /* in that section */
};

struct bpf_code {
	const char *name;
	const struct bpf_insn *insns; /* NULL: not a section of code */
	uint32_t cnt;
	struct bpf_reference *references; /* one for each instruction, or NULL */
};

struct bpf_function {
	const char *name;
	uint32_t section;
	uint32_t first, cnt; /* instructions, in that section */
	bool local;
};

struct bpf_sections {
	const struct elf_image *image;
	struct bpf_code *code; /* by section number */
	size_t cnt;
	struct bpf_function *functions; /* sorted by section and place */
	size_t function_cnt;
	bool programs_in_maps; /* a map's first values are programs */
};

/** NULL, or why it cannot be read. Always leaves them fit for bpf_sections_free(). */
const char *bpf_sections_read(struct bpf_sections *sections, const struct elf_image *image);
void bpf_sections_free(struct bpf_sections *sections);

/** The function that starts there, or NULL. */
const struct bpf_function *bpf_sections_function(const struct bpf_sections *sections, uint32_t section,
						 uint64_t offset);

#endif
