// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Which of the tool's calls wait for the grace periods of what was closed before: of whose closes, and how
 * long. */
#include "detach_tool.h"

#include <errno.h>
#include <unistd.h>

#include "engine.h"
#include "kernel.h"

static uint64_t since;

/** From now on. */
static void start_clock(void)
{
	since = fake_now_us();
}

static void expect_waited(bool waited)
{
	const uint64_t took = fake_now_us() - since;

	if (waited && took < GRACE_US / 2)
		fail_msg("it does not wait: %u us", (unsigned int)took);
	if (!waited && took > MOMENT_US)
		fail_msg("it waits: %u us", (unsigned int)took);
}

static void close_in_thread(void)
{
	in_thread(close_one);
}

/* ---- what reads ---------------------------------------------------------------------------------- */

/** Which is the last call that the kernel saw then, not one before the detach. */
static void waits(long cmd)
{
	const struct fake_call *calls;
	unsigned int cnt;

	close_one();
	tool_bpf(cmd, NULL, 0);
	if (!all_is_detached())
		fail_msg("command %#lx does not wait", cmd);
	calls = fake_calls(&cnt);
	if (calls[cnt - 1].nr != SYS_bpf || calls[cnt - 1].args[0] != cmd)
		fail_msg("command %#lx waits too late", cmd);
	fake_forget_calls();
}

static void every_bpf_command_waits(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	for (long cmd = 0; cmd < 45; cmd++) {
		waits(cmd);
		waits(cmd | UAPI_BPF_COMMON_ATTRS);
	}
}

static void links_of_other_kinds_wait(void **state)
{
	const struct uapi_link_create attr = { .attach_type = UAPI_BPF_TRACE_KPROBE_MULTI };

	(void)state;
	start_detaching(DETACH_AUTO);
	close_one();
	tool_bpf(BPF_LINK_CREATE, &attr, sizeof(attr));
	assert_true(all_is_detached());
}

static void an_attach_waits(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int first = expect_fd(tool_open_at(1)), second = expect_fd(tool_open_at(2));

	close_one();
	expect_fd(tool_link(first, prog, 0));
	assert_int_equal(fake_count(FAKE_LINK), 1);
	close_one();
	assert_int_equal(tool_set_bpf(second, prog), 0);
	assert_int_equal(fake_count(FAKE_LINK), 2);
	assert_int_equal(atomic_load(&stats_detaching), 0);
}

static void closing_and_opening_do_not_wait(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int event = expect_fd(tool_open_at(1)), file = expect_fd(sys_open(FAKE_TARGET, O_RDONLY));

	close_one();
	start_clock();
	tool_close(event);
	tool_close(file);
	expect_fd(tool_open_at(2));
	expect_waited(false);
}

static void nobody_waits_twice(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	close_one();
	tool_bpf(BPF_PROG_GET_NEXT_ID, NULL, 0);
	start_clock();
	tool_bpf(BPF_PROG_GET_NEXT_ID, NULL, 0);
	expect_waited(false);
}

/* ---- whose closes -------------------------------------------------------------------------------- */

static void read_something(void)
{
	tool_bpf(BPF_PROG_GET_NEXT_ID, NULL, 0);
}

static void close_and_read(void)
{
	close_one();
	start_clock();
	read_something();
	expect_waited(true);
}

static int event_of_main;

static void close_links_event(void)
{
	assert_int_equal(tool_close(expect_fd(tool_link(event_of_main, prog, 1))), 0);
}

static void another_threads_closes_are_not_waited_for(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int event = expect_fd(tool_open_at(1));

	close_in_thread();
	start_clock();
	read_something();
	expect_fd(tool_link(event, prog, 0));
	expect_waited(false);
	engine_end_detaching();
	expect_waited(false);
	assert_int_equal(fake_count(FAKE_LINK), 2);
}

static void each_thread_waits_for_its_own(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	in_thread(close_and_read);
	assert_true(all_is_detached());
	close_one();
	in_thread(read_something);
	assert_int_equal(fake_count(FAKE_LINK), 1);
	start_clock();
	read_something();
	expect_waited(true);
}

