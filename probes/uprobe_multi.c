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

/** The errno of a link; one that was made after all is closed. */
static long try_link_of(int prog_fd, struct uapi_link_create *attr)
{
	long link_fd;

	attr->prog_fd = (uint32_t)prog_fd;
	link_fd = bpf_create_link(attr);
	if (link_fd >= 0)
		sys_close((int)link_fd);
	return link_fd;
}

/** The same with a program that was loaded for this type of link. */
static long try_link(struct uapi_link_create *attr)
{
	long prog_fd = bpf_load_small(attr->attach_type, return_0, 2);
	long err;

	if (prog_fd < 0)
		return prog_fd;
	err = try_link_of((int)prog_fd, attr);
	sys_close((int)prog_fd);
	return err;
}

static const uint64_t offset_0 = 0;

/** A uprobe_multi link on "/", which is no regular file: EBADF where everything else was understood. */
static struct uapi_link_create uprobe_on_root(uint32_t attach_type, uint32_t pid)
{
	return (struct uapi_link_create){
		.attach_type = attach_type,
		.uprobe_multi = { .path = ptr_to_u64("/"),
				  .offsets = ptr_to_u64(&offset_0),
				  .cnt = 1,
				  .pid = pid },
	};
}

static long try_uprobe_on_root(uint32_t attach_type, uint32_t pid)
{
	struct uapi_link_create attr = uprobe_on_root(attach_type, pid);

	return try_link(&attr);
}

bool probe_uprobe_multi_link(void)
{
	return try_uprobe_on_root(UAPI_BPF_TRACE_UPROBE_MULTI, 0) == -EBADF;
}

/* Not EINVAL for the program, which is loaded by then: kernels take any expected attach type. */
bool probe_no_uprobe_multi_link(void)
{
	return try_uprobe_on_root(UAPI_BPF_TRACE_UPROBE_MULTI, 0) == -EINVAL;
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

/*
 * A token may not allow sessions. Whatever kernel counts the fds of a program's array (6.14) is newer than
 * they are.
 */
bool probe_newer_than_sessions(void)
{
	return bpf_try_fd_array_cnt(UAPI_BPF_TRACE_UPROBE_MULTI) == -EFAULT;
}

/* The helper that reads the cookie came with the cookie. */
bool probe_bpf_cookie(void)
{
	const struct bpf_insn insns[] = { INSN_CALL(BPF_FUNC_get_attach_cookie), INSN_EXIT() };
	long fd = bpf_load_small(0, insns, 2);

	if (fd == -EPERM) /* a token may allow nothing but this type */
		fd = bpf_load_small(UAPI_BPF_TRACE_UPROBE_MULTI, insns, 2);
	if (fd < 0)
		return false;
	sys_close((int)fd);
	return true;
}

/** A kprobe_multi link with an array of names that cannot be read: EFAULT where they would have been looked
 * at. */
static const struct uapi_link_create kprobe_nowhere = {
	.attach_type = UAPI_BPF_TRACE_KPROBE_MULTI,
	.kprobe_multi = { .syms = 8, .cnt = 1 },
};

bool probe_kprobe_multi_link(void)
{
	struct uapi_link_create attr = kprobe_nowhere;

	return try_link(&attr) == -EFAULT;
}

long probe_program_is_multi(int prog_fd)
{
	struct uapi_link_create uprobe = uprobe_on_root(UAPI_BPF_TRACE_UPROBE_MULTI, 0);
	struct uapi_link_create kprobe = kprobe_nowhere;
	struct bpf_prog_info info = { 0 };
	long err = bpf_info(prog_fd, &info, BPF_ATTR_END(struct bpf_prog_info, id));

	if (err == -EBADF || err == -EINVAL)
		return 0; /* no program at all */
	if (err || info.type != BPF_PROG_TYPE_KPROBE)
		return err;
	/* The type of the program is looked at before the path or the names are. */
	err = try_link_of(prog_fd, &uprobe);
	if (err == -EBADF)
		return 1;
	if (err == -EINVAL)
		err = try_link_of(prog_fd, &kprobe);
	if (err == -EFAULT)
		return 1;
	return err == -EINVAL || err == -EOPNOTSUPP ? 0 : err;
}
