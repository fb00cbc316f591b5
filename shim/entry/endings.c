// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Entry points of the calls that end a process without exit(), or make another program of it. Its threads are
 * killed then, and one that is killed while the kernel takes out its breakpoints leaves the uprobe there for
 * good ("uprobe_unregister: failed to unregister, leaking uprobe"): so what is being detached comes first.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine.h"
#include "kernel.h"
#include "next.h"

#define HOOK __attribute__((visibility("default")))

#define FIND_NEXT(name) (next_##name ? next_##name : (next_find_libc(), next_##name))

static void __attribute__((noreturn)) end(void (*next)(int status), int status)
{
	engine_before_end();
	if (next)
		next(status);
	for (;;)
		kernel_raw_call(SYS_exit_group, status, 0, 0, 0, 0, 0);
}

HOOK void _exit(int status)
{
	end(FIND_NEXT(_exit), status);
}

HOOK void _Exit(int status)
{
	end(FIND_NEXT(_exit), status);
}

static int no_libc(void)
{
	errno = ENOSYS;
	return -1;
}

/* next is called with the rest of the macro's arguments. */
#define BECOME(name, ...)                                       \
	({                                                      \
		__typeof__(next_##name) next = FIND_NEXT(name); \
                                                                \
		engine_before_end();                            \
		next ? next(__VA_ARGS__) : no_libc();           \
	})

HOOK int execve(const char *path, char *const argv[], char *const envp[])
{
	return BECOME(execve, path, argv, envp);
}

HOOK int execv(const char *path, char *const argv[])
{
	return BECOME(execv, path, argv);
}

HOOK int execvp(const char *file, char *const argv[])
{
	return BECOME(execvp, file, argv);
}

HOOK int execvpe(const char *file, char *const argv[], char *const envp[])
{
	return BECOME(execvpe, file, argv, envp);
}

HOOK int fexecve(int fd, char *const argv[], char *const envp[])
{
	return BECOME(fexecve, fd, argv, envp);
}

HOOK int execveat(int fd, const char *path, char *const argv[], char *const envp[], int flags)
{
	return BECOME(execveat, fd, path, argv, envp, flags);
}

static size_t count(const char *first, va_list args)
{
	size_t cnt = 0;

	for (const char *arg = first; arg; arg = va_arg(args, const char *))
		cnt++;
	return cnt;
}

/* The arguments up to and with the NULL, as an array on the caller's stack; args is behind it then. */
#define COLLECT(argv, first, args)          \
	va_list args;                       \
                                            \
	va_start(args, first);              \
	char *argv[count(first, args) + 1]; \
	va_end(args);                       \
	va_start(args, first);              \
	argv[0] = (char *)first;            \
	for (size_t i = 0; argv[i];)        \
	argv[++i] = va_arg(args, char *)

HOOK int execl(const char *path, const char *arg, ...)
{
	COLLECT(argv, arg, args);
	va_end(args);
	return BECOME(execv, path, argv);
}

HOOK int execlp(const char *file, const char *arg, ...)
{
	COLLECT(argv, arg, args);
	va_end(args);
	return BECOME(execvp, file, argv);
}

HOOK int execle(const char *path, const char *arg, ...)
{
	char *const *envp;

	COLLECT(argv, arg, args);
	envp = va_arg(args, char *const *);
	va_end(args);
	return BECOME(execve, path, argv, envp);
}
