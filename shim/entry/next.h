/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The functions that we interpose, as the next library in line defines them: next_close and so on.
 *
 * libc's are found by our constructor. Hooks can be entered before it, by the constructors of other
 * libraries; the pointers are NULL then, and a raw system call has to serve. libbpf's are found for each
 * call, by who calls: libbpf may be opened late, out of RTLD_NEXT's sight, several times, or never.
 */
#ifndef UPSHIFT_NEXT_H
#define UPSHIFT_NEXT_H

#include <bpf/libbpf.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sched.h>
#include <grp.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <unistd.h>

/* <sys/capability.h> has it, which is not libc's. */
int capset(void *header, const void *data);

#define LIBC_HOOK(type, name, params)   extern type(*next_##name) params;
#define LIBBPF_HOOK(type, name, params) type(*next_##name(const void *caller)) params;
#include "hooks.def"
#undef LIBC_HOOK
#undef LIBBPF_HOOK

/** What our constructor does; for hooks that may allocate, in case they are entered before it. */
void next_find_libc(void);

#endif
