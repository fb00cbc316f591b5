/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* What a program's file tells before it runs: whether LD_PRELOAD reaches it. Thread-safe, keeps no state. */
#ifndef UPSHIFT_ELF_EXECUTABLE_H
#define UPSHIFT_ELF_EXECUTABLE_H

#include <limits.h>
#include <stdbool.h>

#include "elf/image.h"

enum executable_kind { EXECUTABLE_ELF, EXECUTABLE_SCRIPT, EXECUTABLE_OTHER };

struct executable {
	char path[PATH_MAX]; /* the file itself: symbolic links followed */
	enum executable_kind kind;
	char interpreter[PATH_MAX]; /* of a script: what its first line names, through env(1) too; or "" */
	/* of an ELF file */
	bool dynamic; /* has a dynamic loader, or is a library */
	bool go;      /* was built by Go's compiler, and has no libbpf */
	bool foreign; /* of another word size or machine than this launcher */
	/* of any */
	bool setid;     /* setuid or setgid, and of another owner than who asks */
	bool file_caps; /* and who asks is not root */
};

/**
 * Reads the program that execvp() would run for this name. 0, or a negative errno as exec would give it:
 * ENOENT, EACCES, ...
 */
int executable_read(const char *name, struct executable *executable);

/** The same of a file that is open already; it need not be executable. */
void executable_of_image(const char *path, const struct elf_image *image, struct executable *executable);

/**
 * Why a preload does not reach it, in words that end a sentence ("it is linked statically"), or NULL. For a
 * script, that of its interpreter.
 */
const char *executable_out_of_reach(const struct executable *executable);

#endif
