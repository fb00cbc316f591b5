// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Functions of the kernel that are traced: system calls that hardly anybody makes. For both sides. */
#ifndef TESTS_KPROBE_H
#define TESTS_KPROBE_H

#if defined(__TARGET_ARCH_x86) || defined(__x86_64__)
#define SYSCALL_FUNCTION(name) "__x64_sys_" name
#elif defined(__TARGET_ARCH_arm64) || defined(__aarch64__)
#define SYSCALL_FUNCTION(name) "__arm64_sys_" name
#else
#define SYSCALL_FUNCTION(name) "sys_" name
#endif

#define F_MAX  SYSCALL_FUNCTION("sched_get_priority_max")
#define F_MIN  SYSCALL_FUNCTION("sched_get_priority_min")
#define F_PGID SYSCALL_FUNCTION("getpgid")
#define F_SID  SYSCALL_FUNCTION("getsid")

/* Two processes at most are counted. */
#define MAX_TRACED 2

#endif
