// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What the traced executable and its library offer. */
#ifndef TESTS_FUNCTIONS_H
#define TESTS_FUNCTIONS_H

#define EXPORTED __attribute__((visibility("default")))
#define TRACED   EXPORTED __attribute__((noinline))

/* Keeps the compiler from merging calls, or functions that look alike. */
#define TRACED_FUNCTION(name, add)                                      \
	TRACED long name(long arg);                                     \
	long name(long arg)                                             \
	{                                                               \
		__asm__ volatile("" : "+r"(arg) : "i"(add) : "memory"); \
		return arg + (add);                                     \
	}

/* libtarget.so */
EXPORTED long lib_f0(long arg);
EXPORTED long lib_f1(long arg);
EXPORTED long lib_once(long arg);  /* one version */
EXPORTED long lib_twice(long arg); /* two versions: a name without one is ambiguous */

/* One turn through the USDT probes "one", "many" (at five locations) and "plain" (without a semaphore). */
EXPORTED long lib_usdt(long arg);
EXPORTED unsigned short *lib_semaphore(const char *probe);

#endif
