/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
#ifndef UPSHIFT_THREAD_LIMIT_H
#define UPSHIFT_THREAD_LIMIT_H

/**
 * How many threads of ours the process can bear at once, CLOSERS at most, so that the tool's own threads and
 * memory fit in beside them: a quarter of the processes that its cgroups leave, a sixteenth of RLIMIT_NPROC
 * and of their memory. As it was when it was last read.
 */
int thread_limit(void);

/** Reads it, if that was not done within a second. With the engine's lock held; not in signal handlers. */
void thread_limit_read(void);

/** In a fork child, which may go to another cgroup. */
void thread_limit_adopt(void);

#endif
