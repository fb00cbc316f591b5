/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The bpf() commands that upshift issues for itself, over kernel_call().
 * Return values, errors and safety as in kernel.h.
 */
#ifndef UPSHIFT_BPF_H
#define UPSHIFT_BPF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uapi.h"

/* The kernel takes older, shorter attributes from anybody: send no more than a command needs. */
#define BPF_ATTR_END(type, field) (offsetof(type, field) + sizeof(((type *)0)->field))

/* Instructions as the kernel's own macros spell them; the headers do not install those. */
#define INSN(c, d, s, o, i) \
	((struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) })
#define INSN_MOV64_IMM(dst, imm) INSN(BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, imm)
#define INSN_CALL(helper)        INSN(BPF_JMP | BPF_CALL, 0, 0, 0, helper)
#define INSN_EXIT()              INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

long sys_bpf(int cmd, const void *attr, unsigned int size);

/** Loads a KPROBE program of a few instructions, with the token in use; returns its fd. */
long bpf_load_small(uint32_t expected_attach_type, const struct bpf_insn *insns, uint32_t cnt);

/** A load that a kernel which knows fd_array_cnt (Linux 6.14) refuses with EFAULT, and others with another
 * errno. */
long bpf_try_fd_array_cnt(uint32_t expected_attach_type);

/** The BPF token for those loads, or -1 for none, which is the default. Not thread-safe. */
void bpf_use_token(int token_fd);

/**
 * A BPF token of the BPF file system that is mounted at path; its fd. On failure *why says in a user's words
 * what is missing.
 */
long bpf_create_token(const char *path, const char **why);

/* To the end of what uprobe_multi has. A kernel that knows less takes it as long as the rest is zero. */
#define LINK_CREATE_SIZE BPF_ATTR_END(struct uapi_link_create, uprobe_multi.pid)

/** Creates a multi link; returns its fd. */
long bpf_create_link(const struct uapi_link_create *attr);

/**
 * What the kernel says of the object behind an fd: info is the kernel's struct bpf_prog_info, bpf_map_info,
 * bpf_btf_info or bpf_link_info, zeroed, or the beginning of one. EBADF for an fd that is not open, EINVAL
 * for one that is something else.
 */
long bpf_info(int fd, void *info, uint32_t size);

/** The same of a link: its type and id. */
long bpf_describe_link(int fd, struct bpf_link_info *info);

/** A new fd for an object by its id: cmd is one of BPF_*_GET_FD_BY_ID. Needs CAP_SYS_ADMIN. */
long bpf_fd_by_id(int cmd, uint32_t id);

#endif
