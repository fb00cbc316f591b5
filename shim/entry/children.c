// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Entry points of the calls that make other processes, or that need the process to themselves. A child starts
 * with copies of all fds: one of a link that is being detached would keep it attached, or leave the wait for
 * the detach to the child's exec(). For fork() the engine has a handler, which daemon() and forkpty() reach
 * too.
 */
#include <errno.h>
#include <unistd.h>

#include "engine.h"
#include "next.h"

#define HOOK __attribute__((visibility("default")))

#define FIND_NEXT(name) (next_##name ? next_##name : (next_find_libc(), next_##name))

HOOK int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		     const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
	__typeof__(next_posix_spawn) next = FIND_NEXT(posix_spawn);

	engine_before_child();
	return next ? next(pid, path, actions, attr, argv, envp) : ENOSYS;
}

HOOK int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
		      const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
	__typeof__(next_posix_spawnp) next = FIND_NEXT(posix_spawnp);

	engine_before_child();
	return next ? next(pid, file, actions, attr, argv, envp) : ENOSYS;
}

HOOK int system(const char *command)
{
	__typeof__(next_system) next = FIND_NEXT(system);

	engine_before_child();
	if (next)
		return next(command);
	errno = ENOSYS;
	return -1;
}

HOOK FILE *popen(const char *command, const char *mode)
{
	__typeof__(next_popen) next = FIND_NEXT(popen);

	engine_before_child();
	if (next)
		return next(command, mode);
	errno = ENOSYS;
	return NULL;
}

HOOK int unshare(int flags)
{
	__typeof__(next_unshare) next = FIND_NEXT(unshare);

	engine_before_child();
	if (next)
		return next(flags);
	errno = ENOSYS;
	return -1;
}

HOOK int setns(int fd, int type)
{
	__typeof__(next_setns) next = FIND_NEXT(setns);

	engine_before_child();
	if (next)
		return next(fd, type);
	errno = ENOSYS;
	return -1;
}

/** For the code below, which goes on where this points. */
__attribute__((used)) static pid_t (*before_vfork(void))(void)
{
	__typeof__(next_vfork) next = FIND_NEXT(vfork);

	engine_before_child();
	return next ? next : fork;
}

/* vfork() returns twice into its caller's frame, so no frame of ours may be between. */
#if defined(__x86_64__)
__asm__(".pushsection .text\n"
	".globl vfork\n"
	".type vfork, @function\n"
	"vfork:\n\t"
	"sub $8, %rsp\n\t"
	"call before_vfork\n\t"
	"add $8, %rsp\n\t"
	"jmp *%rax\n"
	".size vfork, . - vfork\n"
	".popsection");
#elif defined(__aarch64__)
__asm__(".pushsection .text\n"
	".globl vfork\n"
	".type vfork, @function\n"
	"vfork:\n\t"
	"hint #34\n\t" /* bti c */
	"stp x29, x30, [sp, #-16]!\n\t"
	"bl before_vfork\n\t"
	"ldp x29, x30, [sp], #16\n\t"
	"mov x16, x0\n\t" /* from where a jump may end at a bti c */
	"br x16\n"
	".size vfork, . - vfork\n"
	".popsection");
#else
#error "upshift needs a jump to the next vfork() of this architecture in shim/entry/children.c"
#endif
