/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * What perf_event_open's arguments mean in the terms of a uprobe_multi link: the target as an O_PATH fd and
 * the pid filter as a process (R5). Results are a value >= 0 or a negative errno; nothing keeps state.
 */
#ifndef UPSHIFT_TARGET_H
#define UPSHIFT_TARGET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/**
 * Opens the file that uprobes shall be put into, close-on-exec, and tells which it is. Any errno where the
 * kernel would refuse an uprobe at this place: not a regular file, on procfs, offset past the end, odd
 * ref_ctr_offset.
 */
long target_open(const char *path, uint64_t offset, uint64_t ref_ctr_offset, struct stat *st);

/** Is fd still open with O_PATH on that file? An fd that cannot be examined counts as it. */
bool target_is_at(int fd, dev_t dev, ino_t ino);

/** Are the numbers in /proc those of our pid namespace? */
bool target_proc_is_ours(void);

/**
 * perf's pid (-1 all, 0 the caller, a process's or thread's id) as the link's: 0 all, or a process's id. Any
 * errno where that is not known, or where a link would see nothing of it because its leading thread has
 * exited.
 */
long target_process(pid_t pid);

#endif
