// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "kernel.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>

kernel_call_fn kernel_call = kernel_raw_call;
int kernel_own_pid;

#if defined(__x86_64__)

long kernel_raw_call(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

#elif defined(__aarch64__)

long kernel_raw_call(long nr, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
}

#else
#error "upshift needs the system call instruction of this architecture in probes/kernel.c"
#endif

int kernel_copy_from(void *to, const void *from, unsigned long size)
{
	const struct iovec local = { .iov_base = to, .iov_len = size };
	const struct iovec remote = { .iov_base = (void *)(uintptr_t)from, .iov_len = size };
	const long self = kernel_own_pid ? kernel_own_pid : kernel_raw_call(SYS_getpid, 0, 0, 0, 0, 0, 0);
	long copied = kernel_raw_call(SYS_process_vm_readv, self, (long)&local, 1, (long)&remote, 1, 0);

	if (copied == (long)size)
		return 0;
	if (copied >= 0 || copied == -EFAULT)
		return -EFAULT;
	memcpy(to, from, size);
	return 0;
}

long kernel_read_file(const char *path, char *buf, unsigned long size)
{
	long fd = sys_open(path, O_RDONLY | O_CLOEXEC);
	long len;

	if (fd < 0)
		return fd;
	len = sys_read((int)fd, buf, size - 1);
	sys_close((int)fd);
	if (len >= 0)
		buf[len] = '\0';
	return len;
}
