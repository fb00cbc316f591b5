/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * cmocka, with a process for each test.
 *
 * The engine's state is the process's: static variables, a lock that lives in a page of its own, what the
 * kernel can do. It has no way back to the beginning, nor needs one but here. So each test runs in a child
 * process that has seen nothing yet; a crash or a hang of one leaves the others alone.
 */
#ifndef UPSHIFT_ISOLATE_H
#define UPSHIFT_ISOLATE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define TEST_CNT(tests) (sizeof(tests) / sizeof((tests)[0]))

/** Runs each test as a group of one, in a child; returns the number of those that failed. */
int run_isolated(const char *group, const struct CMUnitTest *tests, size_t cnt);

/** Runs something in a child, in which cmocka's assertions do not work: returns its exit status, 255 for a
 * crash. */
int in_child(int (*body)(void *arg), void *arg);

#define RUN_ISOLATED(group, tests) run_isolated(group, tests, TEST_CNT(tests))

#endif
