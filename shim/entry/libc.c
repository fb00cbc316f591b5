// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * libc's entry points. Each decides in a few instructions whether the call concerns us (is it bpf() or
 * perf_event_open(), does the fd stand for an uprobe), and if not goes straight on.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <linux/perf_event.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "engine.h"
#include "fdtable.h"
#include "kernel.h"
#include "next.h"
#include "process_calls.h"

#define HOOK __attribute__((visibility("default")))

#define likely(x) __builtin_expect(!!(x), 1)

/** From the kernel's convention to libc's. */
static long at_the_edge(long result)
{
	if (result >= 0 || result < -4095)
		return result;
	errno = (int)-result;
	return -1;
}

/** The same after work of ours, which may have changed errno: success leaves it as it was. */
static long after_work(long result, int saved_errno)
{
	errno = saved_errno;
	return at_the_edge(result);
}

static int next_or_raw_close(int fd)
{
	if (likely(next_close))
		return next_close(fd);
	return (int)at_the_edge(kernel_raw_call(SYS_close, fd, 0, 0, 0, 0, 0));
}

/* Apart, so that for all other fds not even errno is looked at. */
__attribute__((noinline)) static int close_ours(int fd)
{
	int saved_errno = errno;
	long result;

	hints_forget_left_scope(__builtin_dwarf_cfa()); /* close()'s own, which is gone by now */
	if (engine_on() && engine_close(fd, &result))
		return (int)after_work(result, saved_errno);
	errno = saved_errno;
	return next_or_raw_close(fd);
}

HOOK int close(int fd)
{
	return fdtable_has(fd) ? close_ours(fd) : next_or_raw_close(fd);
}

static int next_or_raw_ioctl(int fd, unsigned long request, long arg)
{
	if (likely(next_ioctl))
		return next_ioctl(fd, request, arg);
	return (int)at_the_edge(kernel_raw_call(SYS_ioctl, fd, (long)request, arg, 0, 0, 0));
}

__attribute__((noinline)) static int ioctl_ours(int fd, unsigned long request, long arg)
{
	int saved_errno = errno;
	long result;

	if (engine_on() && engine_ioctl(fd, request, arg, &result))
		return (int)after_work(result, saved_errno);
	if (request == PERF_EVENT_IOC_SET_BPF && engine_forbids_set_bpf((int)arg))
		return (int)at_the_edge(-EINVAL);
	errno = saved_errno;
	return next_or_raw_ioctl(fd, request, arg);
}

static int do_ioctl(int fd, unsigned long request, long arg)
{
	if (fdtable_has(fd) || request == PERF_EVENT_IOC_SET_BPF ||
	    (request == PERF_EVENT_IOC_SET_OUTPUT && fdtable_has((int)arg)))
		return ioctl_ours(fd, request, arg);
	return next_or_raw_ioctl(fd, request, arg);
}

HOOK int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	long arg;

	va_start(args, request);
	arg = va_arg(args, long);
	va_end(args);
	return do_ioctl(fd, request, arg);
}

__attribute__((noinline)) static void note_copy(int old_fd, int new_fd)
{
	int saved_errno = errno;

	if (engine_on())
		engine_copied(old_fd, new_fd);
	errno = saved_errno;
}

/** After a call that made new_fd a copy of old_fd. */
static int copied(int old_fd, int new_fd)
{
	if (new_fd >= 0 && (fdtable_has(old_fd) || fdtable_has(new_fd)))
		note_copy(old_fd, new_fd);
	return new_fd;
}

HOOK int dup(int old_fd)
{
	if (likely(next_dup))
		return copied(old_fd, next_dup(old_fd));
	return copied(old_fd, (int)at_the_edge(kernel_raw_call(SYS_dup, old_fd, 0, 0, 0, 0, 0)));
}

__attribute__((noinline)) static void before_closed(int fd)
{
	int saved_errno = errno;

	if (engine_on())
		engine_before_closed(fd);
	errno = saved_errno;
}

HOOK int dup2(int old_fd, int new_fd)
{
	if (old_fd != new_fd && fdtable_has(new_fd))
		before_closed(new_fd);
	if (likely(next_dup2))
		return copied(old_fd, next_dup2(old_fd, new_fd));
	if (old_fd == new_fd)
		return fcntl(old_fd, F_GETFD) < 0 ? -1 : new_fd;
	return copied(old_fd, (int)at_the_edge(kernel_raw_call(SYS_dup3, old_fd, new_fd, 0, 0, 0, 0)));
}

HOOK int dup3(int old_fd, int new_fd, int flags)
{
	if (old_fd != new_fd && fdtable_has(new_fd))
		before_closed(new_fd);
	if (likely(next_dup3))
		return copied(old_fd, next_dup3(old_fd, new_fd, flags));
	return copied(old_fd, (int)at_the_edge(kernel_raw_call(SYS_dup3, old_fd, new_fd, flags, 0, 0, 0)));
}

