/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
#ifndef UPSHIFT_SEARCH_PATH_H
#define UPSHIFT_SEARCH_PATH_H

/**
 * The file that libbpf would take for the binary of a section: a name with '/' as it is; another one is
 * looked for in the directories of libraries (".so") or of programs. 0 and a path to free, -ENOENT or
 * -ENOMEM. Thread-safe.
 */
int search_path(const char *name, char **path);

#endif
