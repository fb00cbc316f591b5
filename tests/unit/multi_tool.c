// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "multi_tool.h"

#include "kernel.h"

const uint64_t multi_offsets[PLACES] = { 0x10, 0x20, 0x30 };
const uint64_t multi_ref_ctr_offsets[PLACES] = { 0x100, 0, 0x102 };
const uint64_t multi_cookies[PLACES] = { 7, 8, 9 };

struct uapi_link_create multi_three_places(int prog)
{
	return (struct uapi_link_create){
		.prog_fd = (uint32_t)prog,
		.attach_type = UAPI_BPF_TRACE_UPROBE_MULTI,
		.uprobe_multi = {
			.path = ptr_to_u64(FAKE_TARGET),
			.offsets = ptr_to_u64(multi_offsets),
			.ref_ctr_offsets = ptr_to_u64(multi_ref_ctr_offsets),
			.cookies = ptr_to_u64(multi_cookies),
			.cnt = PLACES,
		},
	};
}

long multi_create(const struct uapi_link_create *attr)
{
	return tool_bpf(BPF_LINK_CREATE, attr, sizeof(*attr));
}

/** The program of a uprobe.multi section, as libbpf loads it. */
int multi_load(void)
{
	struct tool_program program = tool_simple(RETURN_0);

	program.expected_attach_type = UAPI_BPF_TRACE_UPROBE_MULTI;
	return expect_fd(tool_load(&program));
}

int multi_start(const struct fake_features *features)
{
	tool_start(features);
	fake_add_task(TGID, TGID);
	fake_add_task(THREAD, TGID);
	return multi_load();
}

int multi_attach_three(void)
{
	const int prog = multi_start(&fake_linux_6_1);
	const struct uapi_link_create attr = multi_three_places(prog);

	return expect_fd(multi_create(&attr));
}

/** By offset: the kernel's order is nobody's business. */
struct fake_probe multi_probe_at(uint64_t offset)
{
	struct fake_probe probes[8];
	unsigned int cnt = fake_probes(probes, 8);

	for (unsigned int i = 0; i < cnt; i++)
		if (probes[i].offset == offset)
			return probes[i];
	fail_msg("nothing is attached at 0x%llx", (unsigned long long)offset);
	return probes[0];
}
