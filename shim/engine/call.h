/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* A bpf() system call as the tool made it: all six arguments, for whatever later kernels put there (R9). */
#ifndef UPSHIFT_CALL_H
#define UPSHIFT_CALL_H

#include <stdbool.h>

#include "kernel.h"
#include "uapi.h"

struct bpf_call {
	long cmd; /* with its flags */
	const union uapi_bpf_attr *attr;
	unsigned int size;
	long rest[3];
};

/** The command without its flags: BPF_COMMON_ATTRS and whatever later kernels put above it. */
static inline int call_command(const struct bpf_call *call)
{
	return (int)(call->cmd & (UAPI_BPF_COMMON_ATTRS - 1));
}

/** Hands the call to the kernel as it is. */
static inline long call_forward(const struct bpf_call *call)
{
	return kernel_call(SYS_bpf, call->cmd, (long)call->attr, call->size, call->rest[0], call->rest[1],
			   call->rest[2]);
}

/** Is there nothing in the tool's attribute past what is known here? */
static inline bool call_is_known(const struct bpf_call *call, unsigned int known)
{
	for (unsigned int i = known; i < call->size; i++)
		if (((const unsigned char *)call->attr)[i])
			return false;
	return true;
}

/** Does the tool's attribute reach as far as a field of the command's struct? */
#define CALL_HAS(call, type, field) ((call)->size >= BPF_ATTR_END(type, field))

#endif
