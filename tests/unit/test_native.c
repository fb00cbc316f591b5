// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What stays on the perf path, or goes back to it: the tool sees what it would have seen without upshift. */
#include "tool.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>

#include "kernel.h"

static void a_kernel_without_multi_links_gets_perf_events(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_1);
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int event = expect_fd(tool_open_at(0x100));

	assert_int_equal(fake_kind_of(event), FAKE_PERF);
	expect_fd(tool_link(event, prog, 5));
	expect_probe(false, 0x100);
	assert_int_equal(only_probe().cookie, 5);
	assert_int_equal(tool_attach_ioctl(1, prog), 0);
	expect_probes(0, 2);
}

/** What upshift calls on the perf path: as the tool asked for it. */
static void expect_native(const struct tool_uprobe *uprobe, uint64_t cookie)
{
	const struct fake_probe probe = only_probe();

	expect_probe(false, uprobe->offset);
	assert_int_equal(probe.ref_ctr_offset, uprobe->ref_ctr_offset);
	assert_int_equal(probe.retprobe, uprobe->retprobe);
	assert_int_equal(probe.cookie, cookie);
	assert_int_equal(probe.attach_type, 0);
	expect_safe();
}

static void a_refused_link_becomes_a_perf_link(void **state)
{
	const struct tool_uprobe uprobe = { .offset = 0x100, .ref_ctr_offset = 2, .retprobe = true };

	(void)state;
	tool_start(&fake_linux_6_18);
	fake_features.multi_errno = EINVAL;
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int event = expect_fd(tool_open_uprobe(&uprobe));
	int link = expect_fd(tool_link(event, prog, 77));

	assert_int_equal(fake_kind_of(event), FAKE_PERF);
	assert_true(fake_fd_is_cloexec(event));
	expect_native(&uprobe, 77);
	assert_int_equal(tool_link(event, prog, 0), -EEXIST);
	assert_int_equal(tool_close(link), 0);
	expect_probes(0, 0);
	expect_fd(tool_link(event, prog, 78));
	expect_native(&uprobe, 78);
}

static void a_refused_link_becomes_a_perf_event_with_a_program(void **state)
{
	const struct tool_uprobe uprobe = { .offset = 0x100, .keep_on_exec = true };

	(void)state;
	tool_start(&fake_linux_6_18);
	fake_features.multi_errno = ENOMEM;
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int event = expect_fd(tool_open_uprobe(&uprobe));

	assert_int_equal(tool_set_bpf(event, prog), 0);
	expect_native(&uprobe, 0);
	assert_false(fake_fd_is_cloexec(event));
	assert_int_equal(tool_set_bpf(event, prog), -EEXIST);
	assert_int_equal(tool_close(event), 0);
	expect_probes(0, 0);
}

static void a_late_perf_event_is_on_the_file_of_its_time(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	fake_features.multi_errno = EINVAL;
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int event = expect_fd(tool_open_at(0));

	fake_replace_target(FAKE_TARGET);
	assert_int_equal(tool_set_bpf(event, prog), 0);
	assert_true(only_probe().replaced);
}

/* ---- what only a perf event can do --------------------------------------------------------------- */

static void another_ioctl_makes_it_native(void **state)
{
	(void)state;
	tool_start_with_program(&fake_linux_6_18);
	int event = expect_fd(tool_open_at(0));

	assert_int_equal(tool_ioctl(event, PERF_EVENT_IOC_RESET, 0), 0);
	assert_int_equal(fake_kind_of(event), FAKE_PERF);
	expect_fd(tool_link(event, expect_fd(tool_load_simple(RETURN_0)), 0));
	expect_probes(0, 1);
}

/** It may be meant to count from now on. */
static void enabling_first_makes_it_native(void **state)
{
	(void)state;
	tool_start_with_program(&fake_linux_6_18);
	int event = expect_fd(tool_open_at(0));

	assert_int_equal(tool_ioctl(event, PERF_EVENT_IOC_ENABLE, 0), 0);
	assert_int_equal(fake_kind_of(event), FAKE_PERF);
}

