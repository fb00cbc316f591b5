/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The engine, as the entry points see it.
 *
 * Results are a value >= 0 or a negative errno. Safe in threads, fork and vfork children. In signal handlers
 * too, where closing, copying and ENABLE go; loads, opens and attaches allocate, as libbpf does around them.
 * fdtable_has() (fdtable.h) is the cheap question to ask first for calls about an fd.
 */
#ifndef UPSHIFT_ENGINE_H
#define UPSHIFT_ENGINE_H

#include <stdbool.h>

#include "hints.h"

/**
 * Is upshift at work in this process? The first call reads the configuration: make it no earlier than the
 * process's first BPF call. False while another call is still at that, in vfork children, and for good where
 * the configuration says so or something needed is missing.
 */
bool engine_on(void);

/** bpf(2): the command with its flags, and all arguments. */
long engine_bpf(long cmd, long attr, long size, long d, long e, long f);

/** perf_event_open(2). */
long engine_perf_event_open(long attr, long pid, long cpu, long group_fd, long flags);

/** ioctl() on any fd; false if it is to go its way, with *result untouched. */
bool engine_ioctl(int fd, unsigned long request, long arg, long *result);

/**
 * PERF_EVENT_IOC_SET_BPF where the engine is not on: must the kernel not see it? A vfork child holds our
 * programs, and a multi variant must not reach a perf event there either (R1).
 */
bool engine_forbids_set_bpf(int prog_fd);

/** close() of an fd that fdtable_has(); false as above. */
bool engine_close(int fd, long *result);

/** Before fcntl(fd, cmd) on an fd that fdtable_has(). */
void engine_before_fcntl(int fd, int cmd, long arg);

/** new_fd has just become a copy of old_fd, and whatever it was before is closed. */
void engine_copied(int old_fd, int new_fd);

/** fd is just about to be closed, by libc or by being made a copy of something else. */
void engine_before_closed(int fd);

/** All fds from first to last are just about to be closed: what that detaches is detached at once. */
void engine_before_closed_range(unsigned int first, unsigned int last);

/** Some fds may have been closed, by a call that does not tell which. */
void engine_look_again(void);

/** For the libbpf layer, after a load: what it knows of the program behind an fd. */
void engine_describe(int prog_fd, const struct load_hint *hint);

/** Can an uprobe of this process be a uprobe_multi link, or perf uprobes that stand in for one? */
bool engine_can_attach_multi(void);

/** The end of a libbpf call that returns when all that it closed is detached (unless UPSHIFT_DETACH=async).
 */
void engine_end_detaching(void);

/**
 * The end of a libbpf call in which attaches were collected: makes their link. A negative errno if that
 * failed: then none of them is attached, whatever the call has been told.
 */
struct collection;
long engine_end_collecting(struct collection *collection);

/** Detaches all that this process has attached, its fds staying open on nothing. */
void engine_detach_all(void);

/** Before what needs the process to itself: no thread of ours is left when this returns. */
void engine_before_alone(void);

/** Before a file system goes: what is being detached may be in it. */
void engine_before_umount(void);

/** Before the process restricts its system calls: from now on, upshift makes few of its own (detach.h). */
void engine_before_seccomp(void);

/** In a child with an fd table of its own, first of all; it may share the parent's memory. */
void engine_in_child(void);

/** Has such a child anything to do there? */
bool engine_has_to_see_children(void);

/** At the process's end: detaches all that is still attached, at once. */
void engine_exit(void);

#endif
