// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What goes wrong with collected attaches: members that the kernel refuses, too few fds, calls that fail. */
#include "batch_tool.h"

#include <errno.h>
#include <linux/perf_event.h>

#include "engine.h"
#include "kernel.h"

/* ---- bad members --------------------------------------------------------------------------------- */

static void a_bad_one_among(int prog, enum style style, int perf_errno)
{
	struct held held[5];
	int before = fake_open_fds();

	fake_refuse(0x30, EINVAL, perf_errno);
	for (unsigned int i = 0; i < 5; i++)
		held[i] = attach_at(0x10 * (i + 1), prog, style == BY_SET_BPF ? 0 : 50 + i, style);
	fake_pause();
	expect_probes(4, perf_errno ? 0 : 1);
	for (unsigned int i = 0; i < 5; i++)
		if (i != 2 || !perf_errno)
			assert_int_equal(probe_at(0x10 * (i + 1)).cookie, style == BY_SET_BPF ? 0 : 50 + i);
	/* It is quiet about it. */
	assert_int_equal(tool_ioctl(held[2].event, PERF_EVENT_IOC_ENABLE, 0), 0);
	if (perf_errno)
		assert_int_equal(tool_set_bpf(held[2].event, prog), -EEXIST);
	fake_pause();
	for (unsigned int i = 0; i < 5; i++)
		let_go(held[i]);
	assert_int_equal(fake_open_fds(), before);
	expect_probes(0, 0);
}

static void a_bad_one_goes_to_perf_for(int prog, enum style style)
{
	a_bad_one_among(prog, style, 0);
	assert_string_equal(fake_stderr(), "");
}

static void a_bad_one_goes_to_perf(void **state)
{
	(void)state;
	with_each_style(a_bad_one_goes_to_perf_for);
}

static void a_bad_one_that_perf_refuses_for(int prog, enum style style)
{
	unsigned int before = times_in(fake_stderr(), "after its call had returned: ENXIO");

	a_bad_one_among(prog, style, ENXIO);
	assert_int_equal(times_in(fake_stderr(), "after its call had returned: ENXIO"), before + 1);
	fake_refuse(0x30, 0, 0);
}

static void a_bad_one_that_perf_refuses_is_logged(void **state)
{
	(void)state;
	with_each_style(a_bad_one_that_perf_refuses_for);
}

static void the_good_ones_are_found_by_halving(void **state)
{
	(void)state;
	int prog = start_batching();

	fake_refuse(0x70, EINVAL, EINVAL);
	for (unsigned int i = 0; i < 32; i++)
		attach_at(0x10 * (i + 1), prog, i, BY_LIBBPF);
	fake_forget_calls();
	fake_pause();
	expect_links(5, 31);
	/* One of 32, and two at each of the five halvings; the last one again by itself. */
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_LINK_CREATE), 1 + 2 * 5 + 1);
	assert_int_equal(fake_calls_of(SYS_perf_event_open, -1), 1);
}

static void all_can_go_to_perf(void **state)
{
	struct held held[9];

	(void)state;
	int prog = start_batching(), before = fake_open_fds();

	for (int i = 0; i < 3; i++)
		attach_three(prog, styles[i], held + 3 * i);
	fake_features.multi_errno = EINVAL;
	fake_pause();
	expect_probes(0, 9);
	for (int i = 0; i < 9; i++)
		let_go(held[i]);
	expect_probes(0, 0);
	assert_int_equal(fake_open_fds(), before);
	expect_safe();
}

/* ---- want of everything -------------------------------------------------------------------------- */

/** As many probes as the limit has room for, until the kernel says EMFILE. */
static int fill(int prog, enum style style, bool fixed, int multi_errno)
{
	struct held held;
	long result = 0;
	int cnt = 0, event;

	fake_spare_fds(10);
	if (fixed)
		fake_fix_limit();
	while (result >= 0 && cnt < 40) {
		event = (int)tool_open_at(0x10 * (unsigned int)(cnt + 1));
		if (event < 0)
			break;
		held = (struct held){ event, event };
		result = style == BY_LINK ? tool_link(held.event, prog, 0) : tool_set_bpf(held.event, prog);
		cnt += result >= 0;
	}
	fake_features.multi_errno = multi_errno;
	engine_settle();
	return cnt;
}

