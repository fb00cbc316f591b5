// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The attaches of one libbpf call, which become one link. */
#include "shared_link.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config.h"
#include "detach.h"
#include "engine.h"
#include "kernel.h"
#include "tool.h"

enum { MAX_LOCATIONS = 8 };

/** What libbpf holds of each; the last event is its link as well, unless it could not be collected. */
static int locations[MAX_LOCATIONS], events[MAX_LOCATIONS], last_event;
static struct collection call;
static bool each_by_itself;

/* ---- a libbpf that attaches each location by itself ----------------------------------------------- */

/** What it holds of the link, or a negative errno, and then nothing. */
static long attach_location(const struct tool_uprobe *uprobe, int prog, uint64_t cookie, bool by_ioctl)
{
	const struct attach_hint hint = { .by_libbpf = true, .collect = each_by_itself ? NULL : &call };
	const struct attach_hint *before = hints_set_attach(&hint);
	const long event = tool_open_uprobe(uprobe);
	long result = event;

	if (event >= 0)
		result = by_ioctl ? tool_set_bpf((int)event, prog) : tool_link((int)event, prog, cookie);
	if (result >= 0)
		assert_int_equal(tool_ioctl((int)event, PERF_EVENT_IOC_ENABLE, 0), 0);
	else if (event >= 0)
		tool_close((int)event);
	hints_set_attach(before);
	last_event = (int)event;
	return by_ioctl && result == 0 ? event : result;
}

/** At 0x10, 0x20 and so on, with the cookies 100, 101 and so on. */
static void attach_locations(int prog, unsigned int cnt)
{
	for (unsigned int i = 0; i < cnt; i++) {
		const struct tool_uprobe uprobe = { .offset = 0x10 * (i + 1), .ref_ctr_offset = 0x1000 };

		locations[i] = expect_fd(attach_location(&uprobe, prog, 100 + i, false));
		events[i] = last_event;
	}
}

static void close_location(int fd)
{
	assert_int_equal(tool_ioctl(fd, PERF_EVENT_IOC_DISABLE, 0), 0);
	assert_int_equal(tool_close(fd), 0);
}

static void close_locations(unsigned int cnt)
{
	for (unsigned int i = 0; i < cnt; i++) {
		close_location(events[i] ? events[i] : locations[i]);
		if (events[i] && events[i] != locations[i])
			assert_int_equal(tool_close(locations[i]), 0);
	}
}

/** As the entry point does: where there can be no link of all, libbpf attaches each by itself. */
static long end_call(int prog, unsigned int cnt)
{
	if (engine_end_collecting(&call) == 0)
		return 0;
	expect_probes(0, 0);
	close_locations(cnt);
	each_by_itself = true;
	for (unsigned int i = 0; i < cnt; i++) {
		const struct tool_uprobe uprobe = { .offset = 0x10 * (i + 1), .ref_ctr_offset = 0x1000 };

		locations[i] = (int)attach_location(&uprobe, prog, 100 + i, false);
		if (locations[i] < 0) {
			close_locations(i);
			return locations[i];
		}
		events[i] = last_event;
	}
	return 0;
}

/** A program on a link of so many. */
static int share(unsigned int cnt)
{
	int prog = tool_start_with_program(&fake_linux_6_18);

	attach_locations(prog, cnt);
	assert_int_equal(engine_end_collecting(&call), 0);
	return prog;
}

static void expect_links(unsigned int links, unsigned int probes)
{
	assert_int_equal(fake_count(FAKE_LINK), links);
	expect_probes(probes, 0);
}

static struct fake_probe probe_at(uint64_t offset)
{
	struct fake_probe probes[64], found = { 0 };
	unsigned int cnt = fake_probes(probes, 64), hits = 0;

	for (unsigned int i = 0; i < cnt; i++)
		if (probes[i].offset == offset) {
			found = probes[i];
			hits++;
		}
	assert_int_equal(hits, 1);
	return found;
}

/* ---- one link -------------------------------------------------------------------------------------- */

static void a_call_makes_one_link(void **state)
{
	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18), before = fake_open_fds();

	attach_locations(prog, 4);
	expect_links(0, 0);
	assert_int_equal(engine_end_collecting(&call), 0);
	expect_links(1, 4);
	assert_int_equal(fake_open_fds(), before + 4);
	for (unsigned int i = 0; i < 4; i++) {
		assert_true(fake_same_object(locations[0], locations[i]));
		assert_true(fake_fd_is_cloexec(locations[i]));
		assert_int_equal(probe_at(0x10 * (i + 1)).cookie, 100 + i);
		assert_int_equal(probe_at(0x10 * (i + 1)).ref_ctr_offset, 0x1000);
	}
	fake_forget_calls();
	close_locations(4);
	expect_links(0, 0);
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_LINK_CREATE), 0);
	assert_int_equal(fake_threads(), 1);
	assert_int_equal(fake_open_fds(), before);
	expect_safe();
}

