// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What newer libbpfs have and Debian 12's headers (1.1) do not declare. Whether there is any of it is asked
 * of the libbpf that this run got. Structures have names of their own: newer headers declare them as well.
 */
#ifndef TESTS_NEWER_H
#define TESTS_NEWER_H

#include "scenario.h"

/* Skips the scenario if this libbpf is older. */
void need_libbpf(unsigned int major, unsigned int minor, const char *what);
bool libbpf_is(unsigned int major, unsigned int minor);

/* struct bpf_uprobe_opts, since 1.2 */
struct newer_uprobe_opts {
	size_t sz, ref_ctr_offset;
	__u64 bpf_cookie;
	bool retprobe;
	const char *func_name;
	int attach_mode; /* enum probe_attach_mode */
	size_t : 0;
};
#define ATTACH_MODE_LEGACY 1
#define ATTACH_MODE_PERF   2
#define ATTACH_MODE_LINK   3

/* struct bpf_uprobe_multi_opts, since 1.3; session since 1.6 */
struct newer_multi_opts {
	size_t sz;
	const char **syms;
	const unsigned long *offsets, *ref_ctr_offsets;
	const __u64 *cookies;
	size_t cnt;
	bool retprobe, session;
	size_t : 0;
};

/* struct bpf_object_open_opts, since 1.4 */
struct newer_open_opts {
	size_t sz;
	const char *object_name;
	bool relaxed_maps;
	const char *pin_root_path;
	__u32 : 32;
	const char *kconfig, *btf_custom_path;
	char *kernel_log_buf;
	size_t kernel_log_size;
	__u32 kernel_log_level;
	const char *bpf_token_path;
	size_t : 0;
};

/* bpf_program__attach_uprobe_multi(); opts may be NULL. */
struct bpf_link *attach_multi(const struct bpf_program *prog, pid_t pid, const char *path,
			      const char *pattern, struct newer_multi_opts *opts);

#endif
