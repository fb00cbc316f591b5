// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* BPF_LINK_CREATE for a uprobe_multi link, without libbpf and without its headers. */
#ifndef TESTS_MULTI_LINK_H
#define TESTS_MULTI_LINK_H

#include <linux/types.h>

#define TRACE_UPROBE_MULTI 48

struct multi_link_attr {
	__u32 prog_fd, target_fd, attach_type, flags;
	__u64 path, offsets, ref_ctr_offsets, cookies;
	__u32 cnt, multi_flags, pid, padding;
};

#endif