static void attaches_by_ioctl_too(void **state)
{
	const struct tool_uprobe uprobes[] = { { .offset = 0x10 }, { .offset = 0x20 } };

	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18);

	for (unsigned int i = 0; i < 2; i++)
		locations[i] = expect_fd(attach_location(&uprobes[i], prog, 0, true));
	assert_int_equal(engine_end_collecting(&call), 0);
	expect_links(1, 2);
	close_locations(2);
	expect_links(0, 0);
}

static void cookies_and_counters_stay_each_locations_own(void **state)
{
	struct tool_uprobe uprobe = { .offset = 0x10 };
	struct fake_probe probes[4];

	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18);

	/* The same place twice with the same cookie, and another time with another. */
	for (unsigned int i = 0; i < 4; i++) {
		uprobe.ref_ctr_offset = i == 3 ? 0 : 0x1000;
		expect_fd(attach_location(&uprobe, prog, i / 2, false));
	}
	assert_int_equal(engine_end_collecting(&call), 0);
	expect_links(1, 4);
	fake_probes(probes, 4);
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(probes[i].offset, 0x10);
		assert_int_equal(probes[i].cookie, i / 2);
		assert_int_equal(probes[i].ref_ctr_offset, i == 3 ? 0 : 0x1000);
	}
}

static void what_differs_is_attached_at_once(void **state)
{
	const struct tool_uprobe first = { .offset = 1 }, others[] = {
		{ .offset = 1, .retprobe = true },
		{ .offset = 1, .pid = 4321 },
		{ .offset = 1, .path = FAKE_OTHER_TARGET },
	};

	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18);

	config.pid_multi = true;
	fake_add_task(4321, 4321);
	expect_fd(attach_location(&first, prog, 0, false));
	for (size_t i = 0; i < TEST_CNT(others); i++)
		expect_fd(attach_location(&others[i], prog, 0, false));
	expect_fd(attach_location(&first, expect_fd(tool_load_simple(RETURN_0)), 0, false));
	expect_links(4, 4);
	assert_int_equal(engine_end_collecting(&call), 0);
	expect_links(5, 5);
}

/** What other threads do meanwhile does not end it. */
static void a_call_collects_until_its_end(void **state)
{
	struct collection other = { 0 };

	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18);

	attach_locations(prog, 2);
	tool_create_map(BPF_MAP_TYPE_ARRAY);
	assert_int_equal(engine_end_collecting(&other), 0);
	expect_links(0, 0);
	expect_fd(tool_attach_link(0x500, prog, 0));
	expect_links(1, 1);
	assert_int_equal(engine_end_collecting(&call), 0);
	expect_links(2, 3);
}

static void a_second_program_is_refused(void **state)
{
	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18);

	attach_locations(prog, 2);
	for (int turn = 0; turn < 2; turn++) {
		assert_int_equal(tool_link(locations[0], prog, 0), -EEXIST);
		assert_int_equal(tool_set_bpf(locations[0], prog), -EEXIST);
		assert_int_equal(engine_end_collecting(&call), 0);
	}
	expect_links(1, 2);
}

/** Without CAP_SYS_ADMIN no program can be had by its id, and the link has a copy of the tool's. */
static void a_copy_of_the_program_does_not_take_its_place(void **state)
{
	struct fake_features features = fake_linux_6_18;

	(void)state;
	features.by_id_errno = EPERM;
	tool_start(&features);
	int prog = expect_fd(tool_load_hinted(RETURN_0));

	attach_locations(prog, 2);
	assert_int_equal(engine_end_collecting(&call), 0);
	expect_probes(2, 0);
	assert_int_equal(tool_pin(prog, "/sys/fs/bpf/pinned"), 0);
	assert_int_equal(fake_attach_type_of(expect_fd(tool_get_pinned("/sys/fs/bpf/pinned"))), 0);
	assert_int_equal(tool_set_bpf(expect_fd(tool_open_tracepoint()), prog), 0);
	expect_safe();
}

/* ---- what fails ------------------------------------------------------------------------------------ */

