/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* How a tool reaches libbpf, and which libbpf that is. Keeps no state. */
#ifndef UPSHIFT_ELF_REACH_H
#define UPSHIFT_ELF_REACH_H

#include <limits.h>
#include <stdbool.h>

#include "elf/image.h"

/* How a tool reaches libbpf, and with it the kernel. */
enum reach {
	REACH_NONE,
	REACH_SHARED, /* is linked with libbpf.so */
	REACH_DLOPEN, /* knows its name and opens it while it runs */
	REACH_STATIC, /* has it inside */
	REACH_BCC,    /* is linked with BCC's library only */
	REACH_OBJECT, /* is no tool but a BPF object: whoever loads it */
};

struct libbpf {
	enum reach reach;
	bool bcc;               /* is linked with BCC's library, which attaches uprobes without libbpf */
	char library[PATH_MAX]; /* the file of a shared one, or "" if it was not found */
	char version[32];       /* "" if it could not be told */
};

/** How does the tool in this ELF file reach libbpf? */
enum reach reach_of_image(const struct elf_image *image);

/** The same, and which libbpf it is. The file's path matters to the search for a library. */
void reach_read(struct libbpf *libbpf, const struct elf_image *image, const char *path);

/** The version in a library's name ("libbpf.so.1.1.2") or, for want of it, inside of it. */
void reach_read_version(struct libbpf *libbpf);

#endif
