// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The table: what each scenario must print, and which links it must have, without and with upshift. */
#ifndef TESTS_ROW_H
#define TESTS_ROW_H

#include <stdbool.h>

enum build {
	SHARED = 1, /* libbpf.so is a dependency: upshift knows sections and options */
	STATIC = 2, /* libbpf.a is inside: upshift sees system calls only */
	DLOPEN = 4, /* libbpf.so comes with a plugin */
};

struct row {
	const char *name;
	const char *scenario; /* if that is another name */
	unsigned int builds;  /* 0: SHARED | STATIC */

	/* Why it is left out with UPSHIFT_DETACH=sync. */
	const char *not_sync;

	/* All lines that it prints, but for those about links and the last one. NULL: whatever it prints
	 * without. */
	const char *expect;
	/* What it leaves open at its end; "fds=0 links=0" if that is not said, '|' between choices. */
	const char *left;

	/*
	 * What its "link" lines say, with "; " between them. Where either of two is right, '|' is between
	 * them. with_static is for a static libbpf, if that is not the same, and with_symbolic for a shared
	 * one whose calls to itself cannot be seen.
	 */
	const char *without;
	const char *with;
	const char *with_static;
	const char *with_symbolic;

	/*
	 * The tool itself asks for uprobe_multi links. On a kernel that has none it runs with upshift only,
	 * and then these are its links and what it prints, if that is something else; without on_perf it is
	 * left out.
	 */
	bool needs_multi;
	const char *on_perf;
	const char *expect_on_perf;

	/* On functions of the kernel, and the run with upshift is with UPSHIFT_KPROBES=on. */
	bool kprobe;
	/* A part of the reason that the report gives, where not all of it is upgraded. */
	const char *reason;

	/* Does not run without upshift: this libbpf does not know its sections. */
	bool only_with;
	/* May bring the kernel down if upshift fails: runs only in scripts/compat-kernels. */
	bool risky;
	/* May return something else than 0: is on perf where multi links do not ignore that. */
	bool returns;
	/*
	 * Settings, with ' ' between them, for the run with upshift, which is then the only one; "expect", if
	 * it has none, and "without" are those of the scenario's own row.
	 */
	const char *settings;
	/*
	 * Runs in namespaces of its own with a BPF file system at /sys/fs/bpf, whose mount has these options,
	 * with ' ' between them. Left out on a kernel without BPF tokens.
	 */
	const char *delegate;
	/* Lines on standard error, where settings are wrong. */
	int complaints;
	/* What is in these lines, with '|' between it. */
	const char *complains;
};

/* Each file ends its table with a row that has no name. */
extern const struct row attach_rows[], place_rows[], section_rows[], pid_rows[], usdt_rows[], fd_rows[],
	dup_rows[], error_rows[], lifetime_rows[], pin_rows[], raw_rows[], no_bpf_rows[], perf_event_rows[],
	process_rows[], thread_rows[], tail_rows[], limit_rows[], new_section_rows[], detach_rows[],
	many_rows[], multi_rows[], own_multi_rows[], feature_rows[], light_rows[], token_rows[],
	sandbox_rows[], native_rows[], settings_rows[], kprobe_rows[], kprobe_life_rows[], kprobe_stay_rows[],
	kprobe_settings_rows[], token_ours_rows[], keeper_rows[], exact_rows[], detach_aside_rows[];

#endif
