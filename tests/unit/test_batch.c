// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* UPSHIFT_BATCH=on: loops whose attaches are collected into one link, and what does not wait for their pause.
 */
#include "batch_tool.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <unistd.h>

#include "batch.h"
#include "bpf.h"
#include "engine.h"
#include "kernel.h"

/* ---- loops --------------------------------------------------------------------------------------- */

static void a_loop_of(int prog, enum style style)
{
	struct held held[3];
	int before = fake_open_fds();

	attach_three(prog, style, held);
	expect_links(0, 0);
	assert_true(fake_open_fds() <= before + (style == BY_LINK ? 6 : 3));
	fake_pause();
	expect_links(1, 3);
	assert_true(fake_open_fds() <= before + (style == BY_LINK ? 6 : 3));
	assert_true(fake_same_object(held[0].link, held[1].link) &&
		    fake_same_object(held[0].link, held[2].link));
	assert_int_equal(fake_kind_of(held[0].event), style == BY_LINK ? FAKE_PATH : FAKE_LINK);
	for (int i = 0; i < 3; i++) {
		assert_true(fake_fd_is_cloexec(held[i].link) && fake_fd_is_cloexec(held[i].event));
		let_go(held[i]);
	}
	assert_int_equal(fake_open_fds(), before);
}

static void a_loop_is_one_link(void **state)
{
	(void)state;
	with_each_style(a_loop_of);
}

static void without_the_setting_each_is_a_link(void **state)
{
	struct held held[3];

	(void)state;
	attach_three(tool_start_with_program(&fake_linux_6_18), BY_LINK, held);
	expect_links(3, 3);
}

static void cookies_and_counters_stay_each_probes_own(void **state)
{
	struct tool_uprobe uprobe = { .offset = 0x10 };
	struct fake_probe probes[4];

	(void)state;
	int prog = start_batching();

	/* The same place twice with the same cookie, and another time with another. */
	for (unsigned int i = 0; i < 4; i++) {
		uprobe.ref_ctr_offset = i == 3 ? 0 : 0x1000;
		attach_in(NULL, &uprobe, prog, i / 2, i % 2 ? BY_LIBBPF : BY_LINK);
	}
	fake_pause();
	expect_links(1, 4);
	fake_probes(probes, 4);
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(probes[i].offset, 0x10);
		assert_int_equal(probes[i].cookie, i / 2);
		assert_int_equal(probes[i].ref_ctr_offset, i == 3 ? 0 : 0x1000);
	}
}

static void what_differs_is_apart(void **state)
{
	const struct tool_uprobe uprobes[] = {
		{ .offset = 1 },
		{ .offset = 1, .retprobe = true },
		{ .offset = 1, .pid = 4321 },
		{ .offset = 1, .pid = 4322 },
		{ .offset = 1, .path = FAKE_OTHER_TARGET },
	};

	(void)state;
	int prog = start_batching(), other = expect_fd(tool_load_simple(RETURN_0));

	fake_add_task(4321, 4321);
	fake_add_task(4322, 4322);
	for (int turn = 0; turn < 2; turn++)
		for (size_t i = 0; i < TEST_CNT(uprobes); i++)
			attach_in(NULL, &uprobes[i], prog, 0, BY_LINK);
	attach_in(NULL, &uprobes[0], other, 0, BY_LINK);
	expect_links(0, 0);
	fake_pause();
	expect_links(6, 11);
	expect_safe();
}

static void a_tool_that_traces_itself_does_not_wait(void **state)
{
	const struct tool_uprobe self = { .pid = TOOL_SELF, .offset = 1 };

	(void)state;
	attach_in(NULL, &self, start_batching(), 0, BY_LINK);
	expect_links(1, 1);
}

static void without_a_thread_each_is_attached_at_once(void **state)
{
	struct held held[3];

	(void)state;
	int prog = start_batching();

	fake_limit_threads(0);
	attach_three(prog, BY_LINK, held);
	expect_links(3, 3);
	for (int i = 0; i < 3; i++)
		let_go(held[i]);
	expect_links(0, 0);
}

/* ---- what does not wait for the pause ------------------------------------------------------------ */

