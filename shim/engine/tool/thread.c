// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "thread.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <time.h>

#include "kernel.h"

long (*thread_start)(unsigned int stack, thread_fn fn, void *arg, _Atomic int *tid) = thread_clone;

/* No guard pages: what runs here is known, and needs a few hundred bytes. */
enum { STACK_SIZE = 8 * 1024 };

/* What the new thread finds on its stack. */
struct start {
	thread_fn fn;
	void *arg;
};

/* The flags of pthread_create() as far as they matter to valgrind, which knows no other threads. */
static const unsigned long clone_flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
					 CLONE_SYSVSEM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;

/*
 * clone(), and in the child: call fn and exit. In one piece, as compiled code may not run on a stack that was
 * not there when its function began.
 */
#if defined(__x86_64__)

static long clone_and_run(struct start *start, _Atomic int *tid)
{
	register long r10 __asm__("r10") = (long)tid;
	register long r8 __asm__("r8") = 0;
	long ret;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "xor %%ebp, %%ebp\n\t" /* the outermost frame */
			 "pop %%rax\n\t"
			 "pop %%rdi\n\t"
			 "call *%%rax\n\t"
			 "xor %%edi, %%edi\n\t"
			 "mov %[exit], %%eax\n\t"
			 "syscall\n\t"
			 "1:"
			 : "=a"(ret)
			 : "a"(SYS_clone), "D"(clone_flags), "S"(start), "d"(tid), "r"(r10),
			   "r"(r8), [exit] "i"(SYS_exit)
			 : "rcx", "r11", "memory");
	return ret;
}

#elif defined(__aarch64__)

static long clone_and_run(struct start *start, _Atomic int *tid)
{
	register long x0 __asm__("x0") = (long)clone_flags;
	register long x1 __asm__("x1") = (long)start;
	register long x2 __asm__("x2") = (long)tid;
	register long x3 __asm__("x3") = 0;
	register long x4 __asm__("x4") = (long)tid;
	register long x8 __asm__("x8") = SYS_clone;

	__asm__ volatile("svc #0\n\t"
			 "cbnz x0, 1f\n\t"
			 "mov x29, #0\n\t" /* the outermost frame */
			 "ldp x9, x0, [sp]\n\t"
			 "blr x9\n\t"
			 "mov x0, #0\n\t"
			 "mov x8, %[exit]\n\t"
			 "svc #0\n\t"
			 "1:"
			 : "+r"(x0)
			 : "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x8), [exit] "i"(SYS_exit)
			 : "x9", "memory");
	return x0;
}

#else
#error "upshift needs clone() of this architecture in shim/engine/tool/thread.c"
#endif

static char *stacks;

/** They stay: to map and unmap each would hold up the others. A page of each that ever ran is in memory. */
static long map_stacks(void)
{
	const long result = kernel_raw_call(SYS_mmap, 0, (long)THREADS * STACK_SIZE, PROT_READ | PROT_WRITE,
					    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (result < 0 && result > -4096)
		return result;
	stacks = (char *)result;
	return 0;
}

long thread_clone(unsigned int stack, thread_fn fn, void *arg, _Atomic int *tid)
{
	const long err = stacks ? 0 : map_stacks();
	struct start *start;

	if (err)
		return err;
	start = (struct start *)(stacks + (stack + 1) * STACK_SIZE) - 1;
	*start = (struct start){ .fn = fn, .arg = arg };
	return clone_and_run(start, tid);
}

void futex_wait(_Atomic int *word, int value)
{
	kernel_call(SYS_futex, (long)word, FUTEX_WAIT_PRIVATE, value, 0, 0, 0);
}

bool futex_wait_for(_Atomic int *word, int value, long ns)
{
	enum { NS_IN_S = 1000000000 };
	const struct timespec timeout = { .tv_sec = ns / NS_IN_S, .tv_nsec = ns % NS_IN_S };

	return kernel_call(SYS_futex, (long)word, FUTEX_WAIT_PRIVATE, value, (long)&timeout, 0, 0) !=
	       -ETIMEDOUT;
}

void futex_wake(_Atomic int *word, int threads)
{
	kernel_call(SYS_futex, (long)word, FUTEX_WAKE_PRIVATE, threads, 0, 0, 0);
}

void futex_lock(struct futex_lock *lock)
{
	int free = 0;

	if (atomic_compare_exchange_strong(&lock->state, &free, 1))
		return;
	while (atomic_exchange(&lock->state, 2) != 0)
		futex_wait(&lock->state, 2);
}

void futex_unlock(struct futex_lock *lock)
{
	if (atomic_exchange(&lock->state, 0) == 2)
		futex_wake(&lock->state, 1);
}
