/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* What the type information (BTF) of a BPF object tells of its maps, and of what CO-RE changes at the load.
 */
#ifndef UPSHIFT_ELF_BPF_BTF_H
#define UPSHIFT_ELF_BPF_BTF_H

#include "elf/bpf_object.h"
#include "elf/bpf_sections.h"

/** Adds the maps of the section .maps to the object. NULL, also if there is no BTF, or why it cannot be read.
 */
const char *bpf_btf_read_maps(struct bpf_object_file *object, const struct elf_image *image);

/** Marks the instructions that CO-RE changes. NULL, or why it cannot be read. */
const char *bpf_btf_mark_relocated(struct bpf_sections *sections);

#endif