static void a_command_comes_after_the_attach(void **state)
{
	(void)state;
	int prog = start_batching();

	attach_at(1, prog, 0, BY_LINK);
	tool_load_simple(RETURN_0);
	expect_links(1, 1);
	attach_at(2, prog, 0, BY_LINK);
	tool_create_map(BPF_MAP_TYPE_ARRAY);
	expect_links(2, 2);
	attach_at(3, prog, 0, BY_LINK);
	engine_settle();
	expect_links(3, 3);
	attach_at(4, prog, 0, BY_LINK);
	engine_before_child();
	expect_links(4, 4);
}

static long (*kernel)(long nr, long a, long b, long c, long d, long e, long f);
static unsigned int links_made, links_waited_for;

static long watch_links(long nr, long a, long b, long c, long d, long e, long f)
{
	if (nr == SYS_bpf && a == BPF_LINK_CREATE) {
		links_made++;
		links_waited_for += atomic_load(&batch_waits);
	}
	return kernel(nr, a, b, c, d, e, f);
}

/** Another thread of the tool may be about to make such a call while the links are being made. */
static void until_the_links_are_made_there_is_something_to_wait_for(void **state)
{
	struct held held[3];

	(void)state;
	attach_three(start_batching(), BY_LIBBPF, held);
	kernel = kernel_call;
	kernel_call = watch_links;
	fake_pause();
	let_go(held[1]);
	fake_pause();
	assert_int_equal(links_made, 2);
	assert_int_equal(links_waited_for, 2);
	assert_false(atomic_load(&batch_waits));
}

static void a_query_of_the_fd_comes_after_the_attach(void **state)
{
	(void)state;
	struct held held = attach_at(1, start_batching(), 0, BY_LIBBPF);
	const union bpf_attr attr = { .task_fd_query = { .pid = (uint32_t)getpid(),
							 .fd = (uint32_t)held.event } };

	tool_bpf(BPF_TASK_FD_QUERY, &attr, BPF_ATTR_END(union bpf_attr, task_fd_query));
	expect_links(1, 1);
}

static void a_look_at_the_fd_comes_after_the_attach(void **state)
{
	uint64_t id;

	(void)state;
	int prog = start_batching();

	tool_ioctl(attach_at(1, prog, 0, BY_LINK).event, PERF_EVENT_IOC_ID, (long)&id);
	expect_links(1, 1);
	tool_fcntl(attach_at(2, prog, 0, BY_LINK).link, F_GETFL, 0);
	expect_links(2, 2);
	tool_fcntl(attach_at(3, prog, 0, BY_LINK).event, F_SETFD, 0);
	expect_links(3, 3);
	/* These show nothing. */
	struct held held = attach_at(4, prog, 0, BY_LIBBPF);

	tool_ioctl(held.event, PERF_EVENT_IOC_DISABLE, 0);
	tool_fcntl(held.link, F_GETFD, 0);
	expect_links(3, 3);
}

static void a_second_program_is_refused(void **state)
{
	(void)state;
	int prog = start_batching();

	for (size_t i = 0; i < TEST_CNT(styles); i++) {
		struct held held = attach_at(i, prog, 0, styles[i]);

		for (int turn = 0; turn < 2; turn++) {
			assert_int_equal(tool_link(held.event, prog, 0), -EEXIST);
			assert_int_equal(tool_set_bpf(held.event, prog), -EEXIST);
			fake_pause();
		}
	}
	expect_links(3, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_loop_is_one_link),
		cmocka_unit_test(without_the_setting_each_is_a_link),
		cmocka_unit_test(cookies_and_counters_stay_each_probes_own),
		cmocka_unit_test(what_differs_is_apart),
		cmocka_unit_test(a_tool_that_traces_itself_does_not_wait),
		cmocka_unit_test(without_a_thread_each_is_attached_at_once),
		cmocka_unit_test(a_command_comes_after_the_attach),
		cmocka_unit_test(until_the_links_are_made_there_is_something_to_wait_for),
		cmocka_unit_test(a_query_of_the_fd_comes_after_the_attach),
		cmocka_unit_test(a_look_at_the_fd_comes_after_the_attach),
		cmocka_unit_test(a_second_program_is_refused),
	};

	return RUN_ISOLATED("batch", tests);
}
