/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The one seam between upshift and the kernel.
 *
 * Everything that upshift itself asks of the kernel goes through kernel_call(): unit tests put a fake
 * kernel there. By default it is a raw system call, so that it passes no interposed libc function, is no
 * cancellation point, leaves errno alone and works before any constructor has run.
 *
 * All functions return what the kernel returns: a result >= 0, or a negative errno. All are safe in
 * threads, in signal handlers and in fork and vfork children.
 */
#ifndef UPSHIFT_KERNEL_H
#define UPSHIFT_KERNEL_H

#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>

typedef long (*kernel_call_fn)(long nr, long a, long b, long c, long d, long e, long f);

/** The system call of this machine's instruction set. */
long kernel_raw_call(long nr, long a, long b, long c, long d, long e, long f);

/** What upshift calls; kernel_raw_call unless a test replaced it before its first use. */
extern kernel_call_fn kernel_call;

/** A pointer as bpf_attr and perf_event_attr carry it. */
static inline uint64_t ptr_to_u64(const void *ptr)
{
	return (uint64_t)(uintptr_t)ptr;
}

static inline void *u64_to_ptr(uint64_t value)
{
	return (void *)(uintptr_t)value;
}

static inline long sys_close(int fd)
{
	return kernel_call(SYS_close, fd, 0, 0, 0, 0, 0);
}

static inline long sys_open(const char *path, int flags)
{
	return kernel_call(SYS_openat, AT_FDCWD, (long)path, flags, 0, 0, 0);
}

static inline long sys_read(int fd, void *buf, unsigned long size)
{
	return kernel_call(SYS_read, fd, (long)buf, (long)size, 0, 0, 0);
}

static inline long sys_write(int fd, const void *buf, unsigned long size)
{
	return kernel_call(SYS_write, fd, (long)buf, (long)size, 0, 0, 0);
}

static inline long sys_dup3(int old_fd, int new_fd, int flags)
{
	return kernel_call(SYS_dup3, old_fd, new_fd, flags, 0, 0, 0);
}

static inline long sys_fcntl(int fd, int cmd, long arg)
{
	return kernel_call(SYS_fcntl, fd, cmd, arg, 0, 0, 0);
}

static inline long sys_ioctl(int fd, unsigned long request, long arg)
{
	return kernel_call(SYS_ioctl, fd, (long)request, arg, 0, 0, 0);
}

/** Not libc's, which a preload for tests may have replaced by one that allocates, locks and reads files. */
static inline long sys_clock_gettime(int clock, struct timespec *now)
{
	return kernel_call(SYS_clock_gettime, clock, (long)now, 0, 0, 0, 0);
}

static inline int sys_getpid(void)
{
	return (int)kernel_call(SYS_getpid, 0, 0, 0, 0, 0, 0);
}

/** Our process id where it is known, else 0: spares kernel_copy_from() a call. */
extern int kernel_own_pid;

/**
 * Copies memory that the tool has pointed to, which may not be there: 0, or -EFAULT as the kernel would
 * answer. Where the kernel does not let a process read itself so, the tool is trusted.
 */
int kernel_copy_from(void *to, const void *from, unsigned long size);

/** Reads a small file as one string, '\0' at its end; returns its length or a negative errno. */
long kernel_read_file(const char *path, char *buf, unsigned long size);

#endif
