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

/*
 * What two programs at one place find in the registers. The first stays on a perf event; the second is
 * upgraded where a link has all of them.
 */
static void same_registers(void)
{
	struct kprobe_stays_bpf *skel;
	struct bpf_link *links[2];
	size_t i;

	need_kprobes();
	skel = kprobe_stays_bpf__open();
	if (!skel)
		die("cannot open");
	bpf_program__set_expected_attach_type(skel->progs.registers_first, BPF_CGROUP_INET_EGRESS);
	if (kprobe_stays_bpf__load(skel))
		die("cannot load");
	kprobe_name_functions(skel->bss->traced);
	links[0] = attach_kernel(skel->progs.registers_first, F_MAX);
	links[1] = attach_kernel(skel->progs.registers_second, F_MAX);
	kernel_call(F_MAX, 1);
	say_links();
	for (i = 0; i < sizeof(skel->bss->registers[0]) / sizeof(__u64); i++)
		if (skel->bss->registers[0][i] != skel->bss->registers[1][i])
			say("register %zu differs", i);
	destroy(links[0]);
	destroy(links[1]);
	finish(skel);
}

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
	{ "kprobe-same-registers", same_registers },
	{},
};
