// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* As Go's runtime does it: no libc, system calls by itself, static. gcc -static -nostdlib -ffreestanding */
static long call(long number, long a, long b, long c)
{
	long result;

#if defined(__x86_64__)
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b,
			 x2 __asm__("x2") = c;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
	result = x0;
#endif
	return result;
}

#if defined(__x86_64__)
enum { NR_WRITE = 1, NR_CLOSE = 3, NR_DUP = 32, NR_EXIT_GROUP = 231 };
#elif defined(__aarch64__)
enum { NR_WRITE = 64, NR_CLOSE = 57, NR_DUP = 23, NR_EXIT_GROUP = 94 };
#endif

__attribute__((noreturn)) void _start(void);

void _start(void)
{
	long fd = call(NR_DUP, 1, 0, 0);

	call(NR_WRITE, fd, (long)"no libc\n", 8);
	call(NR_EXIT_GROUP, call(NR_CLOSE, fd, 0, 0) ? 1 : 11, 0, 0);
	__builtin_unreachable();
}
