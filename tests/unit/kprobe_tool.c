// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "kprobe_tool.h"

#include <linux/perf_event.h>

#include "config.h"
#include "kernel.h"

int start_with_kprobes(const struct fake_features *features)
{
	tool_start(features);
	config.kprobes = true;
	return (int)expect_fd(tool_load_simple(RETURN_0));
}

long open_kprobe(const struct tool_kprobe *kprobe)
{
	const pid_t pid = kprobe->pid ? kprobe->pid : -1;
	const struct perf_event_attr attr = {
		.type = (uint32_t)fake_features.kprobe_pmu_type,
		.size = sizeof(attr),
		.config = kprobe->retprobe,
		.kprobe_func = ptr_to_u64(kprobe->function),
		.probe_offset = kprobe->offset,
	};

	return tool_perf_event_open(&attr, pid, pid == -1 ? 0 : -1, -1, PERF_FLAG_FD_CLOEXEC);
}

long open_kprobe_of(const char *function)
{
	const struct tool_kprobe kprobe = { .function = function };

	return open_kprobe(&kprobe);
}

long attach_kprobe(const struct tool_kprobe *kprobe, int prog, uint64_t cookie)
{
	return tool_link(expect_fd(open_kprobe(kprobe)), prog, cookie);
}

void expect_kprobe(bool multi)
{
	assert_true(only_probe().kprobe);
	assert_int_equal(only_probe().multi, multi);
	assert_int_equal(only_probe().offset, FAKE_FUNCTION_ADDRESS);
	assert_int_equal(only_probe().attach_type, multi ? UAPI_BPF_TRACE_KPROBE_MULTI : 0);
	expect_safe();
}
