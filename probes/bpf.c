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

long bpf_load_small(uint32_t expected_attach_type, const struct bpf_insn *insns, uint32_t cnt)
{
	struct uapi_prog_load attr = {
		.prog_type = BPF_PROG_TYPE_KPROBE,
		.insn_cnt = cnt,
		.insns = ptr_to_u64(insns),
		.license = ptr_to_u64("Dual BSD/GPL"),
		.expected_attach_type = expected_attach_type,
	};

	if (token < 0)
		return sys_bpf(BPF_PROG_LOAD, &attr,
			       BPF_ATTR_END(struct uapi_prog_load, expected_attach_type));
	attr.prog_flags = UAPI_BPF_F_TOKEN_FD;
	attr.prog_token_fd = token;
	return sys_bpf(BPF_PROG_LOAD, &attr, BPF_ATTR_END(struct uapi_prog_load, prog_token_fd));
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