static void the_error_of_a_bad_location_is_the_calls(void **state)
{
	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18), before = fake_open_fds();

	fake_refuse(0x20, EINVAL, ENXIO);
	attach_locations(prog, 4);
	errno = EDOM;
	assert_int_equal(end_call(prog, 4), -ENXIO);
	assert_int_equal(errno, EDOM);
	expect_links(0, 0);
	assert_int_equal(fake_open_fds(), before);
	assert_string_equal(fake_stderr(), "");
}

/** As with more locations than the object has room for. */
static void a_call_that_fails_midway_attaches_nothing(void **state)
{
	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18), before = fake_open_fds();

	attach_locations(prog, 3);
	fake_forget_calls();
	close_locations(3);
	assert_int_equal(engine_end_collecting(&call), 0);
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_LINK_CREATE), 0);
	expect_links(0, 0);
	assert_int_equal(fake_open_fds(), before);
	/* The next one begins at the same address. */
	attach_locations(prog, 2);
	assert_int_equal(engine_end_collecting(&call), 0);
	expect_links(1, 2);
}

static void a_location_that_only_perf_takes_is_a_perf_event(void **state)
{
	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18), before = fake_open_fds();

	fake_refuse(0x30, EINVAL, 0);
	attach_locations(prog, 4);
	assert_int_equal(end_call(prog, 4), 0);
	expect_probes(3, 1);
	assert_false(probe_at(0x30).multi);
	assert_int_equal(probe_at(0x30).cookie, 102);
	assert_int_equal(fake_open_fds(), before + 5);
	close_locations(4);
	expect_probes(0, 0);
	assert_int_equal(fake_open_fds(), before);
	expect_safe();
}

static void all_can_go_to_perf(void **state)
{
	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18), before = fake_open_fds();

	attach_locations(prog, 4);
	fake_features.multi_errno = EINVAL;
	assert_int_equal(end_call(prog, 4), 0);
	expect_probes(0, 4);
	close_locations(4);
	expect_probes(0, 0);
	assert_int_equal(fake_open_fds(), before);
	expect_safe();
}

/** As many as the limit has room for; the link, or the event, needs an fd more for a moment. */
static void within_the_limit(int multi_errno)
{
	int prog = tool_start_with_program(&fake_linux_6_18), limit;

	/* On the perf path each has an event and a link. */
	fake_spare_fds(multi_errno ? 8 : 4);
	limit = fake_fd_limit();
	attach_locations(prog, 4);
	fake_features.multi_errno = multi_errno;
	assert_int_equal(end_call(prog, 4), 0);
	expect_probes(multi_errno ? 0 : 4, multi_errno ? 4 : 0);
	assert_int_equal(fake_fd_limit(), limit);
	assert_string_equal(fake_stderr(), "");
	expect_safe();
}

static void the_limit_is_no_obstacle(void **state)
{
	(void)state;
	within_the_limit(0);
}

static void the_limit_is_no_obstacle_to_perf(void **state)
{
	(void)state;
	within_the_limit(EINVAL);
}

static bool no_call_failed;

/** What libbpf holds of so many, by link and by ioctl in turn: fds, or a negative errno. */
static long attach_four(int prog, int fds[2 * MAX_LOCATIONS], unsigned int *cnt)
{
	long err = 0;

	for (unsigned int i = 0; i < 4 && err >= 0; i++) {
		const struct tool_uprobe uprobe = { .offset = 0x10 * (i + 1) };

		err = attach_location(&uprobe, prog, 0, i % 2);
		if (err >= 0)
			fds[(*cnt)++] = (int)err;
		if (err >= 0 && last_event != err)
			fds[(*cnt)++] = last_event;
	}
	return err;
}

static void close_all(const int fds[2 * MAX_LOCATIONS], unsigned int *cnt)
{
	while (*cnt)
		tool_close(fds[--*cnt]);
}

