// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* R8 and R9: what does not concern upshift reaches the kernel bit for bit, with all six arguments. */
#include "tool.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>

#include "bpf.h"
#include "engine.h"
#include "kernel.h"

/** Was the last call this very one? */
static void expect_last_call(long nr, const long args[6], const void *attr, size_t size)
{
	const struct fake_call *calls;
	unsigned int cnt;

	calls = fake_calls(&cnt);
	assert_true(cnt > 0);
	assert_int_equal(calls[cnt - 1].nr, nr);
	assert_memory_equal(calls[cnt - 1].args, args, 6 * sizeof(long));
	assert_memory_equal(calls[cnt - 1].attr, attr, size);
}

/** Makes a bpf call, and expects the kernel to see exactly that, alone, and its answer to come back. */
static long expect_untouched(long cmd, const void *attr, unsigned int size)
{
	const long args[6] = { cmd, (long)attr, size, 0x1111, 0x2222, 0x3333 };
	unsigned char before[256];
	const struct fake_call *calls;
	unsigned int cnt;
	long result;

	assert_true(size <= sizeof(before));
	memcpy(before, attr, size);
	fake_forget_calls();
	result = engine_bpf(args[0], args[1], args[2], args[3], args[4], args[5]);
	expect_last_call(SYS_bpf, args, attr, size < 160 ? size : 160);
	assert_memory_equal(before, attr, size);
	calls = fake_calls(&cnt);
	assert_int_equal(cnt, 1);
	assert_int_equal(result, calls[0].result);
	return result;
}

/* ---- R8 ------------------------------------------------------------------------------------------ */

/* As libbpf asks whether there are multi links, and whether their pid filter is right. */
static void r8_the_probes_for_multi_links(void **state)
{
	const uint64_t offset = 0;
	struct tool_program program = tool_simple(RETURN_0);
	struct uapi_link_create attr = {
		.attach_type = UAPI_BPF_TRACE_UPROBE_MULTI,
		.uprobe_multi = { .path = ptr_to_u64("/"), .offsets = ptr_to_u64(&offset), .cnt = 1 },
	};

	(void)state;
	tool_start(&fake_linux_6_18);
	program.expected_attach_type = UAPI_BPF_TRACE_UPROBE_MULTI;
	attr.prog_fd = (uint32_t)expect_fd(tool_load(&program));
	assert_int_equal(expect_untouched(BPF_LINK_CREATE, &attr, sizeof(attr)), -EBADF);
	attr.uprobe_multi.pid = (uint32_t)-1;
	assert_int_equal(expect_untouched(BPF_LINK_CREATE, &attr, sizeof(attr)), -EINVAL);
}

/* As libbpf asks whether there are perf links: a program that fits, and no event. */
static void r8_the_probe_for_perf_links(void **state)
{
	struct uapi_link_create attr = { .target_fd = (uint32_t)-1, .attach_type = BPF_PERF_EVENT };

	(void)state;
	tool_start(&fake_linux_6_18);
	attr.prog_fd = (uint32_t)expect_fd(tool_load_simple(RETURN_0));
	fake_forget_calls();
	const long args[6] = { BPF_LINK_CREATE, (long)&attr, sizeof(attr), 7, 8, 9 };

	assert_int_equal(engine_bpf(args[0], args[1], args[2], 7, 8, 9), -EBADF);
	expect_last_call(SYS_bpf, args, &attr, sizeof(attr));
}

static void r8_links_of_other_kinds(void **state)
{
	struct tool_program program = tool_simple(RETURN_0);
	struct uapi_link_create attr = { .attach_type = UAPI_BPF_TRACE_KPROBE_MULTI,
					 .kprobe_multi = { .syms = 8, .cnt = 1 } };

	(void)state;
	tool_start(&fake_linux_6_18);
	program.expected_attach_type = UAPI_BPF_TRACE_KPROBE_MULTI;
	attr.prog_fd = (uint32_t)expect_fd(tool_load(&program));
	assert_int_equal(expect_untouched(BPF_LINK_CREATE, &attr, sizeof(attr)), -EFAULT);
}

static void r8_a_real_multi_link_of_the_tools_own(void **state)
{
	const uint64_t offsets[] = { 1, 2, 3 };
	struct tool_program program = tool_simple(RETURN_0);
	struct uapi_link_create attr = {
		.attach_type = UAPI_BPF_TRACE_UPROBE_MULTI,
		.uprobe_multi = { .path = ptr_to_u64(FAKE_TARGET), .offsets = ptr_to_u64(offsets), .cnt = 3 },
	};

	(void)state;
	tool_start(&fake_linux_6_18);
	program.expected_attach_type = UAPI_BPF_TRACE_UPROBE_MULTI;
	attr.prog_fd = (uint32_t)expect_fd(tool_load(&program));
	expect_fd(expect_untouched(BPF_LINK_CREATE, &attr, sizeof(attr)));
	expect_probes(3, 0);
}

