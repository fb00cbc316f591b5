// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What is attached for one process: R11 keeps it on perf, and with UPSHIFT_PID=multi there is R5: perf's pid
 * and the link's mean different things.
 */
#include "tool.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "engine.h"
#include "kernel.h"
#include "token_tool.h"

enum { PROCESS = 30000, THREAD = 30001, LATER_PROCESS = 30002 };

static void start_multi(const struct fake_features *features)
{
	tool_start(features);
	config.pid_multi = true;
}

/** The pid that the kernel was given for an uprobe that the tool wants for this one; multi or not. */
static int given_pid(pid_t pid, bool multi)
{
	const struct tool_uprobe uprobe = { .offset = 8, .pid = pid };
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int link = expect_fd(tool_link(expect_fd(tool_open_uprobe(&uprobe)), prog, 0));
	int given = only_probe().pid;

	expect_probe(multi, 8);
	assert_int_equal(tool_close(link), 0);
	return given;
}

static void every_form_on_a_link(void **state)
{
	(void)state;
	start_multi(&fake_linux_6_18);
	fake_add_task(PROCESS, PROCESS);
	fake_add_task(THREAD, PROCESS);
	assert_int_equal(given_pid(-1, true), 0);
	assert_int_equal(given_pid(TOOL_SELF, true), getpid());
	assert_int_equal(given_pid(getpid(), true), getpid());
	assert_int_equal(given_pid(PROCESS, true), PROCESS);
	/* A link would refuse a thread's id; a perf event takes it for its process. */
	assert_int_equal(given_pid(THREAD, true), PROCESS);
	expect_safe();
}

static void every_form_on_a_perf_event(void **state)
{
	(void)state;
	start_multi(&fake_linux_6_18);
	fake_features.multi_errno = EINVAL;
	fake_add_task(PROCESS, PROCESS);
	fake_add_task(THREAD, PROCESS);
	assert_int_equal(given_pid(-1, false), -1);
	assert_int_equal(given_pid(TOOL_SELF, false), 0);
	assert_int_equal(given_pid(PROCESS, false), PROCESS);
	assert_int_equal(given_pid(THREAD, false), THREAD);
	expect_safe();
}

/** A link would look at memory that is gone, and see nothing. */
static void a_process_without_its_first_thread_stays_on_perf(void **state)
{
	(void)state;
	start_multi(&fake_linux_6_18);
	fake_add_zombie(PROCESS, PROCESS);
	fake_add_task(THREAD, PROCESS);
	assert_int_equal(given_pid(THREAD, false), THREAD);
	assert_int_equal(given_pid(PROCESS, false), PROCESS);
	expect_safe();
}

static void a_kernel_that_filters_threads_gets_no_link(void **state)
{
	(void)state;
	start_multi(&fake_linux_6_6);
	fake_add_task(PROCESS, PROCESS);
	assert_int_equal(given_pid(PROCESS, false), PROCESS);
	assert_int_equal(given_pid(TOOL_SELF, false), 0);
	assert_int_equal(given_pid(-1, false), -1);
	expect_safe();
}

/** Its numbers are those of other processes: only the kernel knows which process is meant. */
static void the_proc_of_another_pid_namespace_is_not_asked(void **state)
{
	(void)state;
	start_multi(&fake_linux_6_18);
	fake_add_task(PROCESS, PROCESS);
	fake_add_file("/proc/self", "1");
	assert_int_equal(given_pid(PROCESS, false), PROCESS);
	assert_int_equal(given_pid(TOOL_SELF, true), getpid());
	expect_safe();
}

static void without_procfs_the_kernel_is_asked(void **state)
{
	(void)state;
	start_multi(&fake_linux_6_18);
	fake_add_task(PROCESS, PROCESS);
	fake_remove_file("/proc/30000/status");
	assert_int_equal(given_pid(PROCESS, false), PROCESS);
	expect_safe();
}

static void a_process_that_is_not_there_is_the_kernels_to_miss(void **state)
{
	const struct tool_uprobe uprobe = { .pid = LATER_PROCESS };

	(void)state;
	tool_start_with_program(&fake_linux_6_18);
	assert_int_equal(tool_open_uprobe(&uprobe), -ESRCH);
}

