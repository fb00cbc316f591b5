/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* The one drop-in of a service that upshift writes. Others' files are never touched. */
#ifndef UPSHIFT_UNIT_DROPIN_H
#define UPSHIFT_UNIT_DROPIN_H

#include <limits.h>

/* Comes after other drop-ins, override.conf of "systemctl edit" too: the last assignment counts. */
#define DROPIN_FILE "zz-upshift.conf"

/** Where it is, as seen from below the root. */
void dropin_path(const char *unit, char path[PATH_MAX]);

/** 1 if it is there; 0 if not; -EEXIST if somebody else's file has its name; or another negative errno. */
int dropin_exists(const char *root, const char *unit);

/**
 * Writes it anew, at once: nobody sees a half of it. Only for where dropin_exists() tells that it is no
 * other's. 0 or a negative errno.
 */
int dropin_write(const char *root, const char *unit, const char *settings);

/** Removes it, and its directory if that is left empty. 0 or a negative errno. */
int dropin_remove(const char *root, const char *unit);

#endif
