// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What the probes find on kernels of different abilities; they leave nothing behind. */
#include "isolate.h"

#include <errno.h>

#include "bpf.h"
#include "fake_kernel.h"
#include "kernel.h"
#include "kernel_features.h"

static struct features probe(const struct fake_features *kernel)
{
	struct features features;

	fake_boot(kernel);
	features_probe(&features);
	assert_int_equal(fake_open_fds(), 3);
	assert_int_equal(fake_unsafe(0), 0);
	assert_int_equal(fake_probes(NULL, 0), 0);
	assert_int_equal(fake_count(FAKE_PROG) + fake_count(FAKE_MAP) + fake_count(FAKE_LINK), 0);
	return features;
}

static void expect_features(const struct fake_features *kernel)
{
	const struct features found = probe(kernel);

	assert_int_equal(found.uprobe_multi_link, kernel->uprobe_multi);
	assert_int_equal(found.no_uprobe_multi_link, !kernel->uprobe_multi);
	assert_int_equal(found.pid_filter, kernel->pid_filter);
	assert_int_equal(found.return_ignored, kernel->sessions);
	assert_int_equal(found.prog_array_checked, kernel->prog_array_checked);
	assert_int_equal(found.cookie, kernel->cookie);
	assert_int_equal(found.sessions, kernel->sessions);
	assert_int_equal(found.kprobe_multi_link, kernel->kprobe_multi);
	assert_int_equal(found.uprobe_pmu_type, kernel->uprobe_pmu_type ? kernel->uprobe_pmu_type : -ENOENT);
}

static void kernels_of_all_ages(void **state)
{
	(void)state;
	expect_features(&fake_linux_6_18);
	expect_features(&fake_linux_6_11);
	expect_features(&fake_linux_6_6);
	expect_features(&fake_linux_6_1);
	expect_features(&fake_linux_5_10);
}

/** Fixes are ported back, and configurations leave things out: every ability alone. */
static void each_ability_alone(void **state)
{
	const struct fake_features kernels[] = {
		{ .uprobe_multi = true },
		{ .uprobe_multi = true, .pid_filter = true },
		{ .uprobe_multi = true, .pid_filter = true, .sessions = true },
		{ .prog_array_checked = true },
		{ .cookie = true },
		{ .kprobe_multi = true },
		{ .uprobe_pmu_type = 123 },
		{ .uprobe_pmu_type = 0 },
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(kernels); i++)
		expect_features(&kernels[i]);
}

/** What is newer than sessions tells as well: under a token that does not allow them. */
static void ignored_returns_are_known_by_fd_array_cnt(void **state)
{
	const struct fake_features kernel = {
		.uprobe_multi = true, .pid_filter = true, .return_ignored = true, .fd_array_cnt = true
	};

	(void)state;
	assert_true(probe(&kernel).return_ignored);
}

/** A back-ported fix of the return value cannot be seen without these: then programs are read. */
static void ignored_returns_are_known_by_newer_features_only(void **state)
{
	const struct fake_features kernel = { .uprobe_multi = true,
					      .pid_filter = true,
					      .return_ignored = true };

	(void)state;
	assert_false(probe(&kernel).return_ignored);
}

/** R7: this kernel loads the program as any other; only the link shows that it does not know the type. */
static void r7_loading_is_no_test(void **state)
{
	const struct fake_features kernel = { .cookie = true };

	(void)state;
	const struct features found = probe(&kernel);

	assert_true(fake_calls_of(SYS_bpf, BPF_PROG_LOAD) > 0);
	assert_false(found.uprobe_multi_link);
	assert_false(found.pid_filter);
	assert_false(found.sessions);
	assert_false(found.return_ignored);
}

static void without_privilege_there_is_nothing(void **state)
{
	struct features found;

	(void)state;
	for (int cmd = 0; cmd < 3; cmd++) {
		static const int commands[] = { BPF_PROG_LOAD, BPF_LINK_CREATE, BPF_MAP_CREATE };

		for (unsigned int nth = 1; nth < 8; nth++) {
			fake_boot(&fake_linux_6_18);
			fake_fail_bpf(commands[cmd], nth, EPERM);
			features_probe(&found);
			assert_false(found.no_uprobe_multi_link);
			assert_int_equal(fake_open_fds(), 3);
		}
	}
}

