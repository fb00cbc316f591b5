// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Does a PROG_ARRAY refuse a program whose expected attach type is not that of its first one? */
#include "kernel_features.h"

#include <errno.h>

#include "bpf.h"
#include "kernel.h"

static long create_prog_array(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_PROG_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 2
	};

	return sys_bpf(BPF_MAP_CREATE, &attr, BPF_ATTR_END(union bpf_attr, map_flags));
}

static long put_program(int map_fd, uint32_t index, uint32_t expected_attach_type)
{
	const struct bpf_insn return_0[] = { INSN_MOV64_IMM(BPF_REG_0, 0), INSN_EXIT() };
	int prog_fd = (int)bpf_load_small(expected_attach_type, return_0, 2);
	union bpf_attr attr = { .map_fd = (uint32_t)map_fd,
				.key = ptr_to_u64(&index),
				.value = ptr_to_u64(&prog_fd) };
	long err;

	if (prog_fd < 0)
		return prog_fd;
	err = sys_bpf(BPF_MAP_UPDATE_ELEM, &attr, BPF_ATTR_END(union bpf_attr, flags));
	sys_close(prog_fd);
	return err;
}

bool probe_prog_array_checks_attach_type(void)
{
	long map_fd = create_prog_array();
	bool checked;

	if (map_fd < 0)
		return false;
	checked = put_program((int)map_fd, 0, 0) == 0 &&
		  put_program((int)map_fd, 1, UAPI_BPF_TRACE_UPROBE_MULTI) == -EINVAL;
	sys_close((int)map_fd);
	return checked;
}
