// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Somebody who calls lib_f0() and lib_usdt() without a pause, with 0 as argument, or from some moment on with
 * 1: then hits with a 1 in them came after that moment.
 */
#ifndef TESTS_BUSY_H
#define TESTS_BUSY_H

struct busy;
/* A process, which has no links if none were made before it, or a thread of this one. */
struct busy *busy_process(void);
struct busy *busy_thread(void);
void busy_stop(struct busy *busy);
/* With 0; returns when it does. */
void busy_early(struct busy *busy);
/* With 1; returns when it has done so many times. */
void busy_late(struct busy *busy);

#endif
