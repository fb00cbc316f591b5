// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Shared by all BPF objects here: the map of hits, and the way into it. */
#ifndef TESTS_RECORD_BPF_H
#define TESTS_RECORD_BPF_H

#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "hits.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct hit_key);
	__type(value, struct hit_value);
} hits SEC(".maps");

static __always_inline void record_at(__u32 kind, __u64 where, __u64 cookie, __u64 add)
{
	struct hit_key key = { .cookie = cookie, .where = where, .kind = kind };
	struct hit_value zero = {}, *value;

	key.tgid = bpf_get_current_pid_tgid() >> 32;
	value = bpf_map_lookup_elem(&hits, &key);
	if (!value) {
		/* Two threads can get here together: whoever loses adds to the winner's. */
		bpf_map_update_elem(&hits, &key, &zero, BPF_NOEXIST);
		value = bpf_map_lookup_elem(&hits, &key);
		if (!value)
			return;
	}
	__sync_fetch_and_add(&value->count, 1);
	__sync_fetch_and_add(&value->sum, add);
}

static __always_inline void record(struct pt_regs *ctx, __u32 kind, __u64 add)
{
	__u64 where = bpf_get_func_ip(ctx);

	/* Before 6.6 that tells nothing about uprobes. At an entry there is another way. */
	if (!where && kind != HIT_RETURN)
		where = PT_REGS_IP(ctx);
	record_at(kind, where, bpf_get_attach_cookie(ctx), add);
}

#endif
