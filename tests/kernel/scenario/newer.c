// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "multi_link.h"
#include "newer.h"

struct bpf_uprobe_multi_opts;
/* Weak: bound to the libbpf of this run, if it has the function. */
extern struct bpf_link *bpf_program__attach_uprobe_multi(const struct bpf_program *prog, pid_t pid,
							 const char *path, const char *pattern,
							 const struct bpf_uprobe_multi_opts *opts)
	__attribute__((weak));

bool libbpf_is(unsigned int major, unsigned int minor)
{
	return libbpf_major_version() > major ||
	       (libbpf_major_version() == major && libbpf_minor_version() >= minor);
}

void need_libbpf(unsigned int major, unsigned int minor, const char *what)
{
	if (!libbpf_is(major, minor))
		skip("libbpf before %u.%u has no %s", major, minor, what);
}

void need_multi(const char *what)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = TRACE_UPROBE_MULTI);
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	const unsigned long offset = 0;
	/* A kernel that has them gets as far as the directory. */
	struct multi_link_attr attr = {
		.attach_type = TRACE_UPROBE_MULTI,
		.path = (uintptr_t) "/",
		.offsets = (uintptr_t)&offset,
		.cnt = 1,
	};

	need_libbpf(1, 3, what);
	attr.prog_fd = bpf_prog_load(BPF_PROG_TYPE_KPROBE, "", "GPL", insns, 2, &opts);
	if (syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr)) >= 0 || errno != EBADF)
		skip("this kernel has no uprobe_multi links");
	close(attr.prog_fd);
}

struct bpf_link *attach_multi(const struct bpf_program *prog, pid_t pid, const char *path,
			      const char *pattern, struct newer_multi_opts *opts)
{
	if (opts)
		opts->sz = sizeof(*opts);
	return bpf_program__attach_uprobe_multi(prog, pid, path, pattern, (const void *)opts);
}
