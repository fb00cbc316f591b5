// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Programs that come from elsewhere, that are pinned, and that come and go. */
#include "tool.h"

#include <errno.h>

#include "config.h"
#include "kernel.h"

/** A program that was pinned, or passed over by another process: its load was not seen. */
static void a_single_program_from_elsewhere_goes_native(void **state)
{
	(void)state;
	tool_start_with_program(&fake_linux_6_18);
	int prog = expect_fd(tool_load_unseen(RETURN_0, 0));

	expect_fd(tool_attach_link(0, prog, 3));
	expect_probes(0, 1);
	assert_int_equal(tool_attach_ioctl(0, prog), 0);
	expect_probes(0, 2);
	expect_safe();
}

static void a_multi_program_from_elsewhere_gets_a_link(void **state)
{
	(void)state;
	tool_start_with_program(&fake_linux_6_18);
	int prog = expect_fd(tool_load_unseen(RETURN_0, UAPI_BPF_TRACE_UPROBE_MULTI));

	expect_fd(tool_attach_link(0, prog, 3));
	assert_int_equal(tool_attach_ioctl(0, prog), 0);
	expect_probes(2, 0);
	expect_safe();
}

/** A process whose programs are all pinned ones. */
static void pinned_programs(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	fake_pin((int)tool_load_unseen(RETURN_0, UAPI_BPF_TRACE_UPROBE_MULTI), "/sys/fs/bpf/multi");
	fake_pin((int)tool_load_unseen(RETURN_0, 0), "/sys/fs/bpf/single");
	int multi = expect_fd(tool_get_pinned("/sys/fs/bpf/multi"));
	int single = expect_fd(tool_get_pinned("/sys/fs/bpf/single"));

	expect_fd(tool_attach_link(0, multi, 0));
	assert_int_equal(tool_attach_ioctl(0, multi), 0);
	expect_probes(2, 0);
	expect_fd(tool_attach_link(0, single, 0));
	assert_int_equal(tool_attach_ioctl(0, single), 0);
	expect_probes(2, 2);
	expect_safe();
}

/** What this process loaded and pinned itself is the same program when it comes back. */
static void a_pinned_program_of_ones_own(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_simple(RETURN_0));

	fake_pin(prog, "/sys/fs/bpf/own");
	tool_close(prog);
	prog = expect_fd(tool_get_pinned("/sys/fs/bpf/own"));
	expect_fd(tool_attach_link(0, prog, 0));
	expect_probes(1, 0);
}

/**
 * What others find under the path must serve them as without upshift: on a perf event too, where nobody may
 * be there to look at its type (R1).
 */
static void what_is_pinned_is_for_perf_events(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_hinted(RETURN_0));
	int before = fake_open_fds();

	assert_int_equal(tool_pin(prog, "/sys/fs/bpf/shared"), 0);
	assert_int_equal(fake_open_fds(), before);
	int pinned = expect_fd(tool_get_pinned("/sys/fs/bpf/shared"));

	assert_int_equal(fake_attach_type_of(pinned), 0);
	/* and here it is the program that it was */
	expect_fd(tool_attach_link(0, pinned, 0));
	expect_probes(1, 0);
	expect_fd(tool_attach_link(0, prog, 0));
	expect_probes(2, 0);
	assert_int_equal(tool_set_bpf(expect_fd(tool_open_tracepoint()), pinned), 0);
	expect_safe();
}

static void other_things_are_pinned_as_they_are(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int map = expect_fd(tool_create_map(BPF_MAP_TYPE_HASH)), prog = expect_fd(tool_load_simple(RETURN_0));

	expect_fd(tool_load_hinted(RETURN_0));
	assert_int_equal(tool_pin(map, "/sys/fs/bpf/map"), 0);
	assert_int_equal(tool_pin(prog, "/sys/fs/bpf/prog"), 0);
	assert_true(fake_same_object(map, (int)tool_get_pinned("/sys/fs/bpf/map")));
	assert_true(fake_same_object(prog, (int)tool_get_pinned("/sys/fs/bpf/prog")));
	assert_int_equal(tool_pin(999, "/sys/fs/bpf/none"), -EBADF);
}

/** It may be for counting, which an fd of another kind cannot do. */
static void an_event_made_before_any_program_is_native(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int event = expect_fd(tool_open_at(0));

	assert_int_equal(fake_kind_of(event), FAKE_PERF);
	expect_fd(tool_link(event, expect_fd(tool_load_simple(RETURN_0)), 0));
	expect_probes(0, 1);
	expect_fd(tool_attach_link(0, expect_fd(tool_load_simple(RETURN_0)), 0));
	expect_probes(1, 1);
}

/* ---- many programs ------------------------------------------------------------------------------- */

/** Programs that are gone are forgotten now and then; those that are there are not. */
static void programs_come_and_go(int by_id_errno)
{
	int kept[300], cnt = 0;

	tool_start(&fake_linux_6_18);
	fake_features.by_id_errno = by_id_errno;
	for (int i = 0; i < 900; i++) {
		int prog = expect_fd(tool_load_simple(RETURN_0));

		if (i % 3)
			tool_close(prog);
		else
			kept[cnt++] = prog;
	}
	for (int i = 0; i < cnt; i += 50)
		expect_fd(tool_attach_link(0, kept[i], 0));
	expect_probes((unsigned int)(cnt + 49) / 50, 0);
}

static void many_programs(void **state)
{
	(void)state;
	programs_come_and_go(0);
}

static void many_programs_without_the_right_to_ids(void **state)
{
	(void)state;
	programs_come_and_go(EPERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_single_program_from_elsewhere_goes_native),
		cmocka_unit_test(a_multi_program_from_elsewhere_gets_a_link),
		cmocka_unit_test(pinned_programs),
		cmocka_unit_test(a_pinned_program_of_ones_own),
		cmocka_unit_test(what_is_pinned_is_for_perf_events),
		cmocka_unit_test(other_things_are_pinned_as_they_are),
		cmocka_unit_test(an_event_made_before_any_program_is_native),
		cmocka_unit_test(many_programs),
		cmocka_unit_test(many_programs_without_the_right_to_ids),
	};

	return RUN_ISOLATED("programs", tests);
}
