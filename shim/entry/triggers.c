// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Entry points of the calls by which a tool makes another process do something: with UPSHIFT_BATCH=on, what
 * it attached before has to be attached by then. And those by which it gives up what an attach needs:
 * privileges, its root directory, system calls. One load each where nothing is collected.
 */
#include <errno.h>
#include <stdarg.h>
#include <sys/syscall.h>

#include "batch.h"
#include "engine.h"
#include "kernel.h"
#include "next.h"

#define HOOK __attribute__((visibility("default")))

__attribute__((noinline)) static void settle(void)
{
	int saved_errno = errno;

	if (engine_on())
		engine_settle();
	errno = saved_errno;
}

static inline void before_trigger(void)
{
	if (__builtin_expect(atomic_load_explicit(&batch_waits, memory_order_relaxed), 0))
		settle();
}

/** Before our constructor has run. */
static long raw(long number, long a, long b, long c, long d, long e, long f)
{
	long result = kernel_raw_call(number, a, b, c, d, e, f);

	if (result >= 0 || result < -4095)
		return result;
	errno = (int)-result;
	return -1;
}

HOOK ssize_t write(int fd, const void *buf, size_t size)
{
	before_trigger();
	return next_write ? next_write(fd, buf, size) : raw(SYS_write, fd, (long)buf, (long)size, 0, 0, 0);
}

HOOK ssize_t writev(int fd, const struct iovec *iov, int cnt)
{
	before_trigger();
	return next_writev ? next_writev(fd, iov, cnt) : raw(SYS_writev, fd, (long)iov, cnt, 0, 0, 0);
}

HOOK ssize_t send(int fd, const void *buf, size_t size, int flags)
{
	before_trigger();
	return next_send ? next_send(fd, buf, size, flags) :
			   raw(SYS_sendto, fd, (long)buf, (long)size, flags, 0, 0);
}

HOOK ssize_t sendto(int fd, const void *buf, size_t size, int flags, const struct sockaddr *to,
		    socklen_t to_size)
{
	before_trigger();
	return next_sendto ? next_sendto(fd, buf, size, flags, to, to_size) :
			     raw(SYS_sendto, fd, (long)buf, (long)size, flags, (long)to, (long)to_size);
}

HOOK ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	before_trigger();
	return next_sendmsg ? next_sendmsg(fd, msg, flags) : raw(SYS_sendmsg, fd, (long)msg, flags, 0, 0, 0);
}

HOOK int kill(pid_t pid, int sig)
{
	before_trigger();
	return next_kill ? next_kill(pid, sig) : (int)raw(SYS_kill, pid, sig, 0, 0, 0, 0);
}

/* ---- what gives up something --------------------------------------------------------------------- */

#define HOOK_GIVES_UP(name, params, ...)                                              \
	HOOK int name params                                                          \
	{                                                                             \
		before_trigger();                                                     \
		if (!next_##name)                                                     \
			next_find_libc();                                             \
		return next_##name ? next_##name(__VA_ARGS__) : (errno = ENOSYS, -1); \
	}

HOOK_GIVES_UP(setuid, (uid_t uid), uid)
HOOK_GIVES_UP(seteuid, (uid_t euid), euid)
HOOK_GIVES_UP(setreuid, (uid_t ruid, uid_t euid), ruid, euid)
HOOK_GIVES_UP(setresuid, (uid_t ruid, uid_t euid, uid_t suid), ruid, euid, suid)
HOOK_GIVES_UP(capset, (void *header, const void *data), header, data)
HOOK_GIVES_UP(chroot, (const char *path), path)

HOOK int prctl(int option, ...)
{
	long arguments[4];
	va_list args;

	before_trigger();
	va_start(args, option);
	for (int i = 0; i < 4; i++)
		arguments[i] = va_arg(args, long);
	va_end(args);
	return next_prctl ?
		       next_prctl(option, arguments[0], arguments[1], arguments[2], arguments[3]) :
		       (int)raw(SYS_prctl, option, arguments[0], arguments[1], arguments[2], arguments[3], 0);
}
