// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What the library would do with a kprobe's program, by the library's own rules, and the names of registers.
 */
#include <stdlib.h>
#include <string.h>

#include "inspect.h"
#include "inspect_internal.h"
#include "kallsyms.h"
#include "kprobe.h"
#include "policy.h"
#include "sections.h"
#include "uprobe.h"

static const char decided_at_attach[] = "decided at the attach";

bool inspect_is_kprobe(const char *section)
{
	static const char *const types[] = {
		"kprobe", "kretprobe", "kprobe.single", "kretprobe.single", "ksyscall", "kretsyscall", NULL
	};

	return inspect_is_any(section, types);
}

/** What a syscall's function is called, or a bare section's, is known only when it is attached. */
static bool names_function(const char *section)
{
	static const char *const types[] = { "ksyscall", "kretsyscall", NULL };

	return strchr(section, '/') && !inspect_is_any(section, types);
}

/** A program that is there for any function is often in a section for one that is not. */
static bool is_no_symbol(const char *name)
{
	struct kernel_symbol symbol;

	return !strchr(name, ':') && kallsyms_find(name, &symbol) == 0 && !symbol.cnt;
}

/** The function that the section names, as when it is attached there; or why it is not known. */
static struct judgement judge_function(const char *section, struct uprobe *kprobe)
{
	struct section_target target;
	struct judgement judgement = { UPGRADE_YES, NULL };

	if (!names_function(section) || section_parse_kprobe(section, &target))
		return (struct judgement){ UPGRADE_UNKNOWN, decided_at_attach };
	kprobe->path = target.function;
	kprobe->attr.probe_offset = target.offset;
	judgement.reason = kprobe_examine(kprobe).reason;
	if (judgement.reason)
		judgement.upgrade = is_no_symbol(target.function) ? UPGRADE_UNKNOWN : UPGRADE_NO;
	free(target.function);
	kprobe->path = NULL;
	return judgement;
}

static bool reads_stacks(const struct inspection *inspection)
{
	for (size_t i = 0; i < inspection->object_cnt; i++)
		for (size_t j = 0; j < inspection->objects[i].program_cnt; j++)
			if (inspection->objects[i].programs[j].facts.reads_stack)
				return true;
	return false;
}

/** Why not, by the program alone. */
static const char *reason_anywhere(const struct inspection *inspection, const struct program *program,
				   const struct uprobe *kprobe)
{
	struct verdict verdict = { 0 };

	if (kprobe->retprobe)
		verdict = policy_kprobe_return(reads_stacks(inspection));
	if (!verdict.reason)
		verdict = policy_kprobe_program(program, kprobe->retprobe);
	return verdict.reason;
}

struct judgement inspect_judge_kprobe(const struct inspection *inspection,
				      const struct bpf_object_file *object,
				      const struct bpf_object_program *bpf_program)
{
	const struct program program = inspect_program(inspection, object, bpf_program, true);
	struct uprobe kprobe = {
		.kprobe = true,
		.pid = -1,
		.retprobe = strncmp(program.section, "kret", strlen("kret")) == 0,
	};
	struct judgement function;
	const char *reason;

	if (inspection->out_of_reach)
		return (struct judgement){ UPGRADE_NO, inspection->out_of_reach };
	function = judge_function(program.section, &kprobe);
	if (function.upgrade == UPGRADE_NO)
		return function;
	reason = reason_anywhere(inspection, &program, &kprobe);
	if (!reason && !inspection->kernel_asked)
		return (struct judgement){ UPGRADE_UNKNOWN, "the kernel could not be asked" };
	if (!reason)
		reason = policy_kernel(&inspection->features, true).reason;
	if (reason)
		return (struct judgement){ UPGRADE_NO, reason };
	if (object->prog_array && !inspect_libbpf_is_seen(inspection))
		return (struct judgement){ UPGRADE_UNKNOWN, "not if the tool puts it into a PROG_ARRAY" };
	return function;
}

const char *inspect_register(unsigned int n)
{
#ifdef __x86_64__ /* struct pt_regs */
	static const char *const names[] = { "r15", "r14",     "r13", "r12", "bp",    "bx", "r11",
					     "r10", "r9",      "r8",  "ax",  "cx",    "dx", "si",
					     "di",  "orig_ax", "ip",  "cs",  "flags", "sp", "ss" };

	return n < sizeof(names) / sizeof(names[0]) ? names[n] : NULL;
#else
	(void)n;
	return NULL;
#endif
}
