// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* With few fds to spare: whatever works without upshift works with it, and R6 holds. */
#include "tool.h"

#include <errno.h>

#include "kernel.h"

enum how { BY_LINK, BY_SET_BPF };

struct limit_case {
	const struct fake_features *features;
	enum how how;
	bool hinted;
	int copies; /* of the event's fd */
};

/** The answer to an attach with so many fds to spare: 0 or a negative errno. */
static long attach_with(const struct limit_case *c, int spare)
{
	int prog = expect_fd(c->hinted ? tool_load_hinted(RETURN_0) : tool_load_simple(RETURN_0));
	int event = expect_fd(tool_open_at(0));
	long result;

	for (int i = 0; i < c->copies; i++)
		expect_fd(tool_dup(event));
	fake_spare_fds(spare);
	result = c->how == BY_LINK ? tool_link(event, prog, 0) : tool_set_bpf(event, prog);
	if (!fake_fd_is_open(event))
		fail_msg("the event's fd is gone with %d to spare", spare);
	if (fake_unsafe(0))
		fail_msg("unsafe with %d to spare", spare);
	if (result < 0)
		expect_probes(0, 0);
	else
		only_probe();
	return result < 0 ? result : 0;
}

struct limit_run {
	const struct limit_case *c;
	int spare;
	long wanted;
};

static void one_limit(void **state)
{
	const struct limit_run *run = *state;
	long result;

	tool_start(run->c->features);
	result = attach_with(run->c, run->spare);
	if (result != run->wanted)
		fail_msg("%ld in place of %ld with %d fds to spare", result, run->wanted, run->spare);
}

static int in_a_process(void *arg)
{
	const struct CMUnitTest test = { "with few fds", one_limit, NULL, NULL, arg };

	return _cmocka_run_group_tests("limit", &test, 1, NULL, NULL);
}

static void same_answers_as_without(const struct limit_case *c)
{
	int failed = 0;

	for (int spare = 0; spare < 14; spare++) {
		struct limit_run run = { .c = c, .spare = spare };

		tool_start_without(c->features);
		run.wanted = attach_with(c, spare);
		failed += in_child(in_a_process, &run) != 0;
	}
	assert_int_equal(failed, 0);
}

static void link_create(void **state)
{
	const struct limit_case c = { &fake_linux_6_18, BY_LINK, false, 0 };

	(void)state;
	same_answers_as_without(&c);
}

static void set_bpf(void **state)
{
	const struct limit_case c = { &fake_linux_6_18, BY_SET_BPF, false, 0 };

	(void)state;
	same_answers_as_without(&c);
}

/** R6: this kernel must not be asked for a link that may fail for want of an fd. */
static void link_create_where_that_is_fatal(void **state)
{
	const struct limit_case c = { &fake_linux_6_11, BY_LINK, false, 0 };

	(void)state;
	same_answers_as_without(&c);
}

static void set_bpf_where_that_is_fatal(void **state)
{
	const struct limit_case c = { &fake_linux_6_11, BY_SET_BPF, false, 0 };

	(void)state;
	same_answers_as_without(&c);
}

static void link_create_with_copies_of_the_event(void **state)
{
	const struct limit_case c = { &fake_linux_6_18, BY_LINK, false, 2 };

	(void)state;
	same_answers_as_without(&c);
}

static void set_bpf_with_copies_of_the_event(void **state)
{
	const struct limit_case c = { &fake_linux_6_18, BY_SET_BPF, false, 2 };

	(void)state;
	same_answers_as_without(&c);
}

static void link_create_with_a_program_that_was_loaded_for_multi(void **state)
{
	const struct limit_case c = { &fake_linux_6_18, BY_LINK, true, 0 };

	(void)state;
	same_answers_as_without(&c);
}

static void set_bpf_with_a_program_that_was_loaded_for_multi(void **state)
{
	const struct limit_case c = { &fake_linux_6_18, BY_SET_BPF, true, 0 };

	(void)state;
	same_answers_as_without(&c);
}

/** As stock tools meet it: two fds a probe, until there are none left. */
static void as_many_probes_as_fds(void **state)
{
	int cnt = 0, event;

	(void)state;
	tool_start(&fake_linux_6_11);
	fake_limit_fds(64);
	int prog = expect_fd(tool_load_simple(RETURN_0));

	while ((event = (int)tool_open_at((uint64_t)cnt)) >= 0 && tool_link(event, prog, 0) >= 0)
		cnt++;
	assert_int_equal(cnt, (64 - 3 - 1) / 2);
	expect_safe();
}

/** The path is of no use any more, and the event's own fd is taken. */
static void a_file_that_is_gone(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int event = expect_fd(tool_open_at(0));

	fake_spare_fds(0);
	fake_remove_file(FAKE_TARGET);
	assert_int_equal(tool_set_bpf(event, prog), 0);
	assert_true(only_probe().replaced);
}

static void the_limit_is_as_it_was(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_hinted(RETURN_0));
	int first = expect_fd(tool_open_at(0)), second = expect_fd(tool_open_at(1));

	fake_spare_fds(1);
	int limit = fake_fd_limit();

	assert_int_equal(tool_set_bpf(first, prog), 0);
	assert_int_equal(fake_fd_limit(), limit);
	int link = expect_fd(tool_link(second, prog, 0));

	assert_int_equal(fake_fd_limit(), limit);
	assert_in_range(link, 0, limit - 1);
}

/** Without upshift the number of an fd may well be beyond a limit that was lowered after it was opened. */
static void a_limit_that_was_lowered(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int event = expect_fd(tool_fcntl(expect_fd(tool_open_at(0)), F_DUPFD_CLOEXEC, 900));

	fake_limit_fds(10);
	long result = tool_set_bpf(event, prog);

	assert_true(fake_fd_is_open(event));
	assert_int_equal(result, 0);
	expect_probes(1, 0);
	assert_int_equal(fake_fd_limit(), 10);
	assert_int_equal(tool_close(event), 0);
}

/** Where nothing helps, the tool may see the want of fds, but keeps what it has. */
static void a_limit_that_cannot_be_raised(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_11);
	int prog = expect_fd(tool_load_hinted(RETURN_0));
	int event = expect_fd(tool_open_at(0)), copy = expect_fd(tool_dup(event));

	for (int spare = 0; spare < 10; spare++) {
		fake_spare_fds(spare);
		fake_fix_limit();
		int before = fake_open_fds();
		long result = tool_link(event, prog, 0);

		assert_true(fake_fd_is_open(event) && fake_fd_is_open(copy) && fake_same_object(event, copy));
		if (result >= 0)
			tool_close((int)result);
		assert_int_equal(fake_open_fds(), before);
	}
	expect_safe();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(link_create),
		cmocka_unit_test(set_bpf),
		cmocka_unit_test(link_create_where_that_is_fatal),
		cmocka_unit_test(set_bpf_where_that_is_fatal),
		cmocka_unit_test(link_create_with_copies_of_the_event),
		cmocka_unit_test(set_bpf_with_copies_of_the_event),
		cmocka_unit_test(link_create_with_a_program_that_was_loaded_for_multi),
		cmocka_unit_test(set_bpf_with_a_program_that_was_loaded_for_multi),
		cmocka_unit_test(as_many_probes_as_fds),
		cmocka_unit_test(a_file_that_is_gone),
		cmocka_unit_test(the_limit_is_as_it_was),
		cmocka_unit_test(a_limit_that_was_lowered),
		cmocka_unit_test(a_limit_that_cannot_be_raised),
	};

	return RUN_ISOLATED("limits", tests);
}
