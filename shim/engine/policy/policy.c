// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "policy.h"

#include <stddef.h>

#include "config.h"
#include "context_reads.h"
#include "kprobe.h"

struct verdict policy_program(const struct program *program, const struct features *features)
{
	if (program->owner_chose)
		return wanted("the tool set the program's expected attach type itself");
	if (program->wish == SECTION_PERF)
		return wanted("the section asks for perf (.single or a versioned symbol)");
	/* R2: perf refuses these on uprobes, uprobe_multi does not check. */
	if (program->facts.overrides_return)
		return wanted("the program calls bpf_override_return, which the kernel refuses on uprobes");
	/* R3: caller and callees would have to change together. */
	if (program->facts.tail_calls || program->in_prog_array)
		return impossible("the program is part of tail calls");
	/* R4: other values than 0 remove breakpoints or warn on such a kernel. */
	if (!features->return_ignored && !program->facts.returns_zero)
		return impossible(
			"the program may return something else than 0, which this kernel's multi links "
			"do not ignore");
	return upgrade();
}

struct verdict policy_kprobe_program(const struct program *program, bool retprobe)
{
	if (program->owner_chose)
		return wanted("the tool set the program's expected attach type itself");
	if (program->wish == SECTION_PERF)
		return wanted("the section asks for perf (.single)");
	if (program->facts.overrides_return)
		return wanted("the program calls bpf_override_return");
	if (program->facts.tail_calls || program->in_prog_array)
		return impossible("the program is part of tail calls");
	/* "bpf: Reject sleepable kprobe_multi programs at attach time", 7.0; perf refuses them everywhere. */
	if (program->sleepable)
		return wanted("the program is sleepable, which the kernel refuses on kprobes");
	/* From a multi link it begins elsewhere, and some kernels cannot follow it. */
	if (program->facts.reads_stack)
		return impossible("the program reads stacks, which look different from a multi link");
	if (!context_reads_same(program->facts.context_reads, retprobe))
		return impossible("the program may read registers that are not the same on a multi link");
	return upgrade();
}

static struct verdict kprobe_return(bool process_reads_stacks)
{
	/* Seen in 7.2: of two hooks at a function's return, the kretprobe's stack ends at the link's. */
	if (process_reads_stacks)
		return impossible(
			"the process reads stacks, which a link at a function's return may cut short");
	return upgrade();
}

static struct verdict kernel_for_kprobes(const struct features *features)
{
#ifndef __x86_64__
	(void)features;
	return impossible("kprobes are upgraded on x86-64 only");
#else
	if (!features->kprobe_multi_link)
		return impossible("this kernel has no kprobe_multi links, or the process may not make any");
	if (kprobe_links_are_slow())
		return impossible("this kernel's kprobe_multi links take longer to be detached than kprobes, "
				  "as all before Linux 6.14");
	return upgrade();
#endif
}

struct verdict policy_kernel(const struct features *features, bool kprobe)
{
	if (kprobe)
		return kernel_for_kprobes(features);
	if (!features->uprobe_multi_link)
		return impossible("this kernel has no uprobe_multi links, or the process may not make any");
	/* R5: such a kernel filters threads. */
	if (!features->pid_filter)
		return impossible("this kernel's uprobe_multi links filter single threads");
	return upgrade();
}

struct verdict policy_pid(pid_t pid, bool token_is_used)
{
	/*
	 * R11: perf takes an inherited breakpoint out of a child at its first hit. A link keeps it there, and
	 * puts return trampolines on the child's stack, which an exception cannot be unwound through. Who
	 * needs a token can have no perf event.
	 */
	if (pid >= 0 && !config.pid_multi && !token_is_used)
		return wanted("it is for one process, in whose forked children a multi link would leave its "
			      "breakpoints (UPSHIFT_PID)");
	return upgrade();
}

static bool matches(const char *globs, const struct program *program, const char *target)
{
	return globs_match(globs, target) ||
	       (program && (globs_match(globs, program->name) || globs_match(globs, program->section)));
}

struct verdict policy_configured(const struct program *program, const char *target)
{
	if (matches(config.skip, program, target))
		return wanted("UPSHIFT_SKIP names it");
	if (config.only && !matches(config.only, program, target))
		return wanted("UPSHIFT_ONLY does not name it");
	return upgrade();
}

struct verdict policy_uprobe(const struct program *program, const struct features *features)
{
	struct verdict verdict = policy_kernel(features, false);

	return verdict.reason || !program ? verdict : policy_program(program, features);
}

struct verdict policy_kprobe(const struct program *program, bool retprobe, bool process_reads_stacks)
{
	struct verdict verdict = upgrade();

	if (!program)
		return impossible("the program's load was not seen, so that it cannot be read");
	if (retprobe)
		verdict = kprobe_return(process_reads_stacks);
	return verdict.reason ? verdict : policy_kprobe_program(program, retprobe);
}

struct verdict policy_attach(const struct program *program, const struct uprobe *uprobe,
			     const struct features *features, bool process_reads_stacks)
{
	struct verdict verdict = policy_configured(program, uprobe->path);

	if (!verdict.reason && uprobe->keep_perf)
		verdict = uprobe->perf_is_wanted ? wanted(uprobe->keep_perf) : impossible(uprobe->keep_perf);
	if (verdict.reason)
		return verdict;
	/* A multi section taught to an old libbpf: its program was made for the link. */
	if (!uprobe->kprobe)
		return policy_uprobe(uprobe->offsets ? NULL : program, features);
	verdict = policy_kernel(features, true);
	return verdict.reason ? verdict : policy_kprobe(program, uprobe->retprobe, process_reads_stacks);
}
