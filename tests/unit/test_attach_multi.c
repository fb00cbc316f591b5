// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The other direction: a tool's own uprobe_multi links on a kernel that has none. */
#include "multi_tool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "config.h"
#include "engine.h"
#include "kernel.h"

/* ---- what is attached ---------------------------------------------------------------------------- */

static void all_places_are_attached(void **state)
{
	(void)state;
	multi_attach_three();
	expect_probes(0, PLACES);
	for (int i = 0; i < PLACES; i++) {
		const struct fake_probe probe = multi_probe_at(multi_offsets[i]);

		assert_string_equal(probe.path, FAKE_TARGET);
		assert_int_equal(probe.ref_ctr_offset, multi_ref_ctr_offsets[i]);
		assert_int_equal(probe.cookie, multi_cookies[i]);
		assert_int_equal(probe.pid, -1);
		assert_false(probe.retprobe);
	}
	expect_safe();
}

static void returns_and_a_process(void **state)
{
	const int prog = multi_start(&fake_linux_6_1);
	struct uapi_link_create attr = multi_three_places(prog);

	(void)state;
	attr.uprobe_multi.flags = UAPI_BPF_F_UPROBE_MULTI_RETURN;
	attr.uprobe_multi.pid = TGID;
	attr.uprobe_multi.cookies = attr.uprobe_multi.ref_ctr_offsets = 0;
	expect_fd(multi_create(&attr));
	expect_probes(0, PLACES);
	for (int i = 0; i < PLACES; i++) {
		const struct fake_probe probe = multi_probe_at(multi_offsets[i]);

		assert_true(probe.retprobe);
		assert_int_equal(probe.pid, TGID);
		assert_int_equal(probe.cookie, 0);
		assert_int_equal(probe.ref_ctr_offset, 0);
	}
}

static void a_kernel_that_has_such_links_is_left_to_it(void **state)
{
	const int prog = multi_start(&fake_linux_6_18);
	const struct uapi_link_create attr = multi_three_places(prog);

	(void)state;
	fake_forget_calls();
	expect_fd(multi_create(&attr));
	assert_int_equal(fake_calls_of(-1, -1), 1);
	expect_probes(PLACES, 0);
}

/* ---- one link ------------------------------------------------------------------------------------ */

static void one_close_detaches_all(void **state)
{
	const int prog = multi_start(&fake_linux_6_1);
	const struct uapi_link_create attr = multi_three_places(prog);
	const int fds = fake_open_fds();
	int link;

	(void)state;
	link = expect_fd(multi_create(&attr));
	assert_int_equal(fake_open_fds(), fds + PLACES); /* perf links keep their events */
	assert_int_equal(tool_close(link), 0);
	expect_probes(0, 0);
	assert_int_equal(fake_count(FAKE_PERF), 0);
	assert_int_equal(fake_open_fds(), fds);
	assert_int_equal(tool_close(link), -EBADF);
}

static void the_last_copy_detaches_all(void **state)
{
	const int link = multi_attach_three();
	const int copy = expect_fd(tool_dup(link));

	(void)state;
	assert_int_equal(tool_close(link), 0);
	expect_probes(0, PLACES);
	assert_int_equal(tool_close(copy), 0);
	expect_probes(0, 0);
	assert_int_equal(fake_count(FAKE_PERF), 0);
}

/* ---- all or nothing ------------------------------------------------------------------------------ */

static void one_bad_place_is_none(void **state)
{
	const int prog = multi_start(&fake_linux_6_1);
	const struct uapi_link_create attr = multi_three_places(prog);
	const int fds = fake_open_fds();

	config.log_level = LOG_INFO;
	(void)state;
	for (int i = 0; i < PLACES; i++) {
		fake_refuse(multi_offsets[i], 0, ENOSPC);
		assert_int_equal(multi_create(&attr), -ENOSPC);
		expect_probes(0, 0);
		assert_int_equal(fake_count(FAKE_PERF), 0);
		assert_int_equal(fake_open_fds(), fds);
	}
	assert_non_null(strstr(fake_stderr(), "of 3 places 1 were refused, the first at 0x20: ENOSPC"));
}

static void no_program_runs_before_all_places_are_good(void **state)
{
	const int prog = multi_start(&fake_linux_6_1);
	const struct uapi_link_create attr = multi_three_places(prog);

	(void)state;
	fake_refuse(multi_offsets[PLACES - 1], 0, EINVAL);
	multi_create(&attr); /* the features are probed here, with links of their own */
	fake_forget_calls();
	assert_int_equal(multi_create(&attr), -EINVAL);
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_LINK_CREATE), 1);
}

static void a_link_that_fails_takes_all_along(void **state)
{
	const int prog = multi_start(&fake_linux_6_1);
	const struct uapi_link_create attr = multi_three_places(prog);
	const int fds = fake_open_fds();

	(void)state;
	tool_close(expect_fd(multi_create(&attr)));
	for (unsigned int nth = 2; nth <= 1 + PLACES; nth++) {
		fake_fail_bpf(BPF_LINK_CREATE, nth, ENOMEM);
		assert_int_equal(multi_create(&attr), -ENOMEM);
		assert_true(fake_has_failed());
		expect_probes(0, 0);
		assert_int_equal(fake_open_fds(), fds);
	}
}

/* ---- sections that an old libbpf was taught ------------------------------------------------------ */

