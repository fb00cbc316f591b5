// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* bench-load: how long a process's first BPF_PROG_LOAD takes, in microseconds */
#include <linux/bpf.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "bench.h"

int main(void)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_KPROBE,
		.insns = (uintptr_t)insns,
		.insn_cnt = sizeof(insns) / sizeof(*insns),
		.license = (uintptr_t) "GPL",
	};
	double start = now();

	if (syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr)) < 0)
		die("cannot load a BPF program");
	printf("load_us %.3f\n", (now() - start) * 1e6);
	return 0;
}
