// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The other direction: a tool's own uprobe_multi links on a kernel that has none. */
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "config.h"
#include "engine.h"
#include "kernel.h"

enum { PLACES = 3, TGID = 4000, THREAD = 4001 };

static const uint64_t offsets[PLACES] = { 0x10, 0x20, 0x30 };
static const uint64_t ref_ctr_offsets[PLACES] = { 0x100, 0, 0x102 };
static const uint64_t cookies[PLACES] = { 7, 8, 9 };

static struct uapi_link_create three_places(int prog)
{
	return (struct uapi_link_create){
		.prog_fd = (uint32_t)prog,
		.attach_type = UAPI_BPF_TRACE_UPROBE_MULTI,
		.uprobe_multi = {
			.path = ptr_to_u64(FAKE_TARGET),
			.offsets = ptr_to_u64(offsets),
			.ref_ctr_offsets = ptr_to_u64(ref_ctr_offsets),
			.cookies = ptr_to_u64(cookies),
			.cnt = PLACES,
		},
	};
}

static long create(const struct uapi_link_create *attr)
{
	return tool_bpf(BPF_LINK_CREATE, attr, sizeof(*attr));
}

/** The program of a uprobe.multi section, as libbpf loads it. */
static int load_multi(void)
{
	struct tool_program program = tool_simple(RETURN_0);

	program.expected_attach_type = UAPI_BPF_TRACE_UPROBE_MULTI;
	return expect_fd(tool_load(&program));
}

static int start(const struct fake_features *features)
{
	tool_start(features);
	fake_add_task(TGID, TGID);
	fake_add_task(THREAD, TGID);
	return load_multi();
}

static int attach_three(void)
{
	const int prog = start(&fake_linux_6_1);
	const struct uapi_link_create attr = three_places(prog);

	return expect_fd(create(&attr));
}

/** By offset: the kernel's order is nobody's business. */
static struct fake_probe probe_at(uint64_t offset)
{
	struct fake_probe probes[8];
	unsigned int cnt = fake_probes(probes, 8);

	for (unsigned int i = 0; i < cnt; i++)
		if (probes[i].offset == offset)
			return probes[i];
	fail_msg("nothing is attached at 0x%llx", (unsigned long long)offset);
	return probes[0];
}

/* ---- what is attached ---------------------------------------------------------------------------- */

static void all_places_are_attached(void **state)
{
	(void)state;
	attach_three();
	expect_probes(0, PLACES);
	for (int i = 0; i < PLACES; i++) {
		const struct fake_probe probe = probe_at(offsets[i]);

		assert_string_equal(probe.path, FAKE_TARGET);
		assert_int_equal(probe.ref_ctr_offset, ref_ctr_offsets[i]);
		assert_int_equal(probe.cookie, cookies[i]);
		assert_int_equal(probe.pid, -1);
		assert_false(probe.retprobe);
	}
	expect_safe();
}

static void returns_and_a_process(void **state)
{
	const int prog = start(&fake_linux_6_1);
	struct uapi_link_create attr = three_places(prog);

	(void)state;
	attr.uprobe_multi.flags = UAPI_BPF_F_UPROBE_MULTI_RETURN;
	attr.uprobe_multi.pid = TGID;
	attr.uprobe_multi.cookies = attr.uprobe_multi.ref_ctr_offsets = 0;
	expect_fd(create(&attr));
	expect_probes(0, PLACES);
	for (int i = 0; i < PLACES; i++) {
		const struct fake_probe probe = probe_at(offsets[i]);

		assert_true(probe.retprobe);
		assert_int_equal(probe.pid, TGID);
		assert_int_equal(probe.cookie, 0);
		assert_int_equal(probe.ref_ctr_offset, 0);
	}
}

static void a_kernel_that_has_such_links_is_left_to_it(void **state)
{
	const int prog = start(&fake_linux_6_18);
	const struct uapi_link_create attr = three_places(prog);

	(void)state;
	fake_forget_calls();
	expect_fd(create(&attr));
	assert_int_equal(fake_calls_of(-1, -1), 1);
	expect_probes(PLACES, 0);
}

/* ---- one link ------------------------------------------------------------------------------------ */

