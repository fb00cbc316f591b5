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

struct bpf_link *attach_multi(const struct bpf_program *prog, pid_t pid, const char *path,
			      const char *pattern, struct newer_multi_opts *opts)
{
	if (opts)
		opts->sz = sizeof(*opts);
	return bpf_program__attach_uprobe_multi(prog, pid, path, pattern, (const void *)opts);
}
