/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Fds for a moment, for a process that has used up its RLIMIT_NOFILE.
 *
 * Where upshift needs an fd in between that the tool did not need, the soft limit is raised around the one
 * call that makes it. Lowering it again leaves the fd open. For the holder of the engine's lock.
 *
 *	do
 *		fd = open_something();
 *	while (fd == -EMFILE && fd_limit_raise(&limit, 0));
 *	fd_limit_restore(&limit);
 */
#ifndef UPSHIFT_FD_LIMIT_H
#define UPSHIFT_FD_LIMIT_H

#include <stdbool.h>
#include <sys/resource.h>

struct fd_limit {
	bool raised;
	struct rlimit before;
};

/** True once: the limit is higher now, and above fd. False where it was raised already, or may not be. */
bool fd_limit_raise(struct fd_limit *limit, int fd);

void fd_limit_restore(const struct fd_limit *limit);

/**
 * For an fd that is the tool's to keep, after the limit was restored: moves one from beyond it to below.
 * -EMFILE if there is no place, as the tool would have been told; then the fd is closed.
 */
long fd_limit_settle(const struct fd_limit *limit, long fd);

/**
 * A close-on-exec copy of fd for ourselves, with a number that the tool is not likely to come to: in the last
 * quarter of its limit, or where the limit is high, of what it may come to. -EMFILE where it has used half of
 * that already.
 */
long fd_limit_dup_apart(int fd);

/** The same at the very end, for one that stays. */
long fd_limit_dup_last(int fd);

#endif
