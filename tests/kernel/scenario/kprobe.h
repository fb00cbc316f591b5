// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* kprobe_rig.c: programs on functions of the kernel, and calls of these functions. */
#ifndef TESTS_SCENARIO_KPROBE_H
#define TESTS_SCENARIO_KPROBE_H

#include "../bpf/kprobe.h"
#include "kprobe.skel.h"
#include "scenario.h"

/* From newer headers than Debian 12 has. */
#define TRACE_KPROBE_MULTI 42

/* Skips the scenario where there is none; else the PMU's type. */
int need_kprobes(void);

/* Names this process, and the functions' addresses, for say_hits(). traced is a skeleton's. */
void kprobe_name_functions(__u32 traced[MAX_TRACED]);

/* kprobe.bpf.c, loaded. */
struct kprobe_rig {
	struct kprobe_bpf *skel;
	int hits;
};
struct kprobe_rig kprobe_up(void);
void kprobe_say_hits(struct kprobe_rig *rig);
/* Prints the hits. */
void kprobe_down(struct kprobe_rig *rig);

/*
 * Makes the system call of F_MAX, F_MIN, F_PGID or F_SID times over, with arguments from 1 on (F_PGID and
 * F_SID: from -1 down, which is no process).
 */
void kernel_call(const char *function, int times);

/* 0 if there is none. Stops at the symbol, for /proc/kallsyms is long. */
unsigned long kernel_address(const char *symbol);

/* Attaches or ends the scenario. Further arguments are members of struct bpf_kprobe_opts. */
#define attach_kernel(prog, function, ...)                              \
	({                                                              \
		LIBBPF_OPTS(bpf_kprobe_opts, attach_opts, __VA_ARGS__); \
		must_attach_kernel(prog, function, &attach_opts);       \
	})
#define try_kernel(prog, function, ...)                                        \
	({                                                                     \
		LIBBPF_OPTS(bpf_kprobe_opts, attach_opts, __VA_ARGS__);        \
		bpf_program__attach_kprobe_opts(prog, function, &attach_opts); \
	})
struct bpf_link *must_attach_kernel(const struct bpf_program *prog, const char *function,
				    const struct bpf_kprobe_opts *opts);

/* The perf event of a kprobe, with the attributes as BCC fills them. function NULL: at the address. */
int kernel_open(const char *function, __u64 offset, bool retprobe);
int kernel_open_for(const char *function, __u64 offset, bool retprobe, pid_t pid, int cpu);

#endif