static void one_close_detaches_all(void **state)
{
	const int prog = start(&fake_linux_6_1);
	const struct uapi_link_create attr = three_places(prog);
	const int fds = fake_open_fds();
	int link;

	(void)state;
	link = expect_fd(create(&attr));
	assert_int_equal(fake_open_fds(), fds + PLACES); /* perf links keep their events */
	assert_int_equal(tool_close(link), 0);
	expect_probes(0, 0);
	assert_int_equal(fake_count(FAKE_PERF), 0);
	assert_int_equal(fake_open_fds(), fds);
	assert_int_equal(tool_close(link), -EBADF);
}

static void the_last_copy_detaches_all(void **state)
{
	const int link = attach_three();
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
	const int prog = start(&fake_linux_6_1);
	const struct uapi_link_create attr = three_places(prog);
	const int fds = fake_open_fds();

	config.log_level = LOG_INFO;
	(void)state;
	for (int i = 0; i < PLACES; i++) {
		fake_refuse(offsets[i], 0, ENOSPC);
		assert_int_equal(create(&attr), -ENOSPC);
		expect_probes(0, 0);
		assert_int_equal(fake_count(FAKE_PERF), 0);
		assert_int_equal(fake_open_fds(), fds);
	}
	assert_non_null(strstr(fake_stderr(), "of 3 places 1 were refused, the first at 0x20: ENOSPC"));
}

static void no_program_runs_before_all_places_are_good(void **state)
{
	const int prog = start(&fake_linux_6_1);
	const struct uapi_link_create attr = three_places(prog);

	(void)state;
	fake_refuse(offsets[PLACES - 1], 0, EINVAL);
	create(&attr); /* the features are probed here, with links of their own */
	fake_forget_calls();
	assert_int_equal(create(&attr), -EINVAL);
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_LINK_CREATE), 1);
}

static void a_link_that_fails_takes_all_along(void **state)
{
	const int prog = start(&fake_linux_6_1);
	const struct uapi_link_create attr = three_places(prog);
	const int fds = fake_open_fds();

	(void)state;
	tool_close(expect_fd(create(&attr)));
	for (unsigned int nth = 2; nth <= 1 + PLACES; nth++) {
		fake_fail_bpf(BPF_LINK_CREATE, nth, ENOMEM);
		assert_int_equal(create(&attr), -ENOMEM);
		assert_true(fake_has_failed());
		expect_probes(0, 0);
		assert_int_equal(fake_open_fds(), fds);
	}
}

/* ---- sections that an old libbpf was taught ------------------------------------------------------ */

/** libbpf attaches one place, and the hint has them all. */
static long attach_hinted(int prog, int *event)
{
	const struct attach_hint hint = { .offsets = offsets, .cnt = PLACES, .by_libbpf = true };
	long result;

	hints_set_attach(&hint);
	*event = expect_fd(tool_open_at(offsets[0]));
	result = tool_link(*event, prog, 0);
	hints_set_attach(NULL);
	return result;
}

static void a_taught_section_is_attached_to_all(void **state)
{
	const int prog = start(&fake_linux_6_1);
	const int fds = fake_open_fds();
	int event, link;

	(void)state;
	link = expect_fd(attach_hinted(prog, &event));
	expect_probes(0, PLACES);
	for (int i = 0; i < PLACES; i++)
		assert_int_equal(probe_at(offsets[i]).pid, -1);
	tool_close(event);
	expect_probes(0, PLACES);
	tool_close(link);
	expect_probes(0, 0);
	assert_int_equal(fake_open_fds(), fds);
	expect_safe();
}

static void a_taught_section_is_all_or_nothing(void **state)
{
	const int prog = start(&fake_linux_6_1);
	const int fds = fake_open_fds();
	int event;

	(void)state;
	fake_refuse(offsets[1], 0, ENOSPC);
	assert_int_equal(attach_hinted(prog, &event), -ENOSPC);
	expect_probes(0, 0);
	tool_close(event);
	assert_int_equal(fake_open_fds(), fds);
	fake_refuse(offsets[1], 0, 0);
	fake_fail_bpf(BPF_LINK_CREATE, PLACES, ENOMEM); /* the last, which the tool itself asked for */
	assert_int_equal(attach_hinted(prog, &event), -ENOMEM);
	expect_probes(0, 0);
	tool_close(event);
	assert_int_equal(fake_open_fds(), fds);
}

