// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The report's lines of detaches: one for each, in time, and with its duration. */
#include "detach_tool.h"

#include <string.h>

#include "engine.h"

static unsigned int lines_of(const char *event)
{
	return times_in(fake_file_content("/report"), event);
}

static void a_line_for_each_detach(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	config.report = "/report";
	int first = link_at(0x123), second = link_at(0);

	tool_close(first);
	tool_close(second);
	tool_bpf(BPF_PROG_GET_NEXT_ID, NULL, 0);
	assert_int_equal(lines_of(DETACHES), 2);
	assert_int_equal(lines_of(DETACHES ",\"command\""), 2);
	assert_int_equal(lines_of("\"target\":\"" FAKE_TARGET "\",\"offset\":291,"), 2); /* and the attach */
	engine_exit();
	assert_int_equal(lines_of("\"detaches\":2"), 1);
}

static void with_its_duration(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	config.report = "/report";
	tool_close(link_at(0));
	tool_bpf(BPF_PROG_GET_NEXT_ID, NULL, 0);
	assert_int_equal(lines_of("\"duration_us\":30050"), 1); /* the close itself, of a closer or not */
	fake_limit_threads(0);
	tool_close(link_at(0));
	assert_int_equal(lines_of("\"duration_us\":30050"), 2);
}

static void complete_at_exit(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	config.report = "/report";
	int closed = link_at(1);

	link_at(2);
	link_at(3);
	tool_close(closed);
	engine_exit();
	assert_int_equal(lines_of(DETACHES), 3);
	assert_int_equal(lines_of("\"detaches\":3"), 1);
}

/** Nobody has to wait for it any more, but for the line. */
static void a_detach_that_nobody_waited_for_is_reported_too(enum detach_mode mode)
{
	start_detaching(mode);
	config.report = "/report";
	int link = link_at(1);

	tool_close(link);
	fake_sleep_ms(100);
	/* before the line of a new attach, maybe to the same event */
	expect_fd(tool_attach_link(2, prog, 0));
	assert_int_equal(lines_of(DETACHES), 1);
	assert_true(strstr(fake_file_content("/report"), DETACHES) <
		    strstr(fake_file_content("/report"), "\"offset\":2,"));
}

static void a_detach_long_ago_is_reported_in_time(void **state)
{
	(void)state;
	a_detach_that_nobody_waited_for_is_reported_too(DETACH_AUTO);
}

static void so_is_one_that_is_not_waited_for(void **state)
{
	(void)state;
	a_detach_that_nobody_waited_for_is_reported_too(DETACH_ASYNC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_for_each_detach),
		cmocka_unit_test(with_its_duration),
		cmocka_unit_test(complete_at_exit),
		cmocka_unit_test(a_detach_long_ago_is_reported_in_time),
		cmocka_unit_test(so_is_one_that_is_not_waited_for),
	};

	return RUN_ISOLATED("detach-report", tests);
}
