/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * A BPF file system that no path leads to: a detached mount, alive as long as its fd is.
 *
 * Takes CAP_SYS_ADMIN over the process's mount namespace (fsopen(2)), and BPF_F_PATH_FD ("bpf: Support
 * O_PATH FDs in BPF_OBJ_PIN and BPF_OBJ_GET commands", Linux 6.5).
 */
#ifndef UPSHIFT_PRIVATE_BPFFS_H
#define UPSHIFT_PRIVATE_BPFFS_H

#include <stdint.h>

/**
 * Makes one and tries it: its fd, close-on-exec; or a negative errno, and *why says in a user's words what is
 * missing. Refused as well where an object outlives the removal of its pin, be it only for a moment (kernels
 * before 6.11): who removed the pin could not tell which close is the last.
 */
long private_bpffs_open(const char **why);

/** Pins an object there under a name. 0 or a negative errno. Thread-safe. */
long private_bpffs_pin(int dir_fd, const char *name, int fd);

/** Removes a pin. */
long private_bpffs_unpin(int dir_fd, const char *name);

#endif