/** One call after the other fails: what libbpf was told is so, and all ends well. */
static void one_fault(void **state)
{
	const unsigned int nth = *(const unsigned int *)*state;
	int prog = tool_start_with_program(&fake_linux_6_18), before = fake_open_fds();
	int fds[2 * MAX_LOCATIONS];
	unsigned int cnt = 0, attached;
	long err;

	fake_fail(-1, nth, ENOMEM);
	err = attach_four(prog, fds, &cnt);
	if (engine_end_collecting(&call) < 0 && err >= 0) {
		close_all(fds, &cnt);
		each_by_itself = true;
		err = attach_four(prog, fds, &cnt);
	}
	attached = fake_probes(NULL, 0);
	if (err < 0 ? !fake_has_failed_natively() : attached != 4)
		fail_msg("%ld, %u are attached with call %u: %s", err, attached, nth, fake_failed_call());
	close_all(fds, &cnt);
	if (fake_probes(NULL, 0))
		fail_msg("%u probes stay with call %u: %s", fake_probes(NULL, 0), nth, fake_failed_call());
	if (fake_open_fds() != before)
		fail_msg("%d fds stay with call %u: %s", fake_open_fds() - before, nth, fake_failed_call());
	expect_safe();
	no_call_failed = !fake_has_failed();
}

enum { PASSED, BROKEN, NO_CALL_FAILED };

static int fault_in_a_process(void *arg)
{
	const struct CMUnitTest test = { "one fault", one_fault, NULL, NULL, arg };

	if (_cmocka_run_group_tests("fault", &test, 1, NULL, NULL))
		return BROKEN;
	return no_call_failed ? NO_CALL_FAILED : PASSED;
}

static void any_call_may_fail(void **state)
{
	int broken = 0, result = PASSED;

	(void)state;
	for (unsigned int nth = 1; result != NO_CALL_FAILED; nth++) {
		result = in_child(fault_in_a_process, &nth);
		broken += result != PASSED && result != NO_CALL_FAILED;
		assert_true(nth < 500);
	}
	assert_int_equal(broken, 0);
}

/* ---- the fds --------------------------------------------------------------------------------------- */

static void closing_some_leaves_the_others(void **state)
{
	(void)state;
	share(3);
	fake_forget_calls();
	close_location(locations[1]);
	close_location(locations[0]);
	expect_links(1, 3);
	close_location(locations[2]);
	expect_links(0, 0);
	assert_int_equal(fake_threads(), 1);
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_LINK_CREATE), 0);
}

static void copies_become_the_link_too(void **state)
{
	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18);

	attach_locations(prog, 2);
	int copy = expect_fd(tool_dup(locations[1]));

	assert_int_equal(engine_end_collecting(&call), 0);
	assert_true(fake_same_object(copy, locations[0]) && fake_same_object(copy, locations[1]));
	assert_false(fake_fd_is_cloexec(copy));
	close_locations(2);
	expect_links(1, 2);
	tool_close(copy);
	expect_links(0, 0);
}

static void what_is_closed_before_the_end_is_not_attached(void **state)
{
	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18);

	for (unsigned int closed = 0; closed < 3; closed++) {
		attach_locations(prog, 3);
		close_location(locations[closed]);
		assert_int_equal(engine_end_collecting(&call), 0);
		expect_links(1, 2);
		close_location(locations[(closed + 1) % 3]);
		close_location(locations[(closed + 2) % 3]);
		expect_links(0, 0);
	}
}

static void make_a_file_of(int fd)
{
	sys_close(fd);
	assert_int_equal(sys_open(FAKE_OTHER_TARGET, O_RDONLY), fd);
}

static void a_number_that_is_a_file_now_is_left_alone(void **state)
{
	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18);

	for (unsigned int closed = 0; closed < 3; closed++) {
		attach_locations(prog, 3);
		make_a_file_of(locations[closed]);
		assert_int_equal(engine_end_collecting(&call), 0);
		expect_links(1, 2);
		/* And after it. */
		make_a_file_of(locations[(closed + 1) % 3]);
		close_location(locations[(closed + 2) % 3]);
		for (unsigned int i = 0; i < 2; i++)
			assert_int_equal(fake_kind_of(locations[(closed + i) % 3]), FAKE_FILE);
		tool_close(locations[closed]);
		tool_close(locations[(closed + 1) % 3]);
		expect_links(0, 0);
	}
}

static void all_can_be_closed_unseen(void **state)
{
	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18);

	for (int turn = 0; turn < 2; turn++) {
		attach_locations(prog, 3);
		if (turn)
			assert_int_equal(engine_end_collecting(&call), 0);
		for (int i = 0; i < 3; i++)
			sys_close(locations[i]);
		if (turn)
			tool_close_range((unsigned int)locations[0], (unsigned int)locations[2]);
		else
			assert_int_equal(engine_end_collecting(&call), 0);
		expect_links(0, 0);
	}
}

/* ---- the report, the end and children ------------------------------------------------------------- */

