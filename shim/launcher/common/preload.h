/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* The value of LD_PRELOAD. Keeps no state. */
#ifndef UPSHIFT_COMMON_PRELOAD_H
#define UPSHIFT_COMMON_PRELOAD_H

#include <stddef.h>

/** The first entry that is a libupshift.so, wherever it is; its length, or 0 if there is none. */
size_t preload_entry(const char *value, const char **entry);

/**
 * The library in front of what is there already (or NULL), in place of any other libupshift.so. To be freed;
 * NULL if there is no memory.
 */
char *preload_in_front(const char *library, const char *before);

#endif
