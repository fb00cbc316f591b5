// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Members of a link that leave it, while others stay: it is made anew without them, once for all of them. */
#include "batch_tool.h"

#include <errno.h>

#include "kernel.h"

static void one_leaves(int prog, enum style style)
{
	struct held held[3];
	int before = fake_open_fds();

	attach_three(prog, style, held);
	fake_pause();
	fake_hold_threads();
	let_go(held[1]);
	fake_pause();
	/* The new link is there before the old one goes. */
	expect_links(2, 5);
	fake_run_threads();
	expect_links(1, 2);
	assert_true(probe_at(0x10).multi && probe_at(0x30).multi);
	assert_true(fake_same_object(held[0].link, held[2].link));
	/* Those who stayed are known as members of the new one. */
	assert_int_equal(tool_set_bpf(held[2].event, prog), -EEXIST);
	let_go(held[0]);
	fake_pause();
	fake_run_threads();
	expect_links(1, 1);
	assert_int_equal(probe_at(0x30).offset, 0x30);
	let_go(held[2]);
	fake_run_threads();
	assert_int_equal(fake_open_fds(), before);
}

static void one_leaves_and_the_link_is_made_anew(void **state)
{
	(void)state;
	with_each_style(one_leaves);
}

static void all_leave(int prog, enum style style)
{
	struct held held[3];
	unsigned int threads = fake_threads();

	attach_three(prog, style, held);
	fake_pause();
	fake_forget_calls();
	for (int i = 0; i < 3; i++)
		let_go(held[i]);
	expect_links(0, 0);
	fake_pause();
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_LINK_CREATE), 0);
	assert_int_equal(fake_threads() - threads, 1);
}

static void all_leave_by_one_detach(void **state)
{
	(void)state;
	with_each_style(all_leave);
}

static void half_leave_by_one_new_link(void **state)
{
	struct held held[6];

	(void)state;
	int prog = start_batching();

	attach_three(prog, BY_LIBBPF, held);
	attach_three(prog, BY_SET_BPF, held + 3);
	fake_pause();
	expect_links(1, 6);
	fake_forget_calls();
	for (int i = 0; i < 3; i++)
		let_go(held[i]);
	tool_create_map(BPF_MAP_TYPE_ARRAY);
	expect_links(1, 3);
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_LINK_CREATE), 1);
	assert_int_equal(fake_threads(), 1);
}

static void a_new_attach_comes_after_the_new_link(void **state)
{
	const struct tool_uprobe self = { .pid = TOOL_SELF, .offset = 0x70 };
	struct held held[3];

	(void)state;
	int prog = start_batching();

	attach_three(prog, BY_LIBBPF, held);
	fake_pause();
	let_go(held[1]);
	attach_in(NULL, &self, prog, 0, BY_LINK);
	expect_links(2, 3);
}

/** Another file is at its path. */
static void without_its_target_a_link_stays(void **state)
{
	struct held held[3];

	(void)state;
	attach_three(start_batching(), BY_SET_BPF, held);
	fake_pause();
	int before = fake_open_fds();

	fake_replace_target(FAKE_TARGET);
	let_go(held[1]);
	fake_pause();
	expect_links(1, 3);
	assert_true(probe_at(0x10).replaced);
	assert_int_equal(times_in(fake_stderr(), "stays attached"), 1);
	assert_int_equal(fake_open_fds(), before - 1);
	let_go(held[0]);
	let_go(held[2]);
	expect_links(0, 0);
}

/** The event's fd is the target still. */
static void with_its_events_a_link_needs_no_path(void **state)
{
	struct held held[3];

	(void)state;
	attach_three(start_batching(), BY_LINK, held);
	fake_pause();
	fake_replace_target(FAKE_TARGET);
	let_go(held[1]);
	fake_pause();
	expect_links(1, 2);
	assert_true(probe_at(0x10).replaced && probe_at(0x30).replaced);
	assert_string_equal(fake_stderr(), "");
}

static void a_refused_new_link_leaves_the_old_one(void **state)
{
	struct held held[3];

	(void)state;
	attach_three(start_batching(), BY_LIBBPF, held);
	fake_pause();
	fake_features.multi_errno = ENOMEM;
	int before = fake_open_fds();

	let_go(held[1]);
	fake_pause();
	expect_links(1, 3);
	assert_int_equal(times_in(fake_stderr(), "stays attached"), 1);
	assert_int_equal(fake_open_fds(), before - 1);
	let_go(held[0]);
	let_go(held[2]);
	expect_links(0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_leaves_and_the_link_is_made_anew),
		cmocka_unit_test(all_leave_by_one_detach),
		cmocka_unit_test(half_leave_by_one_new_link),
		cmocka_unit_test(a_new_attach_comes_after_the_new_link),
		cmocka_unit_test(without_its_target_a_link_stays),
		cmocka_unit_test(with_its_events_a_link_needs_no_path),
		cmocka_unit_test(a_refused_new_link_leaves_the_old_one),
	};

	return RUN_ISOLATED("batch-leaving", tests);
}