/* ---- what the kernel is to say ------------------------------------------------------------------- */

static long create_changed(int prog, void (*change)(struct uapi_link_create *attr))
{
	struct uapi_link_create attr = three_places(prog);
	const int fds = fake_open_fds();
	long result;

	change(&attr);
	result = create(&attr);
	expect_probes(0, 0);
	assert_int_equal(fake_open_fds(), fds);
	return result;
}

static void of_a_directory(struct uapi_link_create *attr)
{
	attr->uprobe_multi.path = ptr_to_u64("/"); /* libbpf's and others' feature probe */
}

static void with_flags(struct uapi_link_create *attr)
{
	attr->flags = 1;
}

static void with_unknown_flags(struct uapi_link_create *attr)
{
	attr->uprobe_multi.flags = 2;
}

static void without_places(struct uapi_link_create *attr)
{
	attr->uprobe_multi.cnt = 0;
}

static void with_too_many(struct uapi_link_create *attr)
{
	attr->uprobe_multi.cnt = (1 << 20) + 1;
}

static void without_offsets(struct uapi_link_create *attr)
{
	attr->uprobe_multi.offsets = 0;
}

static void with_minus_one(struct uapi_link_create *attr)
{
	attr->uprobe_multi.pid = (uint32_t)-1;
}

static void of_a_missing_file(struct uapi_link_create *attr)
{
	attr->uprobe_multi.path = ptr_to_u64("/no/such/file");
}

static void of_a_thread(struct uapi_link_create *attr)
{
	attr->uprobe_multi.pid = THREAD;
}

static void of_nobody(struct uapi_link_create *attr)
{
	attr->uprobe_multi.pid = 4711;
}

static void with_a_far_ref_ctr(struct uapi_link_create *attr)
{
	static const uint64_t far[PLACES] = { 0, 1ull << 33, 0 };

	attr->uprobe_multi.ref_ctr_offsets = ptr_to_u64(far);
}

static void what_is_not_valid_fails_as_before(void **state)
{
	const int prog = start(&fake_linux_6_1);

	(void)state;
	assert_int_equal(create_changed(prog, of_a_directory), -EINVAL);
	assert_int_equal(create_changed(prog, with_flags), -EINVAL);
	assert_int_equal(create_changed(prog, with_unknown_flags), -EINVAL);
	assert_int_equal(create_changed(prog, without_places), -EINVAL);
	assert_int_equal(create_changed(prog, with_too_many), -EINVAL);
	assert_int_equal(create_changed(prog, without_offsets), -EINVAL);
	assert_int_equal(create_changed(prog, with_minus_one), -EINVAL);
	assert_int_equal(create_changed(prog, with_a_far_ref_ctr), -EINVAL);
}

static void errors_are_those_of_a_multi_link(void **state)
{
	const int prog = start(&fake_linux_6_1);

	(void)state;
	assert_int_equal(create_changed(prog, of_a_missing_file), -ENOENT);
	assert_int_equal(create_changed(prog, of_a_thread), -ESRCH);
	assert_int_equal(create_changed(prog, of_nobody), -ESRCH);
}

/** Sessions run at entry and at return, which perf does not do. */
static void sessions_are_left_to_the_kernel(void **state)
{
	const int prog = start(&fake_linux_6_1);
	struct uapi_link_create attr = three_places(prog);

	(void)state;
	attr.attach_type = UAPI_BPF_TRACE_UPROBE_SESSION;
	assert_int_equal(create(&attr), -EINVAL);
	expect_probes(0, 0);
}

static void a_program_of_the_single_type_is_refused(void **state)
{
	struct uapi_link_create attr;

	(void)state;
	start(&fake_linux_6_1);
	attr = three_places(expect_fd(tool_load_simple(RETURN_0)));
	assert_int_equal(create(&attr), -EINVAL);
	expect_probes(0, 0);
}

