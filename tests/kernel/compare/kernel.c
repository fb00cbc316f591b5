// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include "kernel.h"

/* From newer headers than Debian 12 has. */
#define TRACE_UPROBE_MULTI   48
#define TRACE_UPROBE_SESSION 57
#define TOKEN_CREATE         36
#define TRACE_KPROBE_MULTI   42
#define LONGEST_WAIT         10 /* seconds */

const char *kernel_cannot_trace(void)
{
	if (geteuid())
		return "only root can trace";
	if (access("/sys/bus/event_source/devices/uprobe/type", R_OK))
		return "this kernel has no uprobes";
	return NULL;
}

/* For an existing path that cannot be traced. Returns the errno. */
static int try_link(int prog_fd, __u32 attach_type, pid_t pid)
{
	const char *path = "/";
	const unsigned long offset = 0;
	struct {
		__u32 prog_fd, target_fd, attach_type, flags;
		__aligned_u64 path, offsets, ref_ctr_offsets, cookies;
		__u32 count, multi_flags, pid, padding;
	} attr = {
		.prog_fd = prog_fd,
		.attach_type = attach_type,
		.path = (uintptr_t)path,
		.offsets = (uintptr_t)&offset,
		.count = 1,
		.pid = pid,
	};

	return syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr)) < 0 ? errno : 0;
}

static int load_nothing(__u32 attach_type)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = attach_type);
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_prog_load(BPF_PROG_TYPE_KPROBE, "", "GPL", insns, 2, &opts);
}

bool kernel_has_uprobe_multi(void)
{
	int fd = load_nothing(TRACE_UPROBE_MULTI);
	bool has;

	if (fd < 0)
		return false;
	/* Kernels that look at a pid of -1 too late filter threads. */
	has = try_link(fd, TRACE_UPROBE_MULTI, 0) == EBADF && try_link(fd, TRACE_UPROBE_MULTI, -1) == EINVAL;
	close(fd);
	return has;
}

/* Where there are sessions, returns mean something there and nowhere else. */
bool kernel_ignores_returns(void)
{
	int fd = load_nothing(TRACE_UPROBE_SESSION);
	bool has;

	if (fd < 0)
		return false;
	has = try_link(fd, TRACE_UPROBE_SESSION, 0) == EBADF;
	close(fd);
	return has;
}

/* Before 6.9 the command is unknown; later, the file descriptor is looked at. */
bool kernel_has_tokens(void)
{
	const struct {
		__u32 flags, bpffs_fd;
	} attr = { .bpffs_fd = -1 };

	return syscall(SYS_bpf, TOKEN_CREATE, &attr, sizeof(attr)) < 0 && errno == EBADF;
}

static bool has_kprobe_multi(void)
{
	const char *name = "no_such_function_of_the_kernel";
	LIBBPF_OPTS(bpf_link_create_opts, opts, .kprobe_multi = { .cnt = 1, .syms = &name });
	int fd = load_nothing(TRACE_KPROBE_MULTI);
	bool has;

	if (fd < 0)
		return false;
	has = bpf_link_create(fd, 0, TRACE_KPROBE_MULTI, &opts) == -ESRCH;
	close(fd);
	return has;
}

/* "fprobe: Rewrite fprobe on function-graph tracer" */
static bool is_since_6_14(void)
{
	struct utsname name;
	int major, minor;

	return !uname(&name) && sscanf(name.release, "%d.%d", &major, &minor) == 2 &&
	       (major > 6 || (major == 6 && minor >= 14));
}

enum kprobe_kernel kernel_kprobes(void)
{
	if (access("/sys/bus/event_source/devices/kprobe/type", R_OK))
		return KPROBE_NONE;
#ifndef __x86_64__
	return KPROBE_PERF;
#endif
	return has_kprobe_multi() && is_since_6_14() ? KPROBE_MULTI : KPROBE_PERF;
}

bool kernel_link_is_gone(unsigned int id)
{
	const struct timespec moment = { .tv_nsec = 2000000 };
	time_t end = time(NULL) + LONGEST_WAIT;
	int fd;

	while ((fd = bpf_link_get_fd_by_id(id)) >= 0 && time(NULL) < end) {
		close(fd);
		nanosleep(&moment, NULL);
	}
	if (fd >= 0)
		close(fd);
	return fd < 0;
}
