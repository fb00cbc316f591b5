/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
#ifndef UPSHIFT_FEATURES_CACHE_H
#define UPSHIFT_FEATURES_CACHE_H

#include "kernel_features.h"

/**
 * What the kernel can do, probed at the first call, which is made no earlier than the process's first
 * program load or uprobe, with our BPF token if one is configured, and kept. With the engine's lock held.
 */
const struct features *features_cached(void);

/**
 * A program is loaded with this BPF token (-1: one of ours): what could not be tried before is tried again
 * with it. With the engine's lock held.
 */
void features_see_token(int token_fd);

/** Is it known that a PROG_ARRAY takes one expected attach type only? Without the lock. */
bool features_prog_array_checked(void);

#endif
