// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Multi links and cookies. Loading a program shows nothing: kernels take any expected attach type for
 * KPROBE programs. Only how the creation of an impossible link fails tells whether the kernel knows it.
 */
#include "kernel_features.h"

#include <errno.h>

#include "bpf.h"
#include "kernel.h"

static const struct bpf_insn return_0[] = { INSN_MOV64_IMM(BPF_REG_0, 0), INSN_EXIT() };

/** Loads a program of the link's attach type and returns the errno of the link; a link made is closed. */
static long try_link(struct uapi_link_create *attr)
{
	long prog_fd = bpf_load_small(attr->attach_type, return_0, 2);
	long link_fd;

	if (prog_fd < 0)
		return prog_fd;
	attr->prog_fd = (uint32_t)prog_fd;
	link_fd = bpf_create_link(attr);
	if (link_fd >= 0)
		sys_close((int)link_fd);
	sys_close((int)prog_fd);
	return link_fd;
}

/** A uprobe_multi link on "/", which is no regular file: EBADF where everything else was understood. */
static long try_uprobe_on_root(uint32_t attach_type, uint32_t pid)
{
	const uint64_t offset = 0;
	struct uapi_link_create attr = {
		.attach_type = attach_type,
		.uprobe_multi = { .path = ptr_to_u64("/"),
				  .offsets = ptr_to_u64(&offset),
				  .cnt = 1,
				  .pid = pid },
	};

	return try_link(&attr);
}

bool probe_uprobe_multi_link(void)
{
	return try_uprobe_on_root(UAPI_BPF_TRACE_UPROBE_MULTI, 0) == -EBADF;
}

/* The commit that made the filter one of processes also made a negative pid EINVAL, before the path. */
bool probe_uprobe_multi_pid_filter(void)
{
	return try_uprobe_on_root(UAPI_BPF_TRACE_UPROBE_MULTI, (uint32_t)-1) == -EINVAL;
}

bool probe_uprobe_session(void)
{
	return try_uprobe_on_root(UAPI_BPF_TRACE_UPROBE_SESSION, 0) == -EBADF;
}

/* An array of names that cannot be read: EFAULT where the kernel would have looked at the names. */
bool probe_kprobe_multi_link(void)
{
	struct uapi_link_create attr = {
		.attach_type = UAPI_BPF_TRACE_KPROBE_MULTI,
		.kprobe_multi = { .syms = 8, .cnt = 1 },
	};

	return try_link(&attr) == -EFAULT;
}

/* The helper that reads the cookie came with the cookie. */
bool probe_bpf_cookie(void)
{
	const struct bpf_insn insns[] = { INSN_CALL(BPF_FUNC_get_attach_cookie), INSN_EXIT() };
	long fd = bpf_load_small(0, insns, 2);

	if (fd < 0)
		return false;
	sys_close((int)fd);
	return true;
}