/** libbpf attaches one place, and the hint has them all. */
static long attach_hinted(int prog, int *event)
{
	const struct attach_hint hint = { .offsets = multi_offsets, .cnt = PLACES, .by_libbpf = true };
	long result;

	hints_set_attach(&hint);
	*event = expect_fd(tool_open_at(multi_offsets[0]));
	result = tool_link(*event, prog, 0);
	hints_set_attach(NULL);
	return result;
}

static void a_taught_section_is_attached_to_all(void **state)
{
	const int prog = multi_start(&fake_linux_6_1);
	const int fds = fake_open_fds();
	int event, link;

	(void)state;
	link = expect_fd(attach_hinted(prog, &event));
	expect_probes(0, PLACES);
	for (int i = 0; i < PLACES; i++)
		assert_int_equal(multi_probe_at(multi_offsets[i]).pid, -1);
	tool_close(event);
	expect_probes(0, PLACES);
	tool_close(link);
	expect_probes(0, 0);
	assert_int_equal(fake_open_fds(), fds);
	expect_safe();
}

static void a_taught_section_is_all_or_nothing(void **state)
{
	const int prog = multi_start(&fake_linux_6_1);
	const int fds = fake_open_fds();
	int event;

	(void)state;
	fake_refuse(multi_offsets[1], 0, ENOSPC);
	assert_int_equal(attach_hinted(prog, &event), -ENOSPC);
	expect_probes(0, 0);
	tool_close(event);
	assert_int_equal(fake_open_fds(), fds);
	fake_refuse(multi_offsets[1], 0, 0);
	fake_fail_bpf(BPF_LINK_CREATE, PLACES, ENOMEM); /* the last, which the tool itself asked for */
	assert_int_equal(attach_hinted(prog, &event), -ENOMEM);
	expect_probes(0, 0);
	tool_close(event);
	assert_int_equal(fake_open_fds(), fds);
}

/* ---- its fds ------------------------------------------------------------------------------------- */

static void it_cannot_be_pinned(void **state)
{
	const int link = multi_attach_three();

	(void)state;
	assert_int_equal(tool_pin(link, "/sys/fs/bpf/link"), -EOPNOTSUPP);
	assert_int_equal(tool_close(link), 0);
	expect_probes(0, 0);
}

static void all_its_fds_are_close_on_exec(void **state)
{
	multi_attach_three();
	(void)state;
	for (int fd = 0; fd < fake_fd_limit(); fd++)
		if (fake_fd_is_open(fd) && fake_kind_of(fd) == FAKE_LINK)
			assert_true(fake_fd_is_cloexec(fd));
}

/** close_range() inside libc, say: the numbers may be the tool's files by then. */
static void a_number_that_became_a_file_is_not_closed(void **state)
{
	const int link = multi_attach_three();
	int file = -1;

	(void)state;
	for (int fd = 0; fd < fake_fd_limit(); fd++) {
		if (fd == link || !fake_fd_is_open(fd) || fake_kind_of(fd) != FAKE_LINK)
			continue;
		file = fd;
		kernel_call(SYS_dup3, 2, fd, O_CLOEXEC, 0, 0, 0);
	}
	assert_true(file > 2);
	assert_int_equal(tool_close(link), 0);
	assert_true(fake_fd_is_open(file));
	expect_probes(0, 0);
}

/** The others end at the latest when it is seen that the tool's number is something else. */
static void a_link_that_was_closed_unseen(void **state)
{
	const int link = multi_attach_three();

	(void)state;
	kernel_call(SYS_dup3, 2, link, O_CLOEXEC, 0, 0, 0);
	expect_probes(0, PLACES - 1);
	assert_int_equal(tool_close(link), 0);
	expect_probes(0, 0);
}

static void the_tools_numbers_stay_low(void **state)
{
	const int link = multi_attach_three();

	(void)state;
	assert_int_equal(expect_fd(tool_dup(2)), link + 1);
}

static void more_places_than_fds(void **state)
{
	const int prog = multi_start(&fake_linux_6_1);
	const struct uapi_link_create attr = multi_three_places(prog);
	int fds, link;

	(void)state;
	fake_spare_fds(PLACES);
	fds = fake_open_fds();
	assert_int_equal(multi_create(&attr), -EMFILE);
	expect_probes(0, 0);
	fake_spare_fds(PLACES + 1);
	link = expect_fd(multi_create(&attr));
	expect_probes(0, PLACES);
	assert_int_equal(tool_close(link), 0);
	assert_int_equal(fake_open_fds(), fds);
	fake_spare_fds(1);
	assert_int_equal(multi_create(&attr), -EMFILE);
	expect_probes(0, 0);
	assert_int_equal(fake_open_fds(), fds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_places_are_attached),
		cmocka_unit_test(returns_and_a_process),
		cmocka_unit_test(a_kernel_that_has_such_links_is_left_to_it),
		cmocka_unit_test(one_close_detaches_all),
		cmocka_unit_test(the_last_copy_detaches_all),
		cmocka_unit_test(one_bad_place_is_none),
		cmocka_unit_test(no_program_runs_before_all_places_are_good),
		cmocka_unit_test(a_link_that_fails_takes_all_along),
		cmocka_unit_test(a_taught_section_is_attached_to_all),
		cmocka_unit_test(a_taught_section_is_all_or_nothing),
		cmocka_unit_test(it_cannot_be_pinned),
		cmocka_unit_test(all_its_fds_are_close_on_exec),
		cmocka_unit_test(a_number_that_became_a_file_is_not_closed),
		cmocka_unit_test(a_link_that_was_closed_unseen),
		cmocka_unit_test(the_tools_numbers_stay_low),
		cmocka_unit_test(more_places_than_fds),
	};

	return RUN_ISOLATED("attach-multi", tests);
}