static void the_report_has_a_line_for_each(void **state)
{
	const char *report;
	char part[32];

	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18);

	config.report = "/report";
	fake_add_file("/report", "");
	attach_locations(prog, 3);
	assert_string_equal(fake_file_content("/report"), "");
	assert_int_equal(engine_end_collecting(&call), 0);
	report = fake_file_content("/report");
	assert_int_equal(times_in(report, "\"event\":\"attach\""), 3);
	assert_int_equal(times_in(report, "\"path\":\"multi\""), 3);
	for (unsigned int i = 0; i < 3; i++) {
		snprintf(part, sizeof(part), "\"cookie\":%u,", 100 + i);
		assert_int_equal(times_in(report, part), 1);
	}
	close_locations(3);
	detach_wait(CLOSERS_OF_ALL);
	assert_int_equal(times_in(fake_file_content("/report"), "\"event\":\"detach\""), 3);
}

static void at_the_end_each_is_reported_as_detached(void **state)
{
	(void)state;
	share(3);
	config.report = "/report";
	fake_add_file("/report", "");
	engine_exit();
	expect_links(0, 0);
	assert_int_equal(times_in(fake_file_content("/report"), "\"event\":\"detach\""), 3);
	assert_non_null(strstr(fake_file_content("/report"), "\"detaches\":3"));
}

/** Status 0: the child of a process with a link of three has changed nothing about it. */
static int closes_them(void *unused)
{
	(void)unused;
	if (!engine_on())
		return 1;
	if (tool_close(locations[0]) || tool_close(locations[1]))
		return 2;
	if (fake_probes(NULL, 0) != 3)
		return 3;
	/* The last one of its fds. */
	return tool_close(locations[2]) ? 4 : 0;
}

static void a_child_leaves_the_link_as_it_is(void **state)
{
	(void)state;
	share(3);
	assert_int_equal(in_child(closes_them, NULL), 0);
	expect_links(1, 3);
	close_locations(3);
	expect_links(0, 0);
}

/** Made by a call that no handler comes before: what the parent has collected is the parent's. */
static int attaches_its_own(int prog)
{
	long own;

	if (!engine_on())
		return 1;
	if (engine_end_collecting(&call) || fake_count(FAKE_LINK))
		return 2;
	own = tool_attach_link(0x70, prog, 4);
	if (own < 0 || fake_count(FAKE_LINK) != 1 || fake_probes(NULL, 0) != 1)
		return 3;
	if (tool_close(locations[0]) || tool_close((int)own))
		return 4;
	return fake_probes(NULL, 0) || !call.first ? 5 : 0;
}

static void a_child_leaves_alone_what_is_collected(void **state)
{
	int status;
	pid_t child;

	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18);

	attach_locations(prog, 3);
	child = _Fork();
	if (!child)
		_exit(attaches_its_own(prog));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	expect_links(0, 0);
	assert_int_equal(engine_end_collecting(&call), 0);
	expect_links(1, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_makes_one_link),
		cmocka_unit_test(attaches_by_ioctl_too),
		cmocka_unit_test(cookies_and_counters_stay_each_locations_own),
		cmocka_unit_test(what_differs_is_attached_at_once),
		cmocka_unit_test(a_call_collects_until_its_end),
		cmocka_unit_test(a_second_program_is_refused),
		cmocka_unit_test(a_copy_of_the_program_does_not_take_its_place),
		cmocka_unit_test(the_error_of_a_bad_location_is_the_calls),
		cmocka_unit_test(a_call_that_fails_midway_attaches_nothing),
		cmocka_unit_test(a_location_that_only_perf_takes_is_a_perf_event),
		cmocka_unit_test(all_can_go_to_perf),
		cmocka_unit_test(the_limit_is_no_obstacle),
		cmocka_unit_test(the_limit_is_no_obstacle_to_perf),
		cmocka_unit_test(any_call_may_fail),
		cmocka_unit_test(closing_some_leaves_the_others),
		cmocka_unit_test(copies_become_the_link_too),
		cmocka_unit_test(what_is_closed_before_the_end_is_not_attached),
		cmocka_unit_test(a_number_that_is_a_file_now_is_left_alone),
		cmocka_unit_test(all_can_be_closed_unseen),
		cmocka_unit_test(the_report_has_a_line_for_each),
		cmocka_unit_test(at_the_end_each_is_reported_as_detached),
		cmocka_unit_test(a_child_leaves_the_link_as_it_is),
		cmocka_unit_test(a_child_leaves_alone_what_is_collected),
	};

	return RUN_ISOLATED("shared-link", tests);
}
