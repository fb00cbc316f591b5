// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "multi_link.h"

#include <errno.h>
#include <stdio.h>

#include "bpf.h"
#include "fd_limit.h"
#include "features_cache.h"
#include "kernel.h"
#include "log.h"

/*
 * R6: on kernels before 6.12 a uprobe_multi link that fails because no fd is left frees what is still
 * registered ("bpf: Fix use-after-free in bpf_uprobe_multi_link_attach()", CVE-2024-47675). So there must be
 * fds to spare, and some more for what other threads open meanwhile. Sessions came later than the fix.
 */
enum { FDS_TO_SPARE = 8 };

static bool fds_to_spare(int fd)
{
	long copies[FDS_TO_SPARE];
	int cnt = 0;

	while (cnt < FDS_TO_SPARE && (copies[cnt] = sys_fcntl(fd, F_DUPFD_CLOEXEC, 0)) >= 0)
		cnt++;
	for (int i = 0; i < cnt; i++)
		sys_close((int)copies[i]);
	return cnt == FDS_TO_SPARE;
}

static long create_with(const struct multi_link *link, const struct uapi_link_create *attr)
{
	if (!link->call)
		return bpf_create_link(attr);
	/* With the flags of the tool's own command and what they add: the kernel shall judge them (R9). */
	return kernel_call(SYS_bpf, link->call->cmd, (long)attr, LINK_CREATE_SIZE, link->call->rest[0],
			   link->call->rest[1], link->call->rest[2]);
}

static long create_of_kprobes(const struct multi_link *link, int prog_fd)
{
	const struct uapi_link_create attr = {
		.prog_fd = (uint32_t)prog_fd,
		.attach_type = UAPI_BPF_TRACE_KPROBE_MULTI,
		.kprobe_multi = {
			.flags = link->retprobe ? UAPI_BPF_F_KPROBE_MULTI_RETURN : 0,
			.cnt = link->cnt,
			.syms = link->symbol ? ptr_to_u64(&link->symbol) : 0,
			.addrs = link->symbol ? 0 : ptr_to_u64(link->offsets),
			.cookies = ptr_to_u64(link->cookies),
		},
	};

	return create_with(link, &attr);
}

static long create_of_uprobes(const struct multi_link *link, int prog_fd)
{
	char path[32];
	const struct uapi_link_create attr = {
		.prog_fd = (uint32_t)prog_fd,
		.attach_type = UAPI_BPF_TRACE_UPROBE_MULTI,
		.uprobe_multi = {
			.path = ptr_to_u64(path),
			.offsets = ptr_to_u64(link->offsets),
			.ref_ctr_offsets = ptr_to_u64(link->ref_ctr_offsets),
			.cookies = ptr_to_u64(link->cookies),
			.cnt = link->cnt,
			.flags = link->retprobe ? UAPI_BPF_F_UPROBE_MULTI_RETURN : 0,
			.pid = (uint32_t)link->process,
		},
	};

	snprintf(path, sizeof(path), "/proc/thread-self/fd/%d", link->target_fd);
	return create_with(link, &attr);
}

/** R6 is of uprobe_multi alone: the other kind has its fd before anything is registered. */
static long create(const struct multi_link *link, int prog_fd)
{
	if (link->kprobe)
		return create_of_kprobes(link, prog_fd);
	if (!features_cached()->sessions && !fds_to_spare(link->target_fd))
		return -EMFILE;
	return create_of_uprobes(link, prog_fd);
}

static long create_within_limit(const struct multi_link *link, int prog_fd)
{
	struct fd_limit limit = { 0 };
	long fd;

	do {
		fd = create(link, prog_fd);
	} while (fd == -EMFILE && link->for_a_moment && fd_limit_raise(&limit, 0));
	fd_limit_restore(&limit);
	return fd;
}

/** What an errno is likely to mean. A place that is no function's entry is EINVAL, and ENOENT in 7.2. */
static const char *hint_at(const struct multi_link *link, long err)
{
	if (link->kprobe && (err == -EINVAL || err == -ENOENT || err == -ESRCH))
		return ", as where ftrace does not reach the function";
	return link->program ? "" : ", the program's load was not seen";
}

long multi_link_create(const struct multi_link *link, struct why *why)
{
	const enum variant needed = link->kprobe ? VARIANT_KPROBE_MULTI : VARIANT_UPROBE_MULTI;
	long prog_fd = link->prog_fd, fd;

	if (link->program && (prog_fd < 0 || link->variant != needed))
		prog_fd = program_open(link->program, needed);
	why->reason = why->buf;
	if (prog_fd < 0) {
		snprintf(why->buf, sizeof(why->buf),
			 "the program could not be loaded again for a multi link: %s",
			 errno_name((int)-prog_fd));
		return prog_fd;
	}
	fd = create_within_limit(link, (int)prog_fd);
	if (prog_fd != link->prog_fd)
		sys_close((int)prog_fd);
	if (fd == -EMFILE)
		why->reason = "too few file descriptors are left to make a link safely";
	else if (fd < 0)
		snprintf(why->buf, sizeof(why->buf), "the kernel refused the multi link: %s%s",
			 errno_name((int)-fd), hint_at(link, fd));
	return fd;
}
