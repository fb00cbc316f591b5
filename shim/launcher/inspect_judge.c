// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What the library would do with a program, by the library's own rules (shim/engine/policy.h). */
#include <string.h>

#include "inspect.h"
#include "inspect_internal.h"
#include "policy.h"
#include "sections.h"

static bool is_type(const char *section, const char *type)
{
	const size_t len = strlen(type);

	return !strncmp(section, type, len) && (!section[len] || section[len] == '/');
}

bool inspect_is_any(const char *section, const char *const types[])
{
	for (; *types; types++)
		if (is_type(section, *types))
			return true;
	return false;
}

/** Programs of kprobes can be attached to an uprobe, too. */
static bool may_be_uprobe(const char *section)
{
	return section_wish(section, false, false) != SECTION_UNKNOWN || inspect_is_kprobe(section);
}

static bool makes_multi_links(const char *section)
{
	static const char *const types[] = { "uprobe.multi",
					     "uretprobe.multi",
					     "uprobe.multi.s",
					     "uretprobe.multi.s",
					     "uprobe.session",
					     "uprobe.session.s",
					     NULL };

	return inspect_is_any(section, types);
}

const char *inspect_eligible(const char *section)
{
	switch (section_wish(section, false, false)) {
	case SECTION_MULTI:
	case SECTION_KPROBE_MULTI: /* not without UPSHIFT_KPROBES=on */
		return "yes";
	case SECTION_PERF:
		return "no";
	case SECTION_UNKNOWN:
		break;
	}
	return may_be_uprobe(section) ? "at_attach" : makes_multi_links(section) ? "no" : "not_a_uprobe";
}

/** By the kernel's abilities and the program itself, as at an attach. */
static const char *reason_against(const struct program *program, const struct features *features)
{
	struct verdict verdict = policy_kernel(features, false);

	if (!verdict.reason)
		verdict = policy_program(program, features);
	return verdict.reason;
}

static const char *reason_anywhere(const struct program *program)
{
	const struct features best = { .uprobe_multi_link = true,
				       .pid_filter = true,
				       .return_ignored = true };

	return reason_against(program, &best);
}

/** Sections and maps are seen only at libbpf's own functions: not where libbpf is inside of the tool. */
bool inspect_libbpf_is_seen(const struct inspection *inspection)
{
	const enum reach reach = inspection->libbpf.reach;

	return reach == REACH_SHARED || reach == REACH_DLOPEN || reach == REACH_OBJECT;
}

struct program inspect_program(const struct inspection *inspection, const struct bpf_object_file *object,
			       const struct bpf_object_program *program, bool kprobes)
{
	const bool seen = inspect_libbpf_is_seen(inspection);

	return (struct program){
		.name = program->name,
		.section = program->section,
		.wish = seen ? section_wish(program->section, false, kprobes) : SECTION_UNKNOWN,
		.facts = program->facts,
		.in_prog_array = seen && object->prog_array,
	};
}

struct judgement inspect_judge(const struct inspection *inspection, const struct bpf_object_file *object,
			       const struct bpf_object_program *bpf_program)
{
	const struct program program = inspect_program(inspection, object, bpf_program, false);
	const char *reason;

	if (makes_multi_links(program.section))
		return (struct judgement){ UPGRADE_NO, "the tool makes a multi link itself" };
	if (!may_be_uprobe(program.section))
		return (struct judgement){ UPGRADE_NO, "no uprobe, by its section" };
	if (inspection->out_of_reach)
		return (struct judgement){ UPGRADE_NO, inspection->out_of_reach };
	reason = reason_anywhere(&program);
	if (!reason && !inspection->kernel_asked)
		return (struct judgement){ UPGRADE_UNKNOWN, "the kernel could not be asked" };
	if (!reason)
		reason = reason_against(&program, &inspection->features);
	if (reason)
		return (struct judgement){ UPGRADE_NO, reason };
	if (object->prog_array && !inspect_libbpf_is_seen(inspection))
		return (struct judgement){ UPGRADE_UNKNOWN, "not if the tool puts it into a PROG_ARRAY" };
	if (section_wish(program.section, false, false) == SECTION_UNKNOWN)
		return (struct judgement){ UPGRADE_IF_UPROBE, "decided at the attach" };
	return (struct judgement){ UPGRADE_YES, NULL };
}

struct judgement inspect_judge_pid(const struct inspection *inspection)
{
	const struct process *process = &inspection->process;

	if (inspection->out_of_reach)
		return (struct judgement){ UPGRADE_NO, inspection->out_of_reach };
	for (size_t i = 0; i < process->variable_cnt; i++)
		if (!strcmp(process->variables[i], "UPSHIFT_PID=multi"))
			return (struct judgement){ UPGRADE_YES, NULL };
	return (struct judgement){ UPGRADE_NO, policy_pid(0, false).reason };
}
