/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
#ifndef UPSHIFT_THREAD_LIMIT_H
#define UPSHIFT_THREAD_LIMIT_H

/**
 * How many threads of ours the process can bear at once, CLOSERS at most: a quarter of what its cgroups
 * (pids, memory) leave, and a sixteenth of RLIMIT_NPROC, so that the tool's own threads and memory fit in
 * beside them. As it was when it was last read.
 */
int thread_limit(void);

/** Reads it, if that was not done within a second. With the engine's lock held; not in signal handlers. */
void thread_limit_read(void);

#endif
