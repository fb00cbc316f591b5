// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Counts by cookie, in an array that can be looked up and mapped, and by a ring buffer. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "places.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, NR_PLACES);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16384);
} events SEC(".maps");

static __always_inline int count(void *ctx)
{
	__u32 cookie = bpf_get_attach_cookie(ctx), *event;
	__u64 *value = bpf_map_lookup_elem(&counts, &cookie);

	if (value)
		__sync_fetch_and_add(value, 1);
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event)
		return 0;
	*event = cookie;
	bpf_ringbuf_submit(event, 0);
	return 0;
}

SEC("uprobe")
int exact(void *ctx)
{
	return count(ctx);
}

SEC("uprobe")
int exact_too(void *ctx)
{
	return count(ctx);
}