/** Where any call fails, at most something that is there is not found; nothing is found that is not there. */
static void no_failure_makes_a_feature(void **state)
{
	static const int errors[] = { EPERM, EMFILE, EINVAL, EBADF, EFAULT };
	struct features found;
	unsigned int nth;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(errors); i++)
		for (nth = 1; nth < 60; nth++) {
			fake_boot(&fake_linux_5_10);
			fake_fail(-1, nth, errors[i]);
			features_probe(&found);
			assert_int_equal(fake_open_fds(), 3);
			assert_false(found.cookie);
			/* EBADF and EFAULT are just what these are known by; of a program they were loaded
			 * for. */
			if (errors[i] != EBADF)
				assert_false(found.uprobe_multi_link || found.sessions || found.pid_filter);
			if (errors[i] != EFAULT)
				assert_false(found.kprobe_multi_link);
			if (errors[i] != EINVAL)
				assert_false(found.prog_array_checked);
		}
}

static void no_fd_to_spare(void **state)
{
	struct features found;

	(void)state;
	fake_boot(&fake_linux_6_11);
	fake_limit_fds(3);
	features_probe(&found);
	assert_false(found.uprobe_multi_link || found.cookie || found.kprobe_multi_link);
	assert_int_equal(found.uprobe_pmu_type, -EMFILE);
	assert_int_equal(fake_unsafe(0), 0);
}

static void a_pmu_type_that_is_no_number(void **state)
{
	struct fake_features kernel = fake_linux_6_18;

	(void)state;
	kernel.uprobe_pmu_type = 0;
	fake_boot(&kernel);
	fake_add_file("/sys/bus/event_source/devices/uprobe/type", "what\n");
	assert_int_equal(uprobe_pmu_type(), -EINVAL);
}

static long is_multi(const struct fake_features *kernel, uint32_t attach_type)
{
	const struct bpf_insn insns[] = { INSN_MOV64_IMM(BPF_REG_0, 0), INSN_EXIT() };
	long fd, answer;

	fake_boot(kernel);
	fd = bpf_load_small(attach_type, insns, 2);
	assert_true(fd >= 0);
	answer = probe_program_is_multi((int)fd);
	assert_int_equal(fake_open_fds(), 4);
	assert_int_equal(fake_unsafe(0), 0);
	return answer;
}

/** R1: of a program whose load was not seen. */
static void which_type_a_program_has(void **state)
{
	(void)state;
	assert_int_equal(is_multi(&fake_linux_6_18, UAPI_BPF_TRACE_UPROBE_MULTI), 1);
	assert_int_equal(is_multi(&fake_linux_6_6, UAPI_BPF_TRACE_UPROBE_MULTI), 1);
	assert_int_equal(is_multi(&fake_linux_6_18, 0), 0);
	assert_int_equal(is_multi(&fake_linux_6_1, 0), 0);
	/* there the type means nothing */
	assert_int_equal(is_multi(&fake_linux_6_1, UAPI_BPF_TRACE_UPROBE_MULTI), 0);
	assert_int_equal(probe_program_is_multi(2), 0);
	assert_int_equal(probe_program_is_multi(99), 0);
	fake_fail_bpf(BPF_OBJ_GET_INFO_BY_FD, 1, EPERM);
	assert_int_equal(probe_program_is_multi(3), -EPERM);
}

static void few_calls(void **state)
{
	unsigned int cnt;

	(void)state;
	probe(&fake_linux_6_18);
	fake_calls(&cnt);
	assert_in_range(cnt, 1, 45);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernels_of_all_ages),
		cmocka_unit_test(each_ability_alone),
		cmocka_unit_test(ignored_returns_are_known_by_fd_array_cnt),
		cmocka_unit_test(ignored_returns_are_known_by_newer_features_only),
		cmocka_unit_test(r7_loading_is_no_test),
		cmocka_unit_test(without_privilege_there_is_nothing),
		cmocka_unit_test(no_failure_makes_a_feature),
		cmocka_unit_test(no_fd_to_spare),
		cmocka_unit_test(a_pmu_type_that_is_no_number),
		cmocka_unit_test(which_type_a_program_has),
		cmocka_unit_test(few_calls),
	};

	return RUN_ISOLATED("probes", tests);
}
