/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* A bpf() system call as the tool made it: all six arguments, for whatever later kernels put there (R9). */
#ifndef UPSHIFT_CALL_H
#define UPSHIFT_CALL_H

#include <stdbool.h>

#include "kernel.h"
#include "uapi.h"

struct bpf_call {
	long cmd; /* with its flags */
	const void *attr;
	unsigned int size;
	long rest[3];
	union uapi_bpf_attr known; /* a copy of the attributes as far as they are known here, the rest zero */
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

/** Fills call->known; false if the attributes cannot be read: then the kernel is to say so. */
static inline bool call_copy_known(struct bpf_call *call)
{
	const unsigned int size = call->size < sizeof(call->known) ? call->size : sizeof(call->known);

	return size && kernel_copy_from(&call->known, call->attr, size) == 0;
}

/** Is there nothing in the tool's attributes past what is known of this command? */
static inline bool call_is_known(const struct bpf_call *call, unsigned int known)
{
	unsigned char rest[512];
	const unsigned int size = call->size > known ? call->size - known : 0;

	if (size > sizeof(rest) || (size && kernel_copy_from(rest, (const char *)call->attr + known, size)))
		return false;
	for (unsigned int i = 0; i < size; i++)
		if (rest[i])
			return false;
	return true;
}

/** The same call with other attributes, as long as the tool's, but no longer than they are. */
static inline struct bpf_call call_with(const struct bpf_call *call, const void *attr, unsigned int size)
{
	struct bpf_call changed = *call;

	changed.attr = attr;
	if (changed.size > size)
		changed.size = size;
	return changed;
}

/** Does the tool's attribute reach as far as a field of the command's struct? */
#define CALL_HAS(call, type, field) ((call)->size >= BPF_ATTR_END(type, field))

#endif
