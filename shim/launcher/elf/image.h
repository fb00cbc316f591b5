/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * An ELF file in memory, of any word size and byte order. Nothing in it is trusted: what lies outside of it
 * is as if it were not there. Thread-safe for different images.
 */
#ifndef UPSHIFT_ELF_IMAGE_H
#define UPSHIFT_ELF_IMAGE_H

#include <gelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf_image {
	const unsigned char *bytes;
	size_t size;
	Elf *elf;
	GElf_Ehdr header;
	bool mapped;
};

/** Maps and reads a file. NULL, or why it cannot be done, in words that follow the file's name and a colon.
 */
const char *elf_image_open(struct elf_image *image, const char *path);

/** The same of bytes in memory, aligned to 8, which stay the caller's and must outlive the image. */
const char *elf_image_of(struct elf_image *image, const void *bytes, size_t size);

void elf_image_close(struct elf_image *image);

/** A section's bytes, or NULL if it has none. */
const unsigned char *elf_image_bytes(const struct elf_image *image, const GElf_Shdr *section);

/** A section's name; "" if it has none. */
const char *elf_image_name(const struct elf_image *image, const GElf_Shdr *section);

/** Calls see() for each entry of the dynamic section that is a string until it returns false. */
void elf_image_dynamic(const struct elf_image *image,
		       bool (*see)(void *context, int64_t tag, const char *text), void *context);

#endif
