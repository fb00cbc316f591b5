/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * BPF tokens for a tool whose libbpf knows none (UPSHIFT_TOKEN): the privilege to load programs, create maps
 * and load BTF, which a bpffs hands to processes of its own user namespace ("bpf: Introduce BPF token
 * object", Linux 6.9).
 *
 * A token is made for one call and closed after it: the tool never sees its fd, and a child gets it neither
 * by fork() nor by exec(). What a token does not allow, the kernel judges as if there were none.
 */
#ifndef UPSHIFT_TOKEN_H
#define UPSHIFT_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "call.h"

/** Once, at the start: sees to it that fork children hold no token. 0 or a negative errno. */
int token_start(void);

/** In a child that has a copy of the memory: what other threads of the parent had open is closed. */
void token_adopt(void);

/**
 * A token of the configured bpffs: its fd. A negative errno if none is configured, or none can be made, which
 * is logged. Both with the engine's lock held; token_close() takes an error too.
 */
long token_open(void);
void token_close(long token_fd);

/** Does this load have a token, the tool's or one of ours? Without the engine's lock. */
bool token_is_at_hand(const struct uapi_prog_load *load);

/**
 * Hands on BPF_PROG_LOAD, BPF_MAP_CREATE or BPF_BTF_LOAD (call->known being its attributes) with a token, if
 * one is configured, the tool gave none, and there is nothing in its attributes past what is known. Without
 * the engine's lock.
 */
long token_forward(const struct bpf_call *call);

/* ---- token_tell.c: lines about what is not delegated, each once in a process. In any thread. -------- */

/** A call that the kernel refused in spite of this token. */
void token_tell_refused(int token_fd, const struct bpf_call *call);

/** A program of this type cannot be loaded with this token, if that is so. */
void token_tell_program(int token_fd, uint32_t prog_type, uint32_t attach_type);

/** perf_event_open has failed: tells a process that uses tokens that none covers it. Returns the result. */
long token_tell_perf(long result, uint32_t type, uint64_t config, bool probe);

/** The process uses a token: one was made for it, or the tool has its own. */
void token_note_use(void);
bool token_is_used(void);

#endif