/** R1: where the kernel would not be asked, it may have helpers for the multi type after all. */
static void r1_not_where_the_kernel_is_unknown(void **state)
{
	struct uapi_link_create attr;

	(void)state;
	tool_start(&fake_linux_6_18);
	fake_fail_bpf(BPF_LINK_CREATE, 1, EPERM); /* the first feature probe */
	attr = three_places(load_multi());
	expect_fd(tool_attach_link(0x40, expect_fd(tool_load_simple(RETURN_0)), 0));
	assert_true(fake_has_failed());
	expect_probes(0, 1);
	fake_features.multi_errno = EINVAL;
	fake_forget_calls();
	assert_int_equal(create(&attr), -EINVAL);
	assert_int_equal(fake_calls_of(SYS_perf_event_open, -1), 0);
	expect_probes(0, 1);
	expect_safe();
}

static void require_wants_the_real_thing(void **state)
{
	const int prog = start(&fake_linux_6_1);
	const struct uapi_link_create attr = three_places(prog);

	(void)state;
	config.require = true;
	assert_int_equal(create(&attr), -EINVAL);
	expect_probes(0, 0);
}

static void skip_leaves_it_to_the_kernel(void **state)
{
	const int prog = start(&fake_linux_6_1);
	const struct uapi_link_create attr = three_places(prog);

	(void)state;
	config.skip = "*target*";
	assert_int_equal(create(&attr), -EINVAL);
	expect_probes(0, 0);
}

/* ---- its fds ------------------------------------------------------------------------------------- */

static void it_cannot_be_pinned(void **state)
{
	const int link = attach_three();

	(void)state;
	assert_int_equal(tool_pin(link, "/sys/fs/bpf/link"), -EOPNOTSUPP);
	assert_int_equal(tool_close(link), 0);
	expect_probes(0, 0);
}

static void all_its_fds_are_close_on_exec(void **state)
{
	attach_three();
	(void)state;
	for (int fd = 0; fd < fake_fd_limit(); fd++)
		if (fake_fd_is_open(fd) && fake_kind_of(fd) == FAKE_LINK)
			assert_true(fake_fd_is_cloexec(fd));
}

/** close_range() inside libc, say: the numbers may be the tool's files by then. */
static void a_number_that_became_a_file_is_not_closed(void **state)
{
	const int link = attach_three();
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
	const int link = attach_three();

	(void)state;
	kernel_call(SYS_dup3, 2, link, O_CLOEXEC, 0, 0, 0);
	expect_probes(0, PLACES - 1);
	assert_int_equal(tool_close(link), 0);
	expect_probes(0, 0);
}

static void the_tools_numbers_stay_low(void **state)
{
	const int link = attach_three();

	(void)state;
	assert_int_equal(expect_fd(tool_dup(2)), link + 1);
}

static void more_places_than_fds(void **state)
{
	const int prog = start(&fake_linux_6_1);
	const struct uapi_link_create attr = three_places(prog);
	int fds, link;

	(void)state;
	fake_spare_fds(1);
	fds = fake_open_fds();
	link = expect_fd(create(&attr));
	expect_probes(0, PLACES);
	assert_int_equal(tool_close(link), 0);
	assert_int_equal(fake_open_fds(), fds);
	fake_fix_limit();
	assert_int_equal(create(&attr), -EMFILE);
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
		cmocka_unit_test(what_is_not_valid_fails_as_before),
		cmocka_unit_test(errors_are_those_of_a_multi_link),
		cmocka_unit_test(sessions_are_left_to_the_kernel),
		cmocka_unit_test(a_program_of_the_single_type_is_refused),
		cmocka_unit_test(r1_not_where_the_kernel_is_unknown),
		cmocka_unit_test(require_wants_the_real_thing),
		cmocka_unit_test(skip_leaves_it_to_the_kernel),
		cmocka_unit_test(it_cannot_be_pinned),
		cmocka_unit_test(all_its_fds_are_close_on_exec),
		cmocka_unit_test(a_number_that_became_a_file_is_not_closed),
		cmocka_unit_test(a_link_that_was_closed_unseen),
		cmocka_unit_test(the_tools_numbers_stay_low),
		cmocka_unit_test(more_places_than_fds),
	};

	return RUN_ISOLATED("attach-multi", tests);
}