static void setting_file_flags_makes_it_native(void **state)
{
	(void)state;
	tool_start_with_program(&fake_linux_6_18);
	int event = expect_fd(tool_open_at(0));

	assert_int_equal(tool_fcntl(event, F_SETFL, 0), 0);
	assert_int_equal(fake_kind_of(event), FAKE_PERF);
}

static void another_event_in_its_group_makes_it_native(void **state)
{
	const struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE, .size = sizeof(attr) };

	(void)state;
	tool_start_with_program(&fake_linux_6_18);
	int event = expect_fd(tool_open_at(0));

	expect_fd(tool_perf_event_open(&attr, -1, 0, event, 0));
	assert_int_equal(fake_kind_of(event), FAKE_PERF);
}

static void output_of_another_event_makes_it_native(void **state)
{
	(void)state;
	tool_start_with_program(&fake_linux_6_18);
	int event = expect_fd(tool_open_at(0));
	int other = expect_fd(tool_open_tracepoint());

	assert_int_equal(tool_ioctl(other, PERF_EVENT_IOC_SET_OUTPUT, event), 0);
	assert_int_equal(fake_kind_of(event), FAKE_PERF);
}

static void a_query_makes_it_native(void **state)
{
	(void)state;
	tool_start_with_program(&fake_linux_6_18);
	int event = expect_fd(tool_open_at(0));
	const union bpf_attr attr = { .task_fd_query = { .pid = (uint32_t)sys_getpid(),
							 .fd = (uint32_t)event } };

	tool_bpf(BPF_TASK_FD_QUERY, &attr, sizeof(attr.task_fd_query));
	assert_int_equal(fake_kind_of(event), FAKE_PERF);
}

static void an_event_that_samples_is_native_at_once(void **state)
{
	struct perf_event_attr attr = { .type = 9,
					.size = sizeof(attr),
					.uprobe_path = ptr_to_u64(FAKE_TARGET),
					.sample_type = PERF_SAMPLE_IP };

	(void)state;
	tool_start_with_program(&fake_linux_6_18);
	int event = expect_fd(tool_perf_event_open(&attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC));

	assert_int_equal(fake_kind_of(event), FAKE_PERF);
	assert_int_equal(tool_set_bpf(event, expect_fd(tool_load_simple(RETURN_0))), 0);
	expect_probes(0, 1);
	attr.sample_type = 0;
	attr.inherit = 1;
	assert_int_equal(
		fake_kind_of(expect_fd(tool_perf_event_open(&attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC))),
		FAKE_PERF);
	attr.inherit = 0;
	assert_int_equal(
		fake_kind_of(expect_fd(tool_perf_event_open(&attr, -1, 3, -1, PERF_FLAG_FD_CLOEXEC))),
		FAKE_PERF);
	assert_int_equal(
		fake_kind_of(expect_fd(tool_perf_event_open(&attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC))),
		FAKE_PATH);
	/* and one that outlives exec() */
	assert_int_equal(fake_kind_of(expect_fd(tool_perf_event_open(&attr, -1, 0, -1, 0))), FAKE_PERF);
}

/* ---- errors -------------------------------------------------------------------------------------- */

static char too_long[5000];

struct case_of_error {
	const char *name;
	struct tool_uprobe uprobe;
	int prog_fd; /* in place of a good one, if not 0 */
	int perf_errno;
	int answers[2]; /* of LINK_CREATE and SET_BPF on events of their own; of the open, where that fails */
};

static long answer(const struct case_of_error *c, bool by_link)
{
	long prog = c->prog_fd ? c->prog_fd : tool_load_simple(RETURN_0);
	long event, result;

	fake_features.perf_errno = c->perf_errno;
	event = tool_open_uprobe(&c->uprobe);
	if (event < 0)
		return event;
	result = by_link ? tool_link((int)event, (int)prog, 0) : tool_set_bpf((int)event, (int)prog);
	return result < 0 ? result : 0;
}