static void as_many_as_fit(enum style style, int multi_errno)
{
	int wanted, cnt, limit;

	tool_start_without(&fake_linux_6_18);
	wanted = fill(expect_fd(tool_load_simple(RETURN_0)), style, false, 0);
	cnt = fill(start_batching(), style, false, multi_errno);
	limit = fake_fd_limit();
	assert_int_equal(cnt, wanted);
	expect_probes(multi_errno ? 0 : (unsigned int)cnt, multi_errno ? (unsigned int)cnt : 0);
	if (!multi_errno)
		assert_int_equal(fake_count(FAKE_LINK), 1);
	assert_string_equal(fake_stderr(), "");
	assert_int_equal(fake_fd_limit(), limit);
	expect_safe();
}

static void as_many_probes_as_fds_by_link(void **state)
{
	(void)state;
	as_many_as_fit(BY_LINK, 0);
}

static void as_many_probes_as_fds_by_set_bpf(void **state)
{
	(void)state;
	as_many_as_fit(BY_SET_BPF, 0);
}

static void as_many_perf_probes_as_fds_by_link(void **state)
{
	(void)state;
	as_many_as_fit(BY_LINK, EINVAL);
}

static void as_many_perf_probes_as_fds_by_set_bpf(void **state)
{
	(void)state;
	as_many_as_fit(BY_SET_BPF, EINVAL);
}

/** One call after the other fails: what the tool was told is so, and all ends well. */
static void one_fault(void **state)
{
	const unsigned int nth = *(const unsigned int *)*state;
	struct held held[6];
	unsigned int cnt = 0, lost;
	int prog = start_batching(), before = fake_open_fds();

	fake_fail(-1, nth, ENOMEM);
	for (unsigned int i = 0; i < 6; i++) {
		const struct attach_hint hint = { .by_libbpf = styles[i % 3] == BY_LIBBPF };
		struct tool_uprobe uprobe = { .offset = 0x10 * (i + 1) };
		long result;

		held[cnt].event = (int)tool_open_uprobe(&uprobe);
		if (held[cnt].event < 0)
			continue;
		tool_close(held[cnt].event);
		hints_set_attach(&hint);
		result = attach_uprobe(&uprobe, prog, 0, styles[i % 3], &held[cnt]);
		hints_set_attach(NULL);
		if (result < 0)
			tool_close(held[cnt].event);
		else
			cnt++;
	}
	fake_pause();
	lost = cnt - fake_probes(NULL, 0);
	if (lost > (fake_has_failed_natively() ? 1 : 0))
		fail_msg("%u of %u are lost with call %u: %s", lost, cnt, nth, fake_failed_call());
	if (cnt < 6 && !fake_has_failed())
		fail_msg("an attach failed, and no call did");
	for (unsigned int i = 0; i < cnt; i += 2)
		let_go(held[i]);
	fake_pause();
	for (unsigned int i = 1; i < cnt; i += 2)
		let_go(held[i]);
	expect_probes(0, 0);
	if (fake_open_fds() != before)
		fail_msg("%d fds stay with call %u: %s", fake_open_fds() - before, nth, fake_failed_call());
	expect_safe();
}

static int fault_in_a_process(void *arg)
{
	const struct CMUnitTest test = { "one fault", one_fault, NULL, NULL, arg };

	return _cmocka_run_group_tests("fault", &test, 1, NULL, NULL);
}

static void any_call_may_fail(void **state)
{
	int failed = 0;

	(void)state;
	for (unsigned int nth = 1; nth <= 250; nth++)
		failed += in_child(fault_in_a_process, &nth) != 0;
	assert_int_equal(failed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bad_one_goes_to_perf),
		cmocka_unit_test(a_bad_one_that_perf_refuses_is_logged),
		cmocka_unit_test(the_good_ones_are_found_by_halving),
		cmocka_unit_test(all_can_go_to_perf),
		cmocka_unit_test(as_many_probes_as_fds_by_link),
		cmocka_unit_test(as_many_probes_as_fds_by_set_bpf),
		cmocka_unit_test(as_many_perf_probes_as_fds_by_link),
		cmocka_unit_test(as_many_perf_probes_as_fds_by_set_bpf),
		cmocka_unit_test(any_call_may_fail),
	};

	return RUN_ISOLATED("batch-failures", tests);
}
