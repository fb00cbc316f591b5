/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Whose memory this is, and the engine's one lock.
 *
 * A fork child gets its own copy of our state and goes on with it. Another thread may have been in the middle
 * of a change, so every change leaves the state whole at each of its steps, as for a reader without a lock: a
 * thing is complete before it can be found, and can no longer be found before it is freed. Only counts may be
 * wrong, and the child counts anew. A vfork child (or any child made with CLONE_VM alone) shares our memory
 * but not our fds: there the engine must keep its hands off.
 */
#ifndef UPSHIFT_PROCESS_H
#define UPSHIFT_PROCESS_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/** Once, before anything else here; 0 or a negative errno, and then the engine must stay off. */
int process_start(void);

/** Once, before process_start(): what a part does in a child that has a copy of its state, in this order. */
void process_on_fork(void (*adopt)(void));

/** False in a child that shares our memory. Adopts the state in a child that has a copy of it. */
bool process_is_ours(void);

/** Our process id, without a system call: where process_is_ours(). */
pid_t process_id(void);

/**
 * The engine's lock. All signals are blocked while it is held, so that a handler which closes an fd
 * never waits for the thread that it interrupted. Not recursive.
 */
void engine_lock(sigset_t *saved);
void engine_unlock(const sigset_t *saved);

#endif