static void a_pid_that_is_no_pid_is_the_kernels_to_refuse(void **state)
{
	const struct tool_uprobe uprobe = { .pid = -7 };
	long without, with;

	(void)state;
	tool_start_without(&fake_linux_6_18);
	without = tool_open_uprobe(&uprobe);
	tool_start_with_program(&fake_linux_6_18);
	with = tool_open_uprobe(&uprobe);
	assert_int_equal(fake_calls_of(SYS_perf_event_open, -1), 1);
	assert_int_equal(with, without);
}

/* ---- R11 ----------------------------------------------------------------------------------------- */

static const pid_t one_process[] = { TOOL_SELF, PROCESS, THREAD };

static void start_r11(const struct fake_features *features)
{
	tool_start(features);
	fake_add_task(PROCESS, PROCESS);
	fake_add_task(THREAD, PROCESS);
}

static void r11_stays_on_perf_in_every_form(void **state)
{
	(void)state;
	start_r11(&fake_linux_6_18);
	assert_int_equal(given_pid(-1, true), 0);
	assert_int_equal(given_pid(TOOL_SELF, false), 0);
	assert_int_equal(given_pid(getpid(), false), getpid());
	assert_int_equal(given_pid(PROCESS, false), PROCESS);
	assert_int_equal(given_pid(THREAD, false), THREAD);
	expect_safe();
}

/** By link and by ioctl, libbpf's own events and others, with a program that was loaded for links. */
static void r11_stays_on_perf_in_every_way(void **state)
{
	const struct attach_hint by_libbpf = { .by_libbpf = true };

	(void)state;
	start_r11(&fake_linux_6_18);
	int prog = expect_fd(tool_load_hinted(RETURN_0));

	for (size_t i = 0; i < TEST_CNT(one_process); i++) {
		const struct tool_uprobe uprobe = { .pid = one_process[i], .retprobe = i % 2 };

		hints_set_attach(&by_libbpf);
		expect_fd(tool_link(expect_fd(tool_open_uprobe(&uprobe)), prog, i));
		hints_set_attach(NULL);
		assert_int_equal(tool_set_bpf(expect_fd(tool_open_uprobe(&uprobe)), prog), 0);
	}
	expect_probes(0, 2 * TEST_CNT(one_process));
	expect_safe();
}

/** From the start: what can be done with a perf event can be done with it. */
static void r11_the_event_is_real(void **state)
{
	const struct tool_uprobe uprobe = { .pid = PROCESS };

	(void)state;
	start_r11(&fake_linux_6_18);
	expect_fd(tool_load_simple(RETURN_0));
	expect_fd(tool_open_uprobe(&uprobe)); /* the PMU's type is known from here on */
	fake_forget_calls();
	assert_int_equal(fake_kind_of(expect_fd(tool_open_uprobe(&uprobe))), FAKE_PERF);
	assert_int_equal(fake_calls_of(SYS_perf_event_open, -1), 1);
	assert_int_equal(fake_calls_of(SYS_openat, -1), 0);
}

static void r11_require_does_not_object(void **state)
{
	(void)state;
	start_r11(&fake_linux_6_18);
	config.require = true;
	assert_int_equal(given_pid(PROCESS, false), PROCESS);
	assert_string_equal(fake_stderr(), "");
}

static void r11_the_report_says_why(void **state)
{
	(void)state;
	start_r11(&fake_linux_6_18);
	config.report = "/report";
	given_pid(PROCESS, false);
	engine_exit();
	assert_non_null(
		strstr(fake_file_content("/report"), "\"path\":\"perf\",\"reason\":\"it is for one process"));
	assert_non_null(strstr(fake_file_content("/report"), "(UPSHIFT_PID)\""));
}

/** A section of many places that an old libbpf was taught, and a link that the tool makes: its own wish. */
static void r11_the_tools_own_links_are_left_alone(void **state)
{
	static const uint64_t offsets[] = { 0x10, 0x20 };
	const struct attach_hint hint = { .offsets = offsets, .cnt = 2, .by_libbpf = true };
	const struct tool_uprobe uprobe = { .pid = PROCESS, .offset = 0x10 };
	struct tool_program program = tool_simple(RETURN_0);

	(void)state;
	start_r11(&fake_linux_6_18);
	program.expected_attach_type = UAPI_BPF_TRACE_UPROBE_MULTI;
	int prog = expect_fd(tool_load(&program));
	const struct uapi_link_create own = {
		.prog_fd = (uint32_t)prog,
		.attach_type = UAPI_BPF_TRACE_UPROBE_MULTI,
		.uprobe_multi = { .path = ptr_to_u64(FAKE_TARGET),
				  .offsets = ptr_to_u64(offsets),
				  .cnt = 2,
				  .pid = PROCESS },
	};

	hints_set_attach(&hint);
	expect_fd(tool_link(expect_fd(tool_open_uprobe(&uprobe)), prog, 0));
	hints_set_attach(NULL);
	expect_fd(tool_bpf(BPF_LINK_CREATE, &own, sizeof(own)));
	expect_probes(4, 0);
	expect_safe();
}

