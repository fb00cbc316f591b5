// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Entry points of the calls that change what the process is: its credentials, its namespaces, what it may
 * call. The kernel allows some of them to a process of one thread only, and others are to hold for all of
 * its threads, so they wait until none of ours is left. And of those that make a copy of the process, as far
 * as pthread_atfork() does not see them.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "engine.h"
#include "next.h"
#include "process_calls.h"

#define HOOK __attribute__((visibility("default")))

static int no_libc(void)
{
	errno = ENOSYS;
	return -1;
}

/* next is called with the rest of the macro's arguments. */
#define CALL_NEXT(name, ...) \
	((next_##name || (next_find_libc(), next_##name)) ? next_##name(__VA_ARGS__) : no_libc())

#define HOOK_ALONE(name, params, ...)                \
	HOOK int name params                         \
	{                                            \
		engine_before_alone();               \
		return CALL_NEXT(name, __VA_ARGS__); \
	}

HOOK_ALONE(setuid, (uid_t uid), uid)
HOOK_ALONE(seteuid, (uid_t euid), euid)
HOOK_ALONE(setreuid, (uid_t ruid, uid_t euid), ruid, euid)
HOOK_ALONE(setresuid, (uid_t ruid, uid_t euid, uid_t suid), ruid, euid, suid)
HOOK_ALONE(setgid, (gid_t gid), gid)
HOOK_ALONE(setegid, (gid_t egid), egid)
HOOK_ALONE(setregid, (gid_t rgid, gid_t egid), rgid, egid)
HOOK_ALONE(setresgid, (gid_t rgid, gid_t egid, gid_t sgid), rgid, egid, sgid)
HOOK_ALONE(setgroups, (size_t cnt, const gid_t *groups), cnt, groups)
HOOK_ALONE(capset, (void *header, const void *data), header, data)
HOOK_ALONE(unshare, (int flags), flags)
HOOK_ALONE(setns, (int fd, int type), fd, type)

HOOK int umount(const char *path)
{
	engine_before_umount();
	return CALL_NEXT(umount, path);
}

HOOK int umount2(const char *path, int flags)
{
	engine_before_umount();
	return CALL_NEXT(umount2, path, flags);
}

HOOK int prctl(int option, ...)
{
	long arguments[4];
	va_list args;

	va_start(args, option);
	for (int i = 0; i < 4; i++)
		arguments[i] = va_arg(args, long);
	va_end(args);
	if (option == PR_SET_SECCOMP)
		engine_before_seccomp();
	return CALL_NEXT(prctl, option, arguments[0], arguments[1], arguments[2], arguments[3]);
}

/* ---- copies of the process ----------------------------------------------------------------------- */

HOOK pid_t _Fork(void)
{
	pid_t pid = CALL_NEXT(_Fork);

	if (pid == 0)
		engine_in_child();
	return pid;
}

/* What a child of clone() is to run, kept at the end of its stack. */
struct child {
	int (*fn)(void *arg);
	void *arg;
};

static int run_child(void *arg)
{
	const struct child *child = arg;

	engine_in_child();
	return child->fn(child->arg);
}

static bool has_own_fds(int flags)
{
	return !(flags & CLONE_FILES);
}

HOOK int clone(int (*fn)(void *arg), void *stack, int flags, void *arg, ...)
{
	struct child *child = (struct child *)((uintptr_t)stack & ~(uintptr_t)15) - 1;
	long rest[3];
	va_list args;

	va_start(args, arg);
	for (int i = 0; i < 3; i++)
		rest[i] = va_arg(args, long);
	va_end(args);
	if (fn && stack && has_own_fds(flags) && engine_has_to_see_children()) {
		*child = (struct child){ .fn = fn, .arg = arg };
		return CALL_NEXT(clone, run_child, child, flags, child, rest[0], rest[1], rest[2]);
	}
	return CALL_NEXT(clone, fn, stack, flags, arg, rest[0], rest[1], rest[2]);
}

/* ---- the same calls by syscall() ----------------------------------------------------------------- */

void process_before_syscall(long number, const long a[6])
{
	switch (number) {
	case SYS_setuid:
	case SYS_setreuid:
	case SYS_setresuid:
	case SYS_setgid:
	case SYS_setregid:
	case SYS_setresgid:
	case SYS_setgroups:
	case SYS_setfsuid:
	case SYS_setfsgid:
	case SYS_capset:
	case SYS_unshare:
	case SYS_setns:
		engine_before_alone();
		break;
	case SYS_umount2:
		engine_before_umount();
		break;
	case SYS_prctl:
		if (a[0] == PR_SET_SECCOMP)
			engine_before_seccomp();
		break;
	case SYS_seccomp:
		if (a[0] == SECCOMP_SET_MODE_FILTER || a[0] == SECCOMP_SET_MODE_STRICT)
			engine_before_seccomp();
		break;
	}
}

long process_after_syscall(long number, const long a[6], long result)
{
	switch (number) {
#ifdef SYS_fork
	case SYS_fork:
		if (result == 0)
			engine_in_child();
		break;
#endif
	case SYS_clone:
		if (result == 0 && has_own_fds((int)a[0]))
			engine_in_child();
		break;
	case SYS_clone3:
		if (result == 0 && has_own_fds((int)*(const uint64_t *)a[0]))
			engine_in_child();
		break;
	}
	return result;
}
