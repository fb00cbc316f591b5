// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* libbpf's own perf events: one fd is event and link, where libbpf closes both together. */
#include <linux/perf_event.h>

#include "kernel.h"
#include "tool.h"

static int last_event;

/** The link's fd. */
static int attach_by_libbpf(int prog, uint64_t cookie)
{
	const struct attach_hint hint = { .by_libbpf = true };
	const struct attach_hint *before = hints_set_attach(&hint);
	int link;

	last_event = expect_fd(tool_open_at(0x10));
	link = expect_fd(tool_link(last_event, prog, cookie));
	assert_int_equal(tool_ioctl(last_event, PERF_EVENT_IOC_ENABLE, 0), 0);
	hints_set_attach(before);
	return link;
}

static void libbpfs_own_events_are_their_links(void **state)
{
	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18), before = fake_open_fds();
	int link = attach_by_libbpf(prog, 7);

	assert_int_equal(link, last_event);
	assert_int_equal(fake_kind_of(link), FAKE_LINK);
	assert_int_equal(fake_open_fds(), before + 1);
	assert_int_equal(only_probe().cookie, 7);
	assert_int_equal(tool_ioctl(link, PERF_EVENT_IOC_DISABLE, 0), 0);
	assert_int_equal(tool_close(link), 0);
	expect_probes(0, 0);
	assert_int_equal(fake_open_fds(), before);
}

static void other_events_have_two_fds(void **state)
{
	const struct attach_hint hint = { .by_libbpf = true };

	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18), event = expect_fd(tool_open_at(0x10));

	/* The tool's own event, given to libbpf: who closes it is not known. */
	hints_set_attach(&hint);
	assert_int_not_equal(expect_fd(tool_link(event, prog, 0)), event);
	hints_set_attach(NULL);
	assert_int_equal(fake_kind_of(event), FAKE_PATH);
	expect_probe(true, 0x10);
}

/** An event that libbpf made is attached by somebody else. */
static void given_away_events_have_two_fds(void **state)
{
	const struct attach_hint hint = { .by_libbpf = true };

	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18);

	hints_set_attach(&hint);
	int event = expect_fd(tool_open_at(0x10));

	hints_set_attach(NULL);
	assert_int_not_equal(expect_fd(tool_link(event, prog, 0)), event);
}

static void copied_events_have_two_fds(void **state)
{
	const struct attach_hint hint = { .by_libbpf = true };

	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18);

	hints_set_attach(&hint);
	int event = expect_fd(tool_open_at(0x10));

	expect_fd(tool_dup(event));
	assert_int_not_equal(expect_fd(tool_link(event, prog, 0)), event);
	hints_set_attach(NULL);
}

static void libbpf_would_move_a_low_number(void **state)
{
	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18);

	for (int fd = 0; fd < 3; fd++) {
		sys_close(fd);
		int link = attach_by_libbpf(prog, 0);

		assert_int_equal(last_event, fd);
		assert_int_not_equal(link, fd);
		assert_int_equal(fake_kind_of(fd), FAKE_PATH);
		assert_int_equal(tool_close(fd), 0);
		assert_int_equal(tool_close(link), 0);
		assert_int_equal(sys_open(FAKE_TARGET, O_RDONLY), fd);
	}
	expect_probes(0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(libbpfs_own_events_are_their_links),
		cmocka_unit_test(other_events_have_two_fds),
		cmocka_unit_test(given_away_events_have_two_fds),
		cmocka_unit_test(copied_events_have_two_fds),
		cmocka_unit_test(libbpf_would_move_a_low_number),
	};

	return RUN_ISOLATED("one-fd", tests);
}
