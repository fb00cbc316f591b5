/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The keeper: a BPF file system of this process that no path leads to, in which each link is pinned.
 *
 * The kernel closes the fds of a dying process one after the other, and the last close of a link waits for
 * grace periods: a killed tool with a thousand probes took minutes to die. With a pin those closes are not
 * the last. The mount is alive as long as its fd is, goes with the process, and then the kernel drops all
 * pins in its own workers, many at once (kernel/bpf/syscall.c: bpf_link_put(), against bpf_link_put_direct()
 * in a close).
 *
 * So what the tool closes itself has to be let go first: then its close is the last, and exact. A close that
 * no hook sees leaves a link attached until uprobe_sweep() finds it.
 *
 * For the holder of the engine's lock, but keeper_let_go() and keeper_close_copy().
 */
#ifndef UPSHIFT_KEEPER_H
#define UPSHIFT_KEEPER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/** A link's pin. All zero: it has none. */
struct kept {
	uint32_t name; /* in the keeper's directory */
	int dir_fd;
	dev_t dev; /* of the file system, to know dir_fd again */
};

/** Pins a link. Without a keeper, or where that fails, it has no pin. Makes the keeper at the first one. */
struct kept keeper_keep(int link_fd);

/** Takes the pin away. Any thread; no lock, no allocation. */
void keeper_let_go(const struct kept *kept);

/** Is there one that can be used? A few instructions, without the lock. */
bool keeper_is_there(void);

/** The tool has got this fd: where it comes close to its limit, the keeper's fd is in its way. */
void keeper_make_room(int fd);

/**
 * The process is about to restrict its system calls: from now on close() has to do. The pins stay until the
 * first of them is to be let go, and then all of them go.
 */
void keeper_lock_up(void);

/**
 * In a child that has a copy of the fd table: closes the keeper's fd there, which would keep the parent's
 * links. Changes no memory, so a child that shares the parent's may call it.
 */
void keeper_close_copy(void);

/** In a child that has a copy of the memory. */
void keeper_adopt(void);

/** For the report: why there is no keeper, or NULL. */
const char *keeper_missing(void);

#endif
