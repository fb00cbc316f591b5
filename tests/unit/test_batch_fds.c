// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The fds of collected attaches: copied, closed, closed unseen and given to other files, before and after the
 * pause.
 */
#include "batch_tool.h"

#include <errno.h>

#include "engine.h"
#include "kernel.h"

static void copies_become_the_link(int prog, enum style style)
{
	struct held held[3];

	attach_three(prog, style, held);
	int copy = expect_fd(tool_dup(held[1].link));

	fake_pause();
	assert_true(fake_same_object(copy, held[0].link) && fake_same_object(copy, held[1].link));
	assert_false(fake_fd_is_cloexec(copy));
	/* With its copy the probe stays, and the link need not be made anew. */
	fake_forget_calls();
	let_go(held[1]);
	fake_pause();
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_LINK_CREATE), 0);
	expect_links(1, 3);
	tool_close(copy);
	fake_pause();
	expect_links(1, 2);
	let_go(held[0]);
	let_go(held[2]);
}

static void copies_become_the_link_too(void **state)
{
	(void)state;
	with_each_style(copies_become_the_link);
}

static void closed_before_the_pause(int prog, enum style style)
{
	struct held held[3];
	int before = fake_open_fds();

	attach_three(prog, style, held);
	let_go(held[1]);
	fake_pause();
	expect_links(1, 2);
	let_go(held[0]);
	let_go(held[2]);
	/* All of them. */
	attach_three(prog, style, held);
	fake_forget_calls();
	for (int i = 0; i < 3; i++)
		let_go(held[i]);
	fake_pause();
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_LINK_CREATE), 0);
	assert_int_equal(fake_open_fds(), before);
}

static void what_is_closed_before_the_pause_is_not_attached(void **state)
{
	(void)state;
	with_each_style(closed_before_the_pause);
}

static void the_event_may_go_before_the_pause(void **state)
{
	struct held held[3];

	(void)state;
	attach_three(start_batching(), BY_LINK, held);
	for (int i = 0; i < 3; i++)
		assert_int_equal(tool_close(held[i].event), 0);
	fake_pause();
	expect_links(1, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(tool_close(held[i].link), 0);
	expect_links(0, 0);
}

/** Its event's fd was closed unseen, and the number is another file now: that is no target. */
static void an_event_closed_unseen_is_no_target(uint64_t bad_offset)
{
	struct held held[3];

	int prog = start_batching();

	fake_refuse(bad_offset, EINVAL, 0);
	attach_three(prog, BY_LINK, held);
	for (int i = 0; i < 3; i++)
		sys_close(held[i].event);
	assert_int_equal(sys_open(FAKE_OTHER_TARGET, O_RDONLY), held[0].event);
	fake_pause();
	expect_probes(bad_offset ? 2 : 3, bad_offset ? 1 : 0);
	for (unsigned int i = 0; i < 3; i++)
		assert_string_equal(probe_at(0x10 * (i + 1)).path, FAKE_TARGET);
	assert_int_equal(fake_kind_of(held[0].event), FAKE_FILE);
	for (int i = 0; i < 3; i++)
		assert_int_equal(tool_close(held[i].link), 0);
	expect_probes(0, 0);
}

static void an_event_closed_unseen_before_the_pause(void **state)
{
	(void)state;
	an_event_closed_unseen_is_no_target(0);
}

static void an_event_closed_unseen_that_goes_to_perf(void **state)
{
	(void)state;
	an_event_closed_unseen_is_no_target(0x10);
}

static void a_number_that_is_a_file_now(int prog, enum style style)
{
	struct held held[3];

	attach_three(prog, style, held);
	sys_close(held[1].link);
	assert_int_equal(sys_open(FAKE_OTHER_TARGET, O_RDONLY), held[1].link);
	fake_pause();
	assert_int_equal(fake_kind_of(held[1].link), FAKE_FILE);
	expect_links(1, 2);
	/* And after it. */
	sys_close(held[2].link);
	assert_int_equal(sys_open(FAKE_OTHER_TARGET, O_RDONLY), held[2].link);
	let_go(held[0]);
	fake_pause();
	assert_int_equal(fake_kind_of(held[2].link), FAKE_FILE);
	for (int i = 1; i < 3; i++) {
		tool_close(held[i].link);
		if (held[i].event != held[i].link)
			tool_close(held[i].event);
	}
}

static void a_number_that_is_a_file_now_is_left_alone(void **state)
{
	(void)state;
	with_each_style(a_number_that_is_a_file_now);
}

/** Closed in ways that close() does not see, but the event is still there. */
static void a_closed_range_detaches(void **state)
{
	struct held held[3];

	(void)state;
	int prog = start_batching();

	attach_three(prog, BY_LINK, held);
	fake_pause();
	sys_close(held[1].link);
	engine_closed_range((unsigned int)held[1].link, (unsigned int)held[1].link);
	fake_pause();
	expect_links(1, 2);
	assert_int_equal(tool_dup3(1, held[0].link, 0), held[0].link);
	fake_pause();
	expect_links(1, 1);
	/* Nothing is on the events any more. */
	expect_fd(tool_link(held[0].event, prog, 0));
	assert_int_equal(tool_set_bpf(held[1].event, prog), 0);
	fake_pause();
	expect_links(2, 3);
}

static void a_closed_range_of_collected_ones(void **state)
{
	struct held held[3];

	(void)state;
	int prog = start_batching();

	attach_three(prog, BY_LINK, held);
	sys_close(held[1].link);
	engine_closed_range((unsigned int)held[1].link, (unsigned int)held[1].link);
	assert_int_equal(tool_set_bpf(held[1].event, prog), 0);
	fake_pause();
	expect_links(1, 3);
}

static void an_event_can_be_attached_again(void **state)
{
	struct held held[3];

	(void)state;
	int prog = start_batching();

	attach_three(prog, BY_LINK, held);
	/* Before the pause, and after it. */
	for (int turn = 0; turn < 2; turn++) {
		assert_int_equal(tool_close(held[1].link), 0);
		held[1].link = expect_fd(tool_link(held[1].event, prog, 9));
		fake_pause();
		expect_probes(3, 0);
		assert_int_equal(probe_at(0x20).cookie, 9);
	}
	for (int i = 0; i < 3; i++)
		let_go(held[i]);
	expect_links(0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_become_the_link_too),
		cmocka_unit_test(what_is_closed_before_the_pause_is_not_attached),
		cmocka_unit_test(the_event_may_go_before_the_pause),
		cmocka_unit_test(an_event_closed_unseen_before_the_pause),
		cmocka_unit_test(an_event_closed_unseen_that_goes_to_perf),
		cmocka_unit_test(a_number_that_is_a_file_now_is_left_alone),
		cmocka_unit_test(a_closed_range_detaches),
		cmocka_unit_test(a_closed_range_of_collected_ones),
		cmocka_unit_test(an_event_can_be_attached_again),
	};

	return RUN_ISOLATED("batch-fds", tests);
}
