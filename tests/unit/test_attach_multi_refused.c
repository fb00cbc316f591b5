// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The other direction: which of a tool's uprobe_multi links stay the kernel's to answer, on a kernel without
 * them. */
#include "multi_tool.h"

#include <errno.h>

#include "config.h"
#include "kernel.h"

static long create_changed(int prog, void (*change)(struct uapi_link_create *attr))
{
	struct uapi_link_create attr = multi_three_places(prog);
	const int fds = fake_open_fds();
	long result;

	change(&attr);
	result = multi_create(&attr);
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
	const int prog = multi_start(&fake_linux_6_1);

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
	const int prog = multi_start(&fake_linux_6_1);

	(void)state;
	assert_int_equal(create_changed(prog, of_a_missing_file), -ENOENT);
	assert_int_equal(create_changed(prog, of_a_thread), -ESRCH);
	assert_int_equal(create_changed(prog, of_nobody), -ESRCH);
}

/** Sessions run at entry and at return, which perf does not do. */
static void sessions_are_left_to_the_kernel(void **state)
{
	const int prog = multi_start(&fake_linux_6_1);
	struct uapi_link_create attr = multi_three_places(prog);

	(void)state;
	attr.attach_type = UAPI_BPF_TRACE_UPROBE_SESSION;
	assert_int_equal(multi_create(&attr), -EINVAL);
	expect_probes(0, 0);
}

static void a_program_of_the_single_type_is_refused(void **state)
{
	struct uapi_link_create attr;

	(void)state;
	multi_start(&fake_linux_6_1);
	attr = multi_three_places(expect_fd(tool_load_simple(RETURN_0)));
	assert_int_equal(multi_create(&attr), -EINVAL);
	expect_probes(0, 0);
}

/** R1: where the kernel would not be asked, it may have helpers for the multi type after all. */
static void r1_not_where_the_kernel_is_unknown(void **state)
{
	struct uapi_link_create attr;

	(void)state;
	tool_start(&fake_linux_6_18);
	fake_fail_bpf(BPF_LINK_CREATE, 1, EPERM); /* the first feature probe */
	attr = multi_three_places(multi_load());
	expect_fd(tool_attach_link(0x40, expect_fd(tool_load_simple(RETURN_0)), 0));
	assert_true(fake_has_failed());
	expect_probes(0, 1);
	fake_features.multi_errno = EINVAL;
	fake_forget_calls();
	assert_int_equal(multi_create(&attr), -EINVAL);
	assert_int_equal(fake_calls_of(SYS_perf_event_open, -1), 0);
	expect_probes(0, 1);
	expect_safe();
}

static void require_wants_the_real_thing(void **state)
{
	const int prog = multi_start(&fake_linux_6_1);
	const struct uapi_link_create attr = multi_three_places(prog);

	(void)state;
	config.require = true;
	assert_int_equal(multi_create(&attr), -EINVAL);
	expect_probes(0, 0);
}

static void skip_leaves_it_to_the_kernel(void **state)
{
	const int prog = multi_start(&fake_linux_6_1);
	const struct uapi_link_create attr = multi_three_places(prog);

	(void)state;
	config.skip = "*target*";
	assert_int_equal(multi_create(&attr), -EINVAL);
	expect_probes(0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_valid_fails_as_before),
		cmocka_unit_test(errors_are_those_of_a_multi_link),
		cmocka_unit_test(sessions_are_left_to_the_kernel),
		cmocka_unit_test(a_program_of_the_single_type_is_refused),
		cmocka_unit_test(r1_not_where_the_kernel_is_unknown),
		cmocka_unit_test(require_wants_the_real_thing),
		cmocka_unit_test(skip_leaves_it_to_the_kernel),
	};

	return RUN_ISOLATED("attach-multi-refused", tests);
}
