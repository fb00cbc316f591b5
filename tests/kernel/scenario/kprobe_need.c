// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Programs that look at registers of any sort, or at the kernel's stack. */
#include "kprobe.h"
#include "kprobe_stays.skel.h"

static struct kprobe_stays_bpf *load(void)
{
	struct kprobe_stays_bpf *skel;

	need_kprobes();
	skel = kprobe_stays_bpf__open_and_load();
	if (!skel)
		die("cannot load");
	kprobe_name_functions(skel->bss->traced);
	return skel;
}

static void finish(struct kprobe_stays_bpf *skel)
{
	say_hits(bpf_map__fd(skel->maps.hits));
	kprobe_stays_bpf__destroy(skel);
}

static void trace_with(struct bpf_program *(*choose)(struct kprobe_stays_bpf *), bool retprobe)
{
	struct kprobe_stays_bpf *skel = load();
	struct bpf_link *link;

	link = attach_kernel(choose(skel), F_MAX, .bpf_cookie = 1, .retprobe = retprobe);
	kernel_call(F_MAX, 3);
	say_links();
	destroy(link);
	kernel_call(F_MAX, 1);
	finish(skel);
}

#define SCENARIO(name, program, retprobe)                                       \
	static struct bpf_program *choose_##name(struct kprobe_stays_bpf *skel) \
	{                                                                       \
		return skel->progs.program;                                     \
	}                                                                       \
	static void name(void)                                                  \
	{                                                                       \
		trace_with(choose_##name, retprobe);                            \
	}

SCENARIO(kept_register, reads_kept, false)
SCENARIO(scratch_register, reads_scratch, false)
SCENARIO(flags, reads_flags, false)
SCENARIO(instruction_pointer, reads_ip, false)
SCENARIO(return_beside_stack, leave, true)
SCENARIO(hands_over, hands_over, false)
SCENARIO(stack, takes_stack, false)
SCENARIO(stack_id, takes_stack_id, true)
SCENARIO(user_stack, takes_user_stack, false)

const struct scenario kprobe_need_scenarios[] = {
	{ "kprobe-kept-register", kept_register },
	{ "kprobe-scratch-register", scratch_register },
	{ "kprobe-flags", flags },
	{ "kprobe-instruction-pointer", instruction_pointer },
	{ "kprobe-return-beside-stack", return_beside_stack },
	{ "kprobe-hands-over", hands_over },
	{ "kprobe-stack", stack },
	{ "kprobe-stack-id", stack_id },
	{ "kprobe-user-stack", user_stack },
	{},
};
