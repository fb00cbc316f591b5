/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* For the tests of BPF tokens. */
#ifndef UPSHIFT_TOKEN_TOOL_H
#define UPSHIFT_TOKEN_TOOL_H

#include <string.h>
#include <sys/syscall.h>

#include "tool.h"

#define TOKEN_BIT(number) (UINT64_C(1) << (number))

/* In a user namespace with a token for what a tool needs whose uprobes become multi links, and for no more.
 */
#define TOKEN_FEATURES                                                                                    \
	{                                                                                                 \
		.uprobe_multi = true, .pid_filter = true, .return_ignored = true, .sessions = true,       \
		.prog_array_checked = true, .cookie = true, .kprobe_multi = true, .fd_array_cnt = true,   \
		.link_fd_fixed = true, .uprobe_pmu_type = 9, .perf_errno = EACCES, .by_id_errno = EPERM,  \
		.in_namespace = true,                                                                     \
		.token_cmds =                                                                             \
			TOKEN_BIT(BPF_MAP_CREATE) | TOKEN_BIT(BPF_PROG_LOAD) | TOKEN_BIT(BPF_BTF_LOAD),   \
		.token_maps = TOKEN_BIT(BPF_MAP_TYPE_HASH),                                               \
		.token_progs = TOKEN_BIT(BPF_PROG_TYPE_KPROBE) | TOKEN_BIT(BPF_PROG_TYPE_SOCKET_FILTER) | \
			       TOKEN_BIT(BPF_PROG_TYPE_TRACEPOINT),                                       \
		.token_attachs = TOKEN_BIT(UAPI_BPF_TRACE_UPROBE_MULTI),                                  \
	}

/** A load of the tool's program of that name, not one of upshift's own. */
static inline bool is_load_of(const struct fake_call *call, const char *name)
{
	return call->nr == SYS_bpf && call->args[0] == BPF_PROG_LOAD &&
	       !strcmp(((const struct uapi_prog_load *)call->attr)->prog_name, name);
}

#endif
