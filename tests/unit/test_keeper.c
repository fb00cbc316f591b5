// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The keeper: every link has a pin, so a killed process closes none for the last time; and what the tool
 * itself closes has none any more. */
#include "detach_tool.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine.h"
#include "fdtable.h"
#include "keeper.h"
#include "kernel.h"

static int keepers_fd(void)
{
	for (int fd = 0; fd < 1 << 16; fd++)
		if (fake_kind_of(fd) == FAKE_MOUNT)
			return fd;
	return -1;
}

static void expect_instant_death(unsigned int links)
{
	const struct fake_death death = fake_kill();

	assert_int_equal(death.closed_by_process, 0);
	assert_int_equal(death.closed_by_kernel, links);
	assert_int_equal(death.reaped_us, 0);
	assert_true(death.gone_us < 2 * GRACE_US);
	assert_int_equal(fake_count(FAKE_LINK), 0);
}

/* ---- killed -------------------------------------------------------------------------------------- */

static void the_kernels_workers_close_what_is_left(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	for (int i = 0; i < 20; i++)
		expect_fd(tool_attach_link((uint64_t)i, prog, 0));
	for (int i = 0; i < 20; i++)
		assert_int_equal(tool_attach_ioctl((uint64_t)i, prog), 0);
	assert_int_equal(fake_pins(), 40);
	expect_instant_death(40);
}

static void links_of_many_are_kept_too(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	link_of_many(4);
	assert_int_equal(fake_pins(), 1);
	expect_instant_death(1);
}

static void killed_in_the_middle_of_it(void **state)
{
	int links[6];

	(void)state;
	start_detaching(DETACH_AUTO);
	for (int i = 0; i < 6; i++)
		links[i] = link_at((uint64_t)i);
	for (int i = 0; i < 3; i++)
		assert_int_equal(tool_close(links[i]), 0);
	assert_int_equal(fake_pins(), 3);
	expect_instant_death(3);
}

/** As on the perf path: one after the other. */
static void without_one_the_process_closes_them(void **state)
{
	struct fake_death death;

	(void)state;
	start_detaching(DETACH_AUTO);
	config.keep = false;
	link_at(1);
	link_at(2);
	assert_int_equal(fake_pins(), 0);
	assert_int_equal(fake_fds_of(FAKE_MOUNT), 0);
	assert_string_equal(keeper_missing(), "UPSHIFT_KEEP=off");
	death = fake_kill();
	assert_int_equal(death.closed_by_process, 2);
	assert_true(death.reaped_us > 2 * GRACE_US);
}

static void its_fd_goes_with_exec(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int link = link_at(1);

	link_at(2);
	assert_int_equal(tool_fcntl(link, F_SETFD, 0), 0);
	assert_true(fake_fd_is_cloexec(keepers_fd()));
	fake_exec();
	fake_sleep_ms(100);
	expect_probe(true, 1); /* the new program has this one */
	assert_int_equal(sys_close(link), 0);
	assert_true(all_is_detached());
}

/* ---- closed by the tool -------------------------------------------------------------------------- */

static void what_the_tool_closes_has_no_pin(enum detach_mode mode)
{
	start_detaching(mode);
	int by_link = link_at(1), event = expect_fd(tool_open_at(2));

	assert_int_equal(tool_set_bpf(event, prog), 0);
	assert_int_equal(tool_close(by_link), 0);
	assert_int_equal(fake_pins(), 1);
	assert_int_equal(tool_close(event), 0);
	assert_int_equal(fake_pins(), 0);
	int many = link_of_many(3);

	assert_int_equal(fake_pins(), 1);
	assert_int_equal(tool_close(many), 0);
	assert_int_equal(fake_pins(), 0);
	assert_true(none_counts());
	assert_int_equal(fake_closes().direct, 3);
	assert_int_equal(fake_closes().by_workers, 0);
}

static void the_tools_close_is_the_last(void **state)
{
	(void)state;
	what_the_tool_closes_has_no_pin(DETACH_AUTO);
}

static void the_tools_close_is_the_last_in_sync(void **state)
{
	(void)state;
	what_the_tool_closes_has_no_pin(DETACH_SYNC);
}

