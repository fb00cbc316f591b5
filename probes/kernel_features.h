/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * What the running kernel can do for uprobes, found by trying, never by version.
 *
 * No probe attaches anything: links are asked for in ways that must fail, and the errno tells. All of
 * them together take well under 10 ms. Usable without the shim.
 */
#ifndef UPSHIFT_KERNEL_FEATURES_H
#define UPSHIFT_KERNEL_FEATURES_H

#include <stdbool.h>

struct features {
	/* Links of type uprobe_multi. "bpf: Add multi uprobe link", Linux 6.6. */
	bool uprobe_multi_link;
	/* The kernel said that it has none: not merely that none could be tried. */
	bool no_uprobe_multi_link;
	/* Their pid filter is a process, not a thread. "bpf: fix multi-uprobe PID filtering logic", 6.10. */
	bool pid_filter;
	/*
	 * What a multi program returns is ignored. "bpf: Force uprobe bpf program to always return 0", 6.13,
	 * 6.12.2, 6.6.64. Known only by what is newer, uprobe sessions (6.13) or fd_array_cnt (6.14): false
	 * on a kernel that merely has the fix back-ported, and programs are then read for what they return.
	 */
	bool return_ignored;
	/*
	 * A PROG_ARRAY takes programs of one expected attach type only. "bpf: Enforce expected_attach_type
	 * for tailcall compatibility", 6.18, 6.17.3, 6.12.53, 6.6.112, 6.1.156.
	 */
	bool prog_array_checked;
	/* Perf links' cookie. "bpf: Allow to specify user-provided bpf_cookie for BPF perf links", 5.15. */
	bool cookie;
	/* Uprobe sessions. "bpf: Add support for uprobe multi session attach", 6.13. */
	bool sessions;
	/* Links of type kprobe_multi. "bpf: Add multi kprobe link", 5.18; needs CONFIG_FPROBE. */
	bool kprobe_multi_link;
	/* perf_event_attr.type of uprobes, or -errno. "perf/core: Implement the 'perf_uprobe' PMU", 4.17. */
	int uprobe_pmu_type;
};

/**
 * Tries everything. Whatever cannot be tried (no privilege, seccomp, no fd to spare) counts as absent.
 * Thread-safe but for the token in use (bpf.h), leaves no fd; about 30 system calls.
 */
void features_probe(struct features *features);

/* The single probes, for those who need just one. */
#define KPROBE_PMU_TYPE_FILE "/sys/bus/event_source/devices/kprobe/type"
int uprobe_pmu_type(void);
int kprobe_pmu_type(void); /* the same of kprobes: "perf/core: Implement the 'perf_kprobe' PMU", 4.17 */
bool probe_uprobe_multi_link(void);
bool probe_no_uprobe_multi_link(void);
bool probe_uprobe_multi_pid_filter(void);
bool probe_uprobe_session(void);
bool probe_newer_than_sessions(void);
bool probe_kprobe_multi_link(void);
bool probe_bpf_cookie(void);

/**
 * Was the program behind an fd loaded for uprobe_multi or kprobe_multi links? 1, 0, or a negative errno where
 * the kernel would not say. There is no other way to ask: bpf_prog_info has no expected attach type.
 */
long probe_program_is_multi(int prog_fd);

bool probe_prog_array_checks_attach_type(void);

#endif