static void errors_are_the_kernels_own(void **state)
{
	static struct case_of_error cases[] = {
		{ .name = "no file", .uprobe = { .path = "/none" } },
		{ .name = "empty path", .uprobe = { .path = "" } },
		{ .name = "long path", .uprobe = { .path = too_long } },
		{ .name = "directory", .uprobe = { .path = "/" } },
		{ .name = "file on procfs", .uprobe = { .path = "/proc/version" } },
		{ .name = "offset at the end", .uprobe = { .offset = FAKE_TARGET_SIZE } },
		{ .name = "odd ref_ctr", .uprobe = { .ref_ctr_offset = 1 } },
		{ .name = "no such process", .uprobe = { .pid = 424242 } },
		{ .name = "no program", .prog_fd = 900 },
		{ .name = "no program there", .prog_fd = 1 },
		{ .name = "no file, no right", .uprobe = { .path = "/none" }, .perf_errno = EACCES },
	};
	const size_t cnt = sizeof(cases) / sizeof(cases[0]);

	(void)state;
	memset(too_long, 'x', sizeof(too_long) - 1);
	tool_start_without(&fake_linux_6_18);
	for (size_t i = 0; i < cnt; i++)
		for (int by_link = 0; by_link < 2; by_link++)
			cases[i].answers[by_link] = (int)answer(&cases[i], by_link);
	tool_start(&fake_linux_6_18);
	for (size_t i = 0; i < cnt; i++)
		for (int by_link = 0; by_link < 2; by_link++) {
			long with = answer(&cases[i], by_link);

			if (with != cases[i].answers[by_link] || with == 0)
				fail_msg("%s: %ld with upshift, %d without", cases[i].name, with,
					 cases[i].answers[by_link]);
		}
	expect_probes(0, 0);
}

static void flags_of_a_link_are_the_kernels_to_refuse(void **state)
{
	(void)state;
	tool_start_with_program(&fake_linux_6_18);
	const struct uapi_link_create attr = {
		.prog_fd = (uint32_t)expect_fd(tool_load_simple(RETURN_0)),
		.target_fd = (uint32_t)expect_fd(tool_open_at(0)),
		.attach_type = BPF_PERF_EVENT,
		.flags = 1,
	};

	assert_int_equal(tool_bpf(BPF_LINK_CREATE, &attr, sizeof(attr)), -EINVAL);
	expect_probes(0, 0);
}

static void an_error_of_going_native_reaches_the_tool(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	fake_features.multi_errno = EPERM;
	fake_features.perf_errno = EACCES;
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int event = expect_fd(tool_open_at(0));

	assert_int_equal(tool_link(event, prog, 0), -EACCES);
	assert_int_equal(tool_set_bpf(event, prog), -EACCES);
	fake_features.perf_errno = 0;
	assert_int_equal(tool_set_bpf(event, prog), 0);
	expect_probes(0, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kernel_without_multi_links_gets_perf_events),
		cmocka_unit_test(a_refused_link_becomes_a_perf_link),
		cmocka_unit_test(a_refused_link_becomes_a_perf_event_with_a_program),
		cmocka_unit_test(a_late_perf_event_is_on_the_file_of_its_time),
		cmocka_unit_test(another_ioctl_makes_it_native),
		cmocka_unit_test(enabling_first_makes_it_native),
		cmocka_unit_test(setting_file_flags_makes_it_native),
		cmocka_unit_test(another_event_in_its_group_makes_it_native),
		cmocka_unit_test(output_of_another_event_makes_it_native),
		cmocka_unit_test(a_query_makes_it_native),
		cmocka_unit_test(an_event_that_samples_is_native_at_once),
		cmocka_unit_test(errors_are_the_kernels_own),
		cmocka_unit_test(flags_of_a_link_are_the_kernels_to_refuse),
		cmocka_unit_test(an_error_of_going_native_reaches_the_tool),
	};

	return RUN_ISOLATED("native", tests);
}
