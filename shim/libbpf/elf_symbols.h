/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Functions of an ELF file by a pattern, as libbpf's own multi sections find them.
 *
 * Read with libelf, which is not linked: every libbpf depends on it, so a process that gets here has it.
 */
#ifndef UPSHIFT_ELF_SYMBOLS_H
#define UPSHIFT_ELF_SYMBOLS_H

#include <stdint.h>

/**
 * File offsets of the functions whose names match a pattern of '*' and '?': those of the dynamic symbols, or
 * if none match, of the full symbol table. 0 and an array to free; -ENOENT if none match, -EINVAL if path is
 * no ELF file, -EOPNOTSUPP without libelf, -ENOMEM, or the errno of opening the file. Thread-safe.
 */
int elf_function_offsets(const char *path, const char *pattern, uint64_t **offsets, uint32_t *cnt);

#endif
