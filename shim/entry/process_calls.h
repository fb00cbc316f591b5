/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* The calls of process_calls.c when they are made by syscall(): nothing to do for all others. */
#ifndef UPSHIFT_PROCESS_CALLS_H
#define UPSHIFT_PROCESS_CALLS_H

void process_before_syscall(long number, const long a[6]);

/** Returns the result, in the child too. */
long process_after_syscall(long number, const long a[6], long result);

#endif