__attribute__((noinline)) static void before_fcntl(int fd, int cmd, long arg)
{
	int saved_errno = errno;

	if (engine_on())
		engine_before_fcntl(fd, cmd, arg);
	errno = saved_errno;
}

static int do_fcntl(int (*next)(int fd, int cmd, ...), int fd, int cmd, long arg)
{
	int result;

	if (fdtable_has(fd))
		before_fcntl(fd, cmd, arg);
	if (likely(next))
		result = next(fd, cmd, arg);
	else
		result = (int)at_the_edge(kernel_raw_call(SYS_fcntl, fd, cmd, arg, 0, 0, 0));
	return cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC ? copied(fd, result) : result;
}

HOOK int fcntl(int fd, int cmd, ...)
{
	va_list args;
	long arg;

	va_start(args, cmd);
	arg = va_arg(args, long);
	va_end(args);
	return do_fcntl(next_fcntl, fd, cmd, arg);
}

HOOK int fcntl64(int fd, int cmd, ...)
{
	va_list args;
	long arg;

	va_start(args, cmd);
	arg = va_arg(args, long);
	va_end(args);
	return do_fcntl(next_fcntl64, fd, cmd, arg);
}

/** libc's own close() in it does not come by here. */
HOOK int fclose(FILE *stream)
{
	int saved_errno = errno;
	const int fd = fileno(stream);

	errno = saved_errno;
	if (fdtable_has(fd))
		before_closed(fd);
	if (!next_fclose)
		next_find_libc();
	return next_fclose ? next_fclose(stream) : EOF;
}

__attribute__((noinline)) static void before_closed_range(unsigned int first, unsigned int last)
{
	int saved_errno = errno;

	if (engine_on())
		engine_before_closed_range(first, last);
	errno = saved_errno;
}

/** With CLOSE_RANGE_UNSHARE other threads may keep what this one closes: who has what is to be seen then. */
HOOK int close_range(unsigned int first, unsigned int last, int flags)
{
	int saved_errno, result;

	if (fdtable_used() && !flags && first <= last)
		before_closed_range(first, last);
	if (likely(next_close_range))
		result = next_close_range(first, last, flags);
	else
		result = (int)at_the_edge(kernel_raw_call(SYS_close_range, first, last, flags, 0, 0, 0));
	saved_errno = errno;
	if (result == 0 && flags == CLOSE_RANGE_UNSHARE && fdtable_used() && engine_on())
		engine_look_again();
	errno = saved_errno;
	return result;
}

HOOK void closefrom(int first)
{
	if (fdtable_used())
		before_closed_range(first < 0 ? 0 : (unsigned int)first, UINT_MAX);
	if (likely(next_closefrom))
		next_closefrom(first);
	else
		kernel_raw_call(SYS_close_range, first < 0 ? 0 : first, UINT_MAX, 0, 0, 0, 0);
}

static long next_call(long number, const long a[6])
{
	if (likely(next_syscall))
		return next_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	return at_the_edge(kernel_raw_call(number, a[0], a[1], a[2], a[3], a[4], a[5]));
}

static long do_bpf(const long a[6])
{
	int saved_errno = errno;

	if (engine_on())
		return after_work(engine_bpf(a[0], a[1], a[2], a[3], a[4], a[5]), saved_errno);
	errno = saved_errno;
	return next_call(SYS_bpf, a);
}

static long do_perf_event_open(const long a[6])
{
	int saved_errno = errno;

	if (engine_on())
		return after_work(engine_perf_event_open(a[0], a[1], a[2], a[3], a[4]), saved_errno);
	errno = saved_errno;
	return next_call(SYS_perf_event_open, a);
}

HOOK long syscall(long number, ...)
{
	long a[6];
	va_list args;

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);

	switch (number) {
	case SYS_bpf:
		return do_bpf(a);
	case SYS_perf_event_open:
		return do_perf_event_open(a);
	case SYS_ioctl:
		return do_ioctl((int)a[0], (unsigned long)a[1], a[2]);
	case SYS_close:
		return close((int)a[0]);
	case SYS_close_range:
		return close_range((unsigned int)a[0], (unsigned int)a[1], (int)a[2]);
	case SYS_dup:
		return dup((int)a[0]);
#ifdef SYS_dup2
	case SYS_dup2:
		return dup2((int)a[0], (int)a[1]);
#endif
	case SYS_dup3:
		return dup3((int)a[0], (int)a[1], (int)a[2]);
	case SYS_fcntl:
		return do_fcntl(next_fcntl, (int)a[0], (int)a[1], a[2]);
	default:
		process_before_syscall(number, a);
		return process_after_syscall(number, a, next_call(number, a));
	}
}