/** Its last link may be anybody's. */
static void an_attach_to_the_same_event_waits_for_all(enum detach_mode mode)
{
	start_detaching(mode);
	config.keep = mode != DETACH_ASYNC; /* else there is nothing to wait for */
	event_of_main = expect_fd(tool_open_at(1));
	in_thread(close_links_event);
	start_clock();
	int link = expect_fd(tool_link(event_of_main, prog, 2));

	expect_waited(true);
	assert_int_equal(only_probe().cookie, 2);
	assert_int_equal(fake_count(FAKE_LINK), 1);
	assert_int_equal(tool_close(link), 0);
}

static void a_new_link_of_an_event_waits_for_its_last(void **state)
{
	(void)state;
	an_attach_to_the_same_event_waits_for_all(DETACH_AUTO);
}

static void so_it_does_where_nobody_waits(void **state)
{
	(void)state;
	an_attach_to_the_same_event_waits_for_all(DETACH_ASYNC);
}

/* ---- UPSHIFT_DETACH=async ------------------------------------------------------------------------ */

static void async_waits_for_no_call(bool keep)
{
	start_detaching(DETACH_ASYNC);
	config.keep = keep;
	int first = link_at(1), second = link_at(2);

	start_clock();
	tool_close(first);
	tool_close(second);
	read_something();
	tool_bpf(BPF_LINK_CREATE, NULL, 0);
	engine_end_detaching();
	expect_fd(tool_attach_link(3, prog, 0));
	assert_int_equal(tool_attach_ioctl(4, prog), 0);
	expect_waited(false);
	fake_sleep_ms(100);
	expect_probes(2, 0);
}

static void async_waits_for_no_call_with_a_keeper(void **state)
{
	(void)state;
	async_waits_for_no_call(true);
}

static void async_waits_for_no_call_without_one(void **state)
{
	(void)state;
	async_waits_for_no_call(false);
}

/* ---- what needs the process to itself ------------------------------------------------------------ */

static void what_wants_one_thread_finds_one(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	close_one();
	close_in_thread();
	assert_int_equal(fake_threads_there(), 2);
	errno = ENOTTY;
	engine_before_alone();
	assert_int_equal(errno, ENOTTY);
	assert_int_equal(fake_threads_there(), 0);
	assert_true(all_is_detached());
	start_clock();
	engine_before_alone();
	expect_waited(false);
}

/** Of a closer that is over, the kernel may not have taken note. */
static void a_thread_that_is_over_is_waited_for_too(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	close_one();
	read_something();
	assert_int_equal(fake_threads_there(), 1);
	engine_before_alone();
	assert_int_equal(fake_threads_there(), 0);
}

static void umount_finds_no_file_in_use(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	close_in_thread();
	errno = ENOTTY;
	engine_before_umount();
	assert_int_equal(errno, ENOTTY);
	assert_true(all_is_detached());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_bpf_command_waits),
		cmocka_unit_test(links_of_other_kinds_wait),
		cmocka_unit_test(an_attach_waits),
		cmocka_unit_test(closing_and_opening_do_not_wait),
		cmocka_unit_test(nobody_waits_twice),
		cmocka_unit_test(another_threads_closes_are_not_waited_for),
		cmocka_unit_test(each_thread_waits_for_its_own),
		cmocka_unit_test(a_new_link_of_an_event_waits_for_its_last),
		cmocka_unit_test(so_it_does_where_nobody_waits),
		cmocka_unit_test(async_waits_for_no_call_with_a_keeper),
		cmocka_unit_test(async_waits_for_no_call_without_one),
		cmocka_unit_test(what_wants_one_thread_finds_one),
		cmocka_unit_test(a_thread_that_is_over_is_waited_for_too),
		cmocka_unit_test(umount_finds_no_file_in_use),
	};

	return RUN_ISOLATED("detach-waits", tests);
}