static void so_it_is_without_a_closer(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int link = link_at(1);

	fake_limit_threads(0);
	assert_int_equal(tool_close(link), 0);
	assert_true(all_is_detached());
	assert_int_equal(fake_closes().direct, 1);
}

/** The tool's own pin of a link keeps it attached, as ever. */
static void the_tools_own_pin_stays(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int link = link_at(1);

	assert_int_equal(tool_pin(link, "/sys/fs/bpf/link"), 0);
	assert_int_equal(tool_close(link), 0);
	assert_int_equal(fake_pins(), 0);
	expect_probe(true, 1);
	fake_kill();
	expect_probe(true, 1);
}

/** A pin that cannot be removed must not keep what the tool closes: all of them go. */
static void a_pin_that_cannot_be_removed(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int first = link_at(1), second = link_at(2);

	fake_features.unlink_errno = EPERM;
	assert_int_equal(tool_close(first), 0);
	expect_probe(true, 2);
	assert_int_equal(fake_pins(), 0);
	assert_int_equal(tool_close(second), 0);
	assert_true(none_counts());
}

/* ---- closed unseen ------------------------------------------------------------------------------- */

static void ask(void)
{
	tool_bpf(BPF_PROG_GET_NEXT_ID, NULL, 0);
}

static void an_unseen_close_is_found_at_the_next_call(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int link = link_at(1);

	link_at(2);
	fake_sleep_ms(150);
	ask();
	sys_close(link); /* by io_uring, say */
	ask();
	fake_sleep_ms(50);
	expect_probes(2, 0); /* not each call looks */
	fake_sleep_ms(100);
	ask();
	fake_sleep_ms(50);
	expect_probe(true, 2);
	assert_int_equal(fake_pins(), 1);
	assert_false(fdtable_has(link));
}

/** Its number has become something else. */
static void so_is_one_whose_number_is_a_file_now(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int link = link_at(1);

	sys_close(link);
	assert_int_equal(sys_fcntl(1, F_DUPFD_CLOEXEC, link), link);
	fake_sleep_ms(150);
	ask();
	fake_sleep_ms(50);
	assert_true(all_is_detached());
	assert_true(fake_fd_is_open(link));
}

static void a_few_at_a_time(void **state)
{
	enum { LINKS = 600 };
	static int links[LINKS];

	(void)state;
	start_detaching(DETACH_AUTO);
	fake_limit_fds(4096);
	for (int i = 0; i < LINKS; i++)
		links[i] = link_at(0);
	for (int i = 0; i < LINKS; i++)
		sys_close(links[i]);
	for (int i = 0; i < 3; i++) {
		assert_true(fake_pins() > 0);
		fake_sleep_ms(150);
		fake_forget_calls();
		ask();
		assert_in_range(fake_calls_of(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD), 1, 300);
	}
	assert_int_equal(fake_pins(), 0);
}

/** Who waits for a detach is to find all of them done. */
static void all_at_once_where_somebody_waits(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int unseen = link_at(1);

	ask();
	sys_close(unseen);
	close_one();
	ask();
	assert_int_equal(fake_pins(), 0);
}

static void without_a_keeper_nobody_looks(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	config.keep = false;
	int link = link_at(1);

	sys_close(link);
	assert_true(all_is_detached());
	fake_sleep_ms(150);
	fake_forget_calls();
	ask();
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernels_workers_close_what_is_left),
		cmocka_unit_test(links_of_many_are_kept_too),
		cmocka_unit_test(killed_in_the_middle_of_it),
		cmocka_unit_test(without_one_the_process_closes_them),
		cmocka_unit_test(its_fd_goes_with_exec),
		cmocka_unit_test(the_tools_close_is_the_last),
		cmocka_unit_test(the_tools_close_is_the_last_in_sync),
		cmocka_unit_test(so_it_is_without_a_closer),
		cmocka_unit_test(the_tools_own_pin_stays),
		cmocka_unit_test(a_pin_that_cannot_be_removed),
		cmocka_unit_test(an_unseen_close_is_found_at_the_next_call),
		cmocka_unit_test(so_is_one_whose_number_is_a_file_now),
		cmocka_unit_test(a_few_at_a_time),
		cmocka_unit_test(all_at_once_where_somebody_waits),
		cmocka_unit_test(without_a_keeper_nobody_looks),
	};

	return RUN_ISOLATED("keeper", tests);
}
