// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* UPSHIFT, UPSHIFT_ONLY and UPSHIFT_SKIP at work, and what the report says. */
#include "tool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "engine.h"

static void attach_two(uint64_t offset)
{
	expect_fd(tool_attach_link(offset, expect_fd(tool_load_simple(RETURN_0)), 0));
	assert_int_equal(tool_attach_ioctl(offset, expect_fd(tool_load_hinted(RETURN_0))), 0);
}

/* ---- UPSHIFT_ONLY and UPSHIFT_SKIP --------------------------------------------------------------- */

static void only_by_program(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	config.only = "other:pro*";
	attach_two(0);
	expect_probes(2, 0);
	config.only = "other";
	attach_two(0);
	expect_probes(2, 2);
	expect_safe();
}

static void only_by_target(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	config.only = "/usr/lib/tar*";
	attach_two(0);
	expect_probes(2, 0);
	config.only = "/usr/lib/oth*";
	attach_two(0);
	expect_probes(2, 2);
	expect_safe();
}

static void skip_by_program(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	config.skip = "probe";
	assert_int_equal(fake_attach_type_of(expect_fd(tool_load_hinted(RETURN_0))), 0);
	attach_two(0);
	expect_probes(0, 2);
}

static void skip_by_section(void **state)
{
	const struct load_hint hint = { .program = "probe", .section = "uprobe/x:y", .wish = SECTION_MULTI };
	const struct tool_program program = tool_simple(RETURN_0);

	(void)state;
	tool_start(&fake_linux_6_18);
	config.skip = "uprobe/x:*";
	int prog = expect_fd(tool_load_with_hint(&program, &hint));

	assert_int_equal(fake_attach_type_of(prog), 0);
	expect_fd(tool_attach_link(0, prog, 0));
	expect_probes(0, 1);
}

static void skip_by_target(void **state)
{
	const struct tool_uprobe other = { .path = FAKE_OTHER_TARGET };

	(void)state;
	tool_start(&fake_linux_6_18);
	config.skip = FAKE_TARGET;
	attach_two(0);
	expect_probes(0, 2);
	int prog = expect_fd(tool_load_simple(RETURN_0));

	expect_fd(tool_link(expect_fd(tool_open_uprobe(&other)), prog, 0));
	expect_probes(1, 2);
	expect_safe();
}

static void skip_wins(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	config.only = "probe";
	config.skip = "*";
	attach_two(0);
	expect_probes(0, 2);
}

/** A program whose load was not seen has no name, but its target has. */
static void programs_without_a_name(void **state)
{
	(void)state;
	tool_start_with_program(&fake_linux_6_18);
	int prog = expect_fd(tool_load_unseen(RETURN_0, UAPI_BPF_TRACE_UPROBE_MULTI));

	config.only = "probe";
	assert_int_equal(tool_attach_link(0, prog, 0), -EINVAL);
	config.only = "/usr/*";
	expect_fd(tool_attach_link(0, prog, 0));
	expect_probes(1, 0);
}

/* ---- UPSHIFT=require ----------------------------------------------------------------------------- */

static void require_is_content_with_upgrades(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	config.require = true;
	attach_two(0);
	expect_probes(2, 0);
	assert_string_equal(fake_stderr(), "");
}

static void require_fails_what_cannot_be_upgraded(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	config.require = true;
	fake_features.multi_errno = EACCES;
	int prog = expect_fd(tool_load_simple(RETURN_0));

	assert_int_equal(tool_attach_link(0x99, prog, 0), -EACCES);
	assert_int_equal(tool_attach_ioctl(0, prog), -EACCES);
	assert_non_null(strstr(fake_stderr(), FAKE_TARGET "+0x99"));
	assert_non_null(strstr(fake_stderr(), "EACCES"));
	fake_features.multi_errno = 0;
	assert_true(tool_attach_link(0, expect_fd(tool_load_simple(TAIL_CALL)), 0) < 0);
	expect_probes(0, 0);
}

static void require_fails_on_a_kernel_that_cannot(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_1);
	config.require = true;
	assert_true(tool_attach_ioctl(0, expect_fd(tool_load_simple(RETURN_0))) < 0);
	expect_probes(0, 0);
}

/** What somebody wants on the perf path is no failure of the upgrade. */
static void require_leaves_what_is_wanted(void **state)
{
	const struct attach_hint hint = { .keep_perf = "the caller set attach_mode" };

	(void)state;
	tool_start(&fake_linux_6_18);
	config.require = true;
	int prog = expect_fd(tool_load_simple(RETURN_0));

	hints_set_attach(&hint);
	expect_fd(tool_attach_link(0, prog, 0));
	hints_set_attach(NULL);
	config.skip = "probe";
	expect_fd(tool_attach_link(0, prog, 0));
	expect_probes(0, 2);
}

/* ---- UPSHIFT=off --------------------------------------------------------------------------------- */

static void off_is_off(void **state)
{
	(void)state;
	fake_boot(&fake_linux_6_18);
	setenv("UPSHIFT", "off", 1);
	assert_false(engine_on());
	assert_false(engine_on());
	engine_exit();
	unsigned int cnt;

	fake_calls(&cnt);
	assert_int_equal(cnt, 0);
}

/* ---- the report ---------------------------------------------------------------------------------- */

static void a_line_for_each_decision(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	config.report = "/report";
	int prog = expect_fd(tool_load_hinted(RETURN_0));
	int event = expect_fd(tool_open_at(0x123));
	int link = expect_fd(tool_link(event, prog, 5));

	tool_close(link);
	fake_features.multi_errno = EACCES;
	expect_fd(tool_link(event, prog, 5));
	engine_exit();
	const char *report = fake_file_content("/report");

	assert_non_null(strstr(report, "\"event\":\"load\""));
	assert_non_null(strstr(report, "\"program\":\"probe\",\"section\":\"uprobe\""));
	assert_non_null(strstr(report, "\"target\":\"" FAKE_TARGET "\",\"offset\":291,"));
	assert_non_null(strstr(report, "\"cookie\":5,\"pid\":-1,\"kind\":\"uprobe\""));
	assert_non_null(strstr(report, "\"event\":\"detach\""));
	assert_non_null(strstr(report, "\"path\":\"perf\",\"reason\":\"the kernel refused the multi link"));
	assert_non_null(strstr(report, "\"attaches\":{\"multi\":1,\"perf\":1,\"failed\":0},\"detaches\":1"));
}

/** As for an instruction that it does not trace. */
static void refusals_have_a_name(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	config.report = "/report";
	fake_features.multi_errno = 524;
	int prog = expect_fd(tool_load_hinted(RETURN_0));

	expect_fd(tool_link(expect_fd(tool_open_at(0x123)), prog, 5));
	engine_exit();
	assert_non_null(strstr(fake_file_content("/report"), "refused the multi link: ENOTSUPP\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_by_program),
		cmocka_unit_test(only_by_target),
		cmocka_unit_test(skip_by_program),
		cmocka_unit_test(skip_by_section),
		cmocka_unit_test(skip_by_target),
		cmocka_unit_test(skip_wins),
		cmocka_unit_test(programs_without_a_name),
		cmocka_unit_test(require_is_content_with_upgrades),
		cmocka_unit_test(require_fails_what_cannot_be_upgraded),
		cmocka_unit_test(require_fails_on_a_kernel_that_cannot),
		cmocka_unit_test(require_leaves_what_is_wanted),
		cmocka_unit_test(off_is_off),
		cmocka_unit_test(a_line_for_each_decision),
		cmocka_unit_test(refusals_have_a_name),
	};

	return RUN_ISOLATED("configured", tests);
}
