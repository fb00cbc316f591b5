// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The attaches of one libbpf call, which become one link, and libbpf's own perf events, whose fds do. */
#include "batch_tool.h"

#include <errno.h>

#include "batch.h"
#include "config.h"
#include "engine.h"
#include "kernel.h"

/* ---- one libbpf call is one link ----------------------------------------------------------------- */

static struct held locations[8];

static void collect(struct collect_scope *scope, int prog, unsigned int cnt)
{
	for (unsigned int i = 0; i < cnt; i++) {
		const struct tool_uprobe uprobe = { .offset = 0x10 * (i + 1), .ref_ctr_offset = 0x1000 };

		locations[i] = attach_in(scope, &uprobe, prog, 100 + i, BY_LIBBPF);
	}
}

static void detach_locations(unsigned int cnt)
{
	for (unsigned int i = 0; i < cnt; i++)
		let_go(locations[i]);
}

static void a_call_makes_one_link(void **state)
{
	struct collect_scope scope;

	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18), before = fake_open_fds();

	collect(&scope, prog, 4);
	expect_links(0, 0);
	assert_int_equal(engine_end_collecting(&scope), 0);
	expect_links(1, 4);
	assert_int_equal(fake_open_fds(), before + 4);
	for (unsigned int i = 0; i < 4; i++) {
		assert_true(fake_same_object(locations[0].link, locations[i].link));
		assert_true(fake_fd_is_cloexec(locations[i].link));
		assert_int_equal(probe_at(0x10 * (i + 1)).cookie, 100 + i);
		assert_int_equal(probe_at(0x10 * (i + 1)).ref_ctr_offset, 0x1000);
	}
	fake_forget_calls();
	detach_locations(4);
	expect_links(0, 0);
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_LINK_CREATE), 0);
	assert_int_equal(fake_threads(), 1);
	assert_int_equal(fake_open_fds(), before);
	expect_safe();
}

/** What other threads ask the kernel meanwhile does not end it. */
static void a_call_collects_until_its_end(void **state)
{
	struct collect_scope scope, other;

	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18);

	config.batch = true;
	collect(&scope, prog, 2);
	tool_create_map(BPF_MAP_TYPE_ARRAY);
	fake_pause();
	assert_int_equal(engine_end_collecting(&other), 0);
	expect_links(0, 0);
	attach_at(0x500, prog, 0, BY_LINK);
	assert_int_equal(engine_end_collecting(&scope), 0);
	expect_links(1, 2);
}

static void the_error_of_a_bad_location_is_the_calls(void **state)
{
	struct collect_scope scope;

	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18), before = fake_open_fds();

	fake_refuse(0x20, EINVAL, ENXIO);
	collect(&scope, prog, 4);
	errno = EDOM;
	assert_int_equal(engine_end_collecting(&scope), -ENXIO);
	assert_int_equal(errno, EDOM);
	detach_locations(4);
	expect_links(0, 0);
	assert_int_equal(fake_open_fds(), before);
	/* It is told by the call, and not by the log. */
	assert_string_equal(fake_stderr(), "");
}

/** As with more locations than the object has room for. */
static void a_call_that_fails_midway_attaches_nothing(void **state)
{
	struct collect_scope scope;

	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18), before = fake_open_fds();

	collect(&scope, prog, 3);
	fake_forget_calls();
	detach_locations(3);
	assert_int_equal(engine_end_collecting(&scope), 0);
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_LINK_CREATE), 0);
	expect_links(0, 0);
	assert_int_equal(fake_open_fds(), before);
	/* The next one begins at the same address. */
	collect(&scope, prog, 2);
	assert_int_equal(engine_end_collecting(&scope), 0);
	expect_links(1, 2);
}

static void a_location_that_only_perf_takes_is_a_perf_event(void **state)
{
	struct collect_scope scope;

	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18), before = fake_open_fds();

	fake_refuse(0x30, EINVAL, 0);
	collect(&scope, prog, 4);
	assert_int_equal(engine_end_collecting(&scope), 0);
	expect_probes(3, 1);
	assert_false(probe_at(0x30).multi);
	assert_int_equal(probe_at(0x30).cookie, 102);
	assert_int_equal(fake_open_fds(), before + 4);
	detach_locations(4);
	expect_probes(0, 0);
	assert_int_equal(fake_open_fds(), before);
	expect_safe();
}

/** Then it is made anew at once, and only once, whoever else is found to be gone. */
static void without_a_thread_the_link_is_made_anew_at_once(void **state)
{
	struct collect_scope scope;

	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18);

	collect(&scope, prog, 4);
	assert_int_equal(engine_end_collecting(&scope), 0);
	fake_limit_threads(0);
	sys_close(locations[0].link);
	assert_int_equal(sys_open(FAKE_OTHER_TARGET, O_RDONLY), locations[0].link);
	fake_forget_calls();
	let_go(locations[1]);
	expect_links(1, 2);
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_LINK_CREATE), 1);
	assert_int_equal(fake_kind_of(locations[0].link), FAKE_FILE);
	let_go(locations[2]);
	let_go(locations[3]);
	expect_links(0, 0);
}

/* ---- one fd for libbpf's own events -------------------------------------------------------------- */

static void libbpfs_own_events_are_their_links(void **state)
{
	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18), before = fake_open_fds();
	struct held held = attach_at(0x10, prog, 7, BY_LIBBPF);

	assert_int_equal(held.link, held.event);
	assert_int_equal(fake_kind_of(held.link), FAKE_LINK);
	assert_int_equal(fake_open_fds(), before + 1);
	assert_int_equal(only_probe().cookie, 7);
	let_go(held);
	expect_links(0, 0);
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
		struct held held = attach_at(0x10, prog, 0, BY_LIBBPF);

		assert_int_equal(held.event, fd);
		assert_int_not_equal(held.link, fd);
		assert_int_equal(fake_kind_of(fd), FAKE_PATH);
		let_go(held);
		assert_int_equal(sys_open(FAKE_TARGET, O_RDONLY), fd);
	}
	expect_links(0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_makes_one_link),
		cmocka_unit_test(a_call_collects_until_its_end),
		cmocka_unit_test(the_error_of_a_bad_location_is_the_calls),
		cmocka_unit_test(a_call_that_fails_midway_attaches_nothing),
		cmocka_unit_test(a_location_that_only_perf_takes_is_a_perf_event),
		cmocka_unit_test(without_a_thread_the_link_is_made_anew_at_once),
		cmocka_unit_test(libbpfs_own_events_are_their_links),
		cmocka_unit_test(other_events_have_two_fds),
		cmocka_unit_test(given_away_events_have_two_fds),
		cmocka_unit_test(copied_events_have_two_fds),
		cmocka_unit_test(libbpf_would_move_a_low_number),
	};

	return RUN_ISOLATED("batch-calls", tests);
}
