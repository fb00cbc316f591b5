// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "bpf.h"

#include <errno.h>

#include "kernel.h"

long sys_bpf(int cmd, const void *attr, unsigned int size)
{
	return kernel_call(SYS_bpf, cmd, (long)attr, size, 0, 0, 0);
}

static int token = -1;

void bpf_use_token(int token_fd)
{
	token = token_fd;
}

/** Of bpf_token_create() in the kernel's kernel/bpf/token.c. */
static const char *why_no_token(long err)
{
	switch (err) {
	case -ENOENT:
		return "nothing is delegated there: its mount has none of delegate_cmds, delegate_maps, "
		       "delegate_progs and delegate_attachs";
	case -EINVAL:
		return "it is not where a BPF file system is mounted, or the kernel has no BPF tokens (Linux "
		       "6.9)";
	case -EPERM:
		return "it takes CAP_BPF in the user namespace that the file system was made for";
	case -EOPNOTSUPP:
		return "there are no BPF tokens in the initial user namespace";
	default:
		return "the kernel refuses it";
	}
}

long bpf_create_token(const char *path, const char **why)
{
	const long dir = sys_open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct uapi_token_create attr = { .bpffs_fd = (uint32_t)dir };
	long fd;

	*why = "it cannot be opened";
	if (dir < 0)
		return dir;
	fd = sys_bpf(UAPI_BPF_TOKEN_CREATE, &attr, sizeof(attr));
	sys_close((int)dir);
	*why = why_no_token(fd);
	return fd;
}

static struct uapi_prog_load small_program(uint32_t expected_attach_type, const struct bpf_insn *insns,
					   uint32_t cnt)
{
	return (struct uapi_prog_load){
		.prog_type = BPF_PROG_TYPE_KPROBE,
		.insn_cnt = cnt,
		.insns = ptr_to_u64(insns),
		.license = ptr_to_u64("Dual BSD/GPL"),
		.prog_flags = token < 0 ? 0 : UAPI_BPF_F_TOKEN_FD,
		.expected_attach_type = expected_attach_type,
		.prog_token_fd = token < 0 ? 0 : token,
	};
}

long bpf_load_small(uint32_t expected_attach_type, const struct bpf_insn *insns, uint32_t cnt)
{
	const struct uapi_prog_load attr = small_program(expected_attach_type, insns, cnt);

	return sys_bpf(BPF_PROG_LOAD, &attr,
		       token < 0 ? BPF_ATTR_END(struct uapi_prog_load, expected_attach_type) :
				   BPF_ATTR_END(struct uapi_prog_load, prog_token_fd));
}

long bpf_try_fd_array_cnt(uint32_t expected_attach_type)
{
	const struct bpf_insn insn = INSN_EXIT();
	struct uapi_prog_load attr = small_program(expected_attach_type, &insn, 1);

	attr.fd_array_cnt = 1; /* of an array that is not there */
	return sys_bpf(BPF_PROG_LOAD, &attr, BPF_ATTR_END(struct uapi_prog_load, fd_array_cnt));
}

long bpf_create_link(const struct uapi_link_create *attr)
{
	return sys_bpf(BPF_LINK_CREATE, attr, LINK_CREATE_SIZE);
}

long bpf_info(int fd, void *info, uint32_t size)
{
	union bpf_attr attr = {
		.info = { .bpf_fd = (uint32_t)fd, .info_len = size, .info = ptr_to_u64(info) }
	};
	long err = sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, BPF_ATTR_END(union bpf_attr, info));

	return err == -EBADFD ? -EBADF : err;
}

long bpf_describe_link(int fd, struct bpf_link_info *info)
{
	*info = (struct bpf_link_info){ 0 };
	return bpf_info(fd, info, BPF_ATTR_END(struct bpf_link_info, id));
}

long bpf_fd_by_id(int cmd, uint32_t id)
{
	union bpf_attr attr = { .prog_id = id };

	return sys_bpf(cmd, &attr, BPF_ATTR_END(union bpf_attr, open_flags));
}
