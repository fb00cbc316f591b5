/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* What the library would do with a tool's programs, by the library's own rules (shim/engine/policy/policy.h).
 */
#ifndef UPSHIFT_INSPECT_JUDGE_H
#define UPSHIFT_INSPECT_JUDGE_H

#include "inspect/inspect.h"

/* Would upshift upgrade a program's uprobes? */
enum upgrade { UPGRADE_NO, UPGRADE_YES, UPGRADE_IF_UPROBE, UPGRADE_UNKNOWN };

struct judgement {
	enum upgrade upgrade;
	const char *reason; /* in the words of the library's report; NULL if nothing needs to be said */
};

/** Would upshift upgrade the program? */
struct judgement inspect_judge(const struct inspection *inspection, const struct bpf_object_file *object,
			       const struct bpf_object_program *program);

/** And its kprobes, with UPSHIFT_KPROBES=on? Only of sections for them, and never UPGRADE_IF_UPROBE. */
struct judgement inspect_judge_kprobe(const struct inspection *inspection,
				      const struct bpf_object_file *object,
				      const struct bpf_object_program *program);

/** And its uprobes for one process, by their pid alone? */
struct judgement inspect_judge_pid(const struct inspection *inspection);

/** Is the section one for kprobes? */
bool inspect_is_kprobe(const char *section);

/** What the n-th 8 bytes of a KPROBE program's context are called; NULL if they are no register. */
const char *inspect_register(unsigned int n);

/** Is the section eligible by its name? "yes", "no", "at_attach", or "not_a_uprobe". */
const char *inspect_eligible(const char *section);

#endif