/** There is no perf event to be had: a link is all that there is. */
static void r11_a_token_goes_to_links(void **state)
{
	(void)state;
	tool_start_with_token(&(struct fake_features)TOKEN_FEATURES);
	fake_add_task(PROCESS, PROCESS);
	assert_int_equal(given_pid(PROCESS, true), PROCESS);
	assert_int_equal(given_pid(TOOL_SELF, true), getpid());
	assert_string_equal(fake_stderr(), "");
}

/** Which nobody has tried: the program was loaded by another process. */
static void r11_a_token_is_tried_at_the_attach(void **state)
{
	const struct attach_hint by_libbpf = { .by_libbpf = true };
	const struct tool_uprobe uprobe = { .pid = PROCESS };
	struct fake_features features = TOKEN_FEATURES;

	(void)state;
	features.in_namespace = false;
	tool_start_with_token(&features);
	fake_add_task(PROCESS, PROCESS);
	int prog = expect_fd(tool_load_unseen(RETURN_0, UAPI_BPF_TRACE_UPROBE_MULTI));

	fake_features.in_namespace = true;
	hints_set_attach(&by_libbpf);
	expect_fd(tool_link(expect_fd(tool_open_uprobe(&uprobe)), prog, 0));
	hints_set_attach(NULL);
	expect_probes(1, 0);
}

static void r11_so_does_a_token_of_the_tools_own(void **state)
{
	const struct uapi_token_create create = { .bpffs_fd = 3 };
	const struct tool_uprobe uprobe = { .pid = PROCESS };
	struct tool_program program = tool_simple(RETURN_0);

	(void)state;
	tool_start(&(struct fake_features)TOKEN_FEATURES);
	fake_add_task(PROCESS, PROCESS);
	sys_open(FAKE_BPFFS, O_RDONLY | O_DIRECTORY);
	program.token_fd = (int)tool_bpf(UAPI_BPF_TOKEN_CREATE, &create, sizeof(create));
	int prog = expect_fd(tool_load(&program));

	expect_fd(tool_link(expect_fd(tool_open_uprobe(&uprobe)), prog, 0));
	expect_probes(1, 0);
}

/** Outside of a container UPSHIFT_TOKEN may be set as well, and perf events are there. */
static void r11_without_a_token_to_be_had_perf_it_is(void **state)
{
	(void)state;
	tool_start_with_token(&fake_linux_6_18);
	fake_add_task(PROCESS, PROCESS);
	assert_int_equal(given_pid(PROCESS, false), PROCESS);
	expect_safe();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_on_a_link),
		cmocka_unit_test(every_form_on_a_perf_event),
		cmocka_unit_test(a_process_without_its_first_thread_stays_on_perf),
		cmocka_unit_test(a_kernel_that_filters_threads_gets_no_link),
		cmocka_unit_test(the_proc_of_another_pid_namespace_is_not_asked),
		cmocka_unit_test(without_procfs_the_kernel_is_asked),
		cmocka_unit_test(a_process_that_is_not_there_is_the_kernels_to_miss),
		cmocka_unit_test(a_pid_that_is_no_pid_is_the_kernels_to_refuse),
		cmocka_unit_test(r11_stays_on_perf_in_every_form),
		cmocka_unit_test(r11_stays_on_perf_in_every_way),
		cmocka_unit_test(r11_the_event_is_real),
		cmocka_unit_test(r11_require_does_not_object),
		cmocka_unit_test(r11_the_report_says_why),
		cmocka_unit_test(r11_the_tools_own_links_are_left_alone),
		cmocka_unit_test(r11_a_token_goes_to_links),
		cmocka_unit_test(r11_a_token_is_tried_at_the_attach),
		cmocka_unit_test(r11_so_does_a_token_of_the_tools_own),
		cmocka_unit_test(r11_without_a_token_to_be_had_perf_it_is),
	};

	return RUN_ISOLATED("pid", tests);
}
