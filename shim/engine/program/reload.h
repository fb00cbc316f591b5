/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * How to load a program again: a deep copy of what BPF_PROG_LOAD was given.
 *
 * The fds in it (maps, BTF) are the tool's, and may be closed or name something else by the time of the
 * second load. So each is remembered with the id of what it was; a second load uses an fd only while it
 * still is that object, and asks the kernel for a new one otherwise.
 */
#ifndef UPSHIFT_RELOAD_H
#define UPSHIFT_RELOAD_H

#include <linux/bpf.h>
#include <stdint.h>

#include "uapi.h"

struct reload;

/**
 * Copies a load that the kernel has just accepted (so its pointers are good). NULL if there is no memory,
 * or if the load has parts that cannot be repeated: a signature, a device.
 */
struct reload *reload_copy(const struct uapi_prog_load *load);

/** Loads the program once more with another expected attach type: its fd, or a negative errno. */
long reload_again(struct reload *reload, uint32_t expected_attach_type);

void reload_free(struct reload *reload);

#endif
