// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A function that a child leaves by unwinding its stack, as a C++ exception does. The process itself, which
 * is traced, returns from it.
 */
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <unwind.h>
#include "unwound.h"

enum { TEXT = 16 };

static unsigned char text[TEXT];
static bool unwinds;
static jmp_buf catcher;
static void *catching_frame;

/* The frames from the function's on, until that of who catches. */
static _Unwind_Reason_Code at_frame(int version, _Unwind_Action actions, _Unwind_Exception_Class class,
				    struct _Unwind_Exception *exception, struct _Unwind_Context *context,
				    void *frame)
{
	(void)version;
	(void)class;
	(void)exception;
	if (actions & _UA_END_OF_STACK)
		abort(); /* as std::terminate() */
	if (_Unwind_GetCFA(context) > (_Unwind_Word)frame)
		longjmp(catcher, 1);
	return _URC_NO_REASON;
}

static __attribute__((noinline)) long unwind_if_odd(long arg)
{
	static struct _Unwind_Exception exception;

	if (unwinds && arg % 2)
		_Unwind_ForcedUnwind(&exception, at_frame, catching_frame);
	return arg;
}

long f_unwound(long arg)
{
	arg = unwind_if_odd(arg);
	__asm__ volatile("" : "+r"(arg) : : "memory");
	return arg + 700;
}

static __attribute__((noinline)) bool call_and_catch(long arg)
{
	catching_frame = __builtin_frame_address(0);
	if (setjmp(catcher))
		return true;
	f_unwound(arg);
	return false;
}

/* Its exit status is an index of "ends". */
static int child(long times)
{
	long caught = 0;

	unwinds = true;
	for (long n = 1; n <= times; n++) {
		caught += call_and_catch(n);
		if (memcmp((void *)f_unwound, text, TEXT))
			return 2;
	}
	return caught == (times + 1) / 2 ? 0 : 1;
}

static const char *const ends[] = { "ends as it should", "has not caught all", "keeps a breakpoint" };

void remember_text(void)
{
	memcpy(text, (void *)f_unwound, TEXT);
}

void say_how_child_unwinds(long times)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(child(times));
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		printf("is killed by signal %d\n", WTERMSIG(status));
	else
		puts(ends[WEXITSTATUS(status)]);
}