/** Even where a section of that name is eligible. */
static void r8_loads_of_other_types(void **state)
{
	const struct tool_program program = tool_simple(RETURN_0);
	struct uapi_prog_load attr = tool_load_attr(&program);

	(void)state;
	tool_start(&fake_linux_6_18);
	hints_set_load(&tool_eligible);
	attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	expect_untouched(BPF_PROG_LOAD, &attr, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_TRACEPOINT;
	expect_untouched(BPF_PROG_LOAD, &attr, BPF_ATTR_END(struct uapi_prog_load, prog_name));
	hints_set_load(NULL);
}

static void commands_that_do_not_concern_us(void **state)
{
	const union bpf_attr attr = { .map_fd = 1, .key = 2, .value = 3 };
	const int commands[] = { BPF_MAP_LOOKUP_ELEM, BPF_LINK_UPDATE, BPF_TASK_FD_QUERY, 35, 99, 0xffff };

	(void)state;
	tool_start(&fake_linux_6_18);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		expect_untouched(commands[i], &attr, sizeof(attr));
}

static void bad_pointers_are_the_kernels_to_refuse(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	assert_int_equal(engine_bpf(BPF_PROG_LOAD, 0, 0, 0, 0, 0), -EINVAL);
	assert_int_equal(engine_bpf(BPF_LINK_CREATE, 0, 64, 0, 0, 0), -EFAULT);
	assert_int_equal(engine_perf_event_open(0, -1, 0, -1, 0), -EFAULT);
}

static void perf_events_of_other_kinds(void **state)
{
	const struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE, .size = sizeof(attr) };
	const long args[6] = { (long)&attr, 1, 2, -1, 8, 0 };

	(void)state;
	tool_start(&fake_linux_6_18);
	fake_add_task(1, 1);
	expect_fd(engine_perf_event_open((long)&attr, 1, 2, -1, 8));
	expect_last_call(SYS_perf_event_open, args, &attr, 0);
}

/* ---- R9 ------------------------------------------------------------------------------------------ */

static const long common = UAPI_BPF_COMMON_ATTRS;

static void r9_a_load_with_common_attributes(void **state)
{
	const struct tool_program program = tool_simple(RETURN_0);
	const struct uapi_prog_load attr = tool_load_attr(&program);
	const struct fake_call *calls;
	unsigned int cnt, loads = 0;

	(void)state;
	tool_start(&fake_linux_6_18);
	hints_set_load(&tool_eligible);
	expect_fd(tool_load(&program)); /* the kernel's features are known from here on */
	fake_forget_calls();
	long prog = engine_bpf(BPF_PROG_LOAD | common, (long)&attr, sizeof(attr), 0x100, 0x20, 0x3);

	hints_set_load(NULL);
	assert_int_equal(fake_attach_type_of(expect_fd(prog)), UAPI_BPF_TRACE_UPROBE_MULTI);
	calls = fake_calls(&cnt);
	for (unsigned int i = 0; i < cnt; i++) {
		if (calls[i].nr != SYS_bpf || calls[i].args[0] != (BPF_PROG_LOAD | common))
			continue;
		loads++;
		assert_int_equal(calls[i].args[3], 0x100);
		assert_int_equal(calls[i].args[4], 0x20);
		assert_int_equal(calls[i].args[5], 0x3);
	}
	assert_int_equal(loads, 1);
}

static void r9_a_link_with_common_attributes(void **state)
{
	(void)state;
	tool_start_with_program(&fake_linux_6_18);
	struct uapi_link_create attr = {
		.prog_fd = (uint32_t)expect_fd(tool_load_simple(RETURN_0)),
		.target_fd = (uint32_t)expect_fd(tool_open_at(0)),
		.attach_type = BPF_PERF_EVENT,
	};

	expect_fd(engine_bpf(BPF_LINK_CREATE | common, (long)&attr, sizeof(attr), 1, 2, 3));
	expect_probe(true, 0);

	/* on the perf path too */
	const long args[6] = { BPF_LINK_CREATE | common, (long)&attr, sizeof(attr), 1, 2, 3 };

	fake_features.multi_errno = EINVAL;
	attr.target_fd = (uint32_t)expect_fd(tool_open_at(1));
	fake_forget_calls();
	expect_fd(engine_bpf(args[0], args[1], args[2], 1, 2, 3));
	expect_probes(1, 1);
	/* once for the multi link, which is asked for with the same flags, and once as the tool made the call
	 */
	assert_int_equal(fake_calls_of(SYS_bpf, args[0]), 2);
}

static void r9_maps_with_common_attributes(void **state)
{
	const union bpf_attr create = { .map_type = BPF_MAP_TYPE_PROG_ARRAY };
	uint32_t key = 0;
	int prog;
	union bpf_attr update = { .key = ptr_to_u64(&key), .value = ptr_to_u64(&prog) };

	(void)state;
	tool_start_with_program(&fake_linux_6_18);
	prog = expect_fd(tool_load_simple(RETURN_0));
	update.map_fd =
		(uint32_t)expect_fd(expect_untouched(BPF_MAP_CREATE | common, &create, sizeof(create)));
	assert_int_equal(engine_bpf(BPF_MAP_UPDATE_ELEM | common, (long)&update, sizeof(update), 1, 2, 3), 0);
	expect_fd(tool_attach_link(0, prog, 0));
	expect_probes(0, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r8_the_probes_for_multi_links),
		cmocka_unit_test(r8_the_probe_for_perf_links),
		cmocka_unit_test(r8_links_of_other_kinds),
		cmocka_unit_test(r8_a_real_multi_link_of_the_tools_own),
		cmocka_unit_test(r8_loads_of_other_types),
		cmocka_unit_test(commands_that_do_not_concern_us),
		cmocka_unit_test(bad_pointers_are_the_kernels_to_refuse),
		cmocka_unit_test(perf_events_of_other_kinds),
		cmocka_unit_test(r9_a_load_with_common_attributes),
		cmocka_unit_test(r9_a_link_with_common_attributes),
		cmocka_unit_test(r9_maps_with_common_attributes),
	};

	return RUN_ISOLATED("passes through", tests);
}
