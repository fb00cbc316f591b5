// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What the BPF programs count, as the kernel side and the user side see it. */
#ifndef TESTS_HITS_H
#define TESTS_HITS_H

#include <linux/types.h>

/* The program that saw the hit. */
enum hit_kind {
	HIT_ENTRY,
	HIT_SECOND,
	HIT_RETURN,
	HIT_SLEEPABLE,
	HIT_RETURNS_ONE,
	HIT_KPROBE_SECTION,
	HIT_USDT,
	HIT_TAIL_CALLER,
	HIT_TAIL_CALLEE,
	HIT_KINDS,
};

struct hit_key {
	__u64 cookie;
	__u64 where; /* bpf_get_func_ip(), or for USDT the probe's first argument */
	__u32 kind;
	__u32 tgid;
};

struct hit_value {
	__u64 count;
	__u64 sum; /* of first arguments at an entry, of return values at a return */
};

#endif
