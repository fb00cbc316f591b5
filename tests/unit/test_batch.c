// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Attaches that are collected into one link: by one libbpf call, or with UPSHIFT_BATCH=on by the tool's
 * loops.
 */
#include "tool.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "batch.h"
#include "bpf.h"
#include "config.h"
#include "detach.h"
#include "engine.h"
#include "fdtable.h"
#include "kernel.h"
#include "process.h"

enum style { BY_LINK, BY_SET_BPF, BY_LIBBPF };

static const enum style styles[] = { BY_LINK, BY_SET_BPF, BY_LIBBPF };

/** What a tool holds of one probe; without a second fd, both are one. */
struct held {
	int event, link;
};

/** With UPSHIFT_BATCH=on; returns a program. */
static int start_batching(void)
{
	int prog = tool_start_with_program(&fake_linux_6_18);

	config.batch = true;
	return prog;
}

static long attach_uprobe(const struct tool_uprobe *uprobe, int prog, uint64_t cookie, enum style style,
			  struct held *held)
{
	long result = held->event = expect_fd(tool_open_uprobe(uprobe));

	held->link = held->event;
	if (style == BY_SET_BPF)
		return tool_set_bpf(held->event, prog);
	result = tool_link(held->event, prog, cookie);
	if (result >= 0)
		held->link = (int)result;
	return result;
}

/** With what the libbpf layer says meanwhile. */
static struct held attach_in(struct collect_scope *scope, const struct tool_uprobe *uprobe, int prog,
			     uint64_t cookie, enum style style)
{
	const struct attach_hint hint = { .by_libbpf = true, .collect = scope };
	const struct attach_hint *before = hints_set_attach(style == BY_LIBBPF ? &hint : hints_for_attach());
	struct held held;

	assert_true(attach_uprobe(uprobe, prog, cookie, style, &held) >= 0);
	assert_int_equal(tool_ioctl(held.event, PERF_EVENT_IOC_ENABLE, 0), 0);
	hints_set_attach(before);
	return held;
}

static struct held attach_at(uint64_t offset, int prog, uint64_t cookie, enum style style)
{
	const struct tool_uprobe uprobe = { .offset = offset };

	return attach_in(NULL, &uprobe, prog, cookie, style);
}

/** As libbpf and BCC do it. */
static void let_go(struct held held)
{
	if (tool_ioctl(held.event, PERF_EVENT_IOC_DISABLE, 0))
		fail_msg("DISABLE fails, %s", fake_failed_call());
	if (held.event != held.link)
		assert_int_equal(tool_close(held.event), 0);
	assert_int_equal(tool_close(held.link), 0);
}

static void attach_three(int prog, enum style style, struct held held[3])
{
	for (unsigned int i = 0; i < 3; i++)
		held[i] = attach_at(0x10 * (i + 1), prog, 0, style);
}

static void expect_links(unsigned int links, unsigned int probes)
{
	assert_int_equal(fake_count(FAKE_LINK), links);
	expect_probes(probes, 0);
}

/** The one probe at an offset. */
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

static unsigned int times_in(const char *text, const char *part)
{
	unsigned int cnt = 0;

	for (; (text = strstr(text, part)); text++)
		cnt++;
	return cnt;
}

static void with_each_style(void (*test)(int prog, enum style style))
{
	for (size_t i = 0; i < TEST_CNT(styles); i++) {
		const int prog = i ? (int)expect_fd(tool_load_simple(RETURN_0)) : start_batching();

		test(prog, styles[i]);
		expect_links(0, 0);
		tool_close(prog);
	}
	expect_safe();
}

/* ---- one libbpf call is one link ----------------------------------------------------------------- */

static struct held locations[8];

static void collect(struct collect_scope *scope, int prog, unsigned int cnt)
{
	for (unsigned int i = 0; i < cnt; i++) {
		const struct tool_uprobe uprobe = { .offset = 0x10 * (i + 1), .ref_ctr_offset = 0x1000 };

		locations[i] = attach_in(scope, &uprobe, prog, 100 + i, BY_LIBBPF);
	}
}

static void detach_locations(unsigned int cnt)
{
	for (unsigned int i = 0; i < cnt; i++)
		let_go(locations[i]);
}

static void a_call_makes_one_link(void **state)
{
	struct collect_scope scope;

	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18), before = fake_open_fds();

	collect(&scope, prog, 4);
	expect_links(0, 0);
	assert_int_equal(engine_end_collecting(&scope), 0);
	expect_links(1, 4);
	assert_int_equal(fake_open_fds(), before + 4);
	for (unsigned int i = 0; i < 4; i++) {
		assert_true(fake_same_object(locations[0].link, locations[i].link));
		assert_true(fake_fd_is_cloexec(locations[i].link));
		assert_int_equal(probe_at(0x10 * (i + 1)).cookie, 100 + i);
		assert_int_equal(probe_at(0x10 * (i + 1)).ref_ctr_offset, 0x1000);
	}
	fake_forget_calls();
	detach_locations(4);
	expect_links(0, 0);
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_LINK_CREATE), 0);
	assert_int_equal(fake_threads(), 1);
	assert_int_equal(fake_open_fds(), before);
	expect_safe();
}

/** What other threads ask the kernel meanwhile does not end it. */
static void a_call_collects_until_its_end(void **state)
{
	struct collect_scope scope, other;

	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18);

	config.batch = true;
	collect(&scope, prog, 2);
	tool_create_map(BPF_MAP_TYPE_ARRAY);
	fake_pause();
	assert_int_equal(engine_end_collecting(&other), 0);
	expect_links(0, 0);
	attach_at(0x500, prog, 0, BY_LINK);
	assert_int_equal(engine_end_collecting(&scope), 0);
	expect_links(1, 2);
}

static void the_error_of_a_bad_location_is_the_calls(void **state)
{
	struct collect_scope scope;

	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18), before = fake_open_fds();

	fake_refuse(0x20, EINVAL, ENXIO);
	collect(&scope, prog, 4);
	errno = EDOM;
	assert_int_equal(engine_end_collecting(&scope), -ENXIO);
	assert_int_equal(errno, EDOM);
	detach_locations(4);
	expect_links(0, 0);
	assert_int_equal(fake_open_fds(), before);
	/* It is told by the call, and not by the log. */
	assert_string_equal(fake_stderr(), "");
}

/** As with more locations than the object has room for. */
static void a_call_that_fails_midway_attaches_nothing(void **state)
{
	struct collect_scope scope;

	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18), before = fake_open_fds();

	collect(&scope, prog, 3);
	fake_forget_calls();
	detach_locations(3);
	assert_int_equal(engine_end_collecting(&scope), 0);
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_LINK_CREATE), 0);
	expect_links(0, 0);
	assert_int_equal(fake_open_fds(), before);
	/* The next one begins at the same address. */
	collect(&scope, prog, 2);
	assert_int_equal(engine_end_collecting(&scope), 0);
	expect_links(1, 2);
}

static void a_location_that_only_perf_takes_is_a_perf_event(void **state)
{
	struct collect_scope scope;

	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18), before = fake_open_fds();

	fake_refuse(0x30, EINVAL, 0);
	collect(&scope, prog, 4);
	assert_int_equal(engine_end_collecting(&scope), 0);
	expect_probes(3, 1);
	assert_false(probe_at(0x30).multi);
	assert_int_equal(probe_at(0x30).cookie, 102);
	assert_int_equal(fake_open_fds(), before + 4);
	detach_locations(4);
	expect_probes(0, 0);
	assert_int_equal(fake_open_fds(), before);
	expect_safe();
}

/* ---- one fd for libbpf's own events -------------------------------------------------------------- */

static void libbpfs_own_events_are_their_links(void **state)
{
	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18), before = fake_open_fds();
	struct held held = attach_at(0x10, prog, 7, BY_LIBBPF);

	assert_int_equal(held.link, held.event);
	assert_int_equal(fake_kind_of(held.link), FAKE_LINK);
	assert_int_equal(fake_open_fds(), before + 1);
	assert_int_equal(only_probe().cookie, 7);
	let_go(held);
	expect_links(0, 0);
	assert_int_equal(fake_open_fds(), before);
}

static void other_events_have_two_fds(void **state)
{
	const struct attach_hint hint = { .by_libbpf = true };

	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18), event = expect_fd(tool_open_at(0x10));

	/* The tool's own event, given to libbpf: who closes it is not known. */
	hints_set_attach(&hint);
	assert_int_not_equal(expect_fd(tool_link(event, prog, 0)), event);
	hints_set_attach(NULL);
	assert_int_equal(fake_kind_of(event), FAKE_PATH);
	expect_probe(true, 0x10);
}

/** An event that libbpf made is attached by somebody else. */
static void given_away_events_have_two_fds(void **state)
{
	const struct attach_hint hint = { .by_libbpf = true };

	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18);

	hints_set_attach(&hint);
	int event = expect_fd(tool_open_at(0x10));

	hints_set_attach(NULL);
	assert_int_not_equal(expect_fd(tool_link(event, prog, 0)), event);
}

static void copied_events_have_two_fds(void **state)
{
	const struct attach_hint hint = { .by_libbpf = true };

	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18);

	hints_set_attach(&hint);
	int event = expect_fd(tool_open_at(0x10));

	expect_fd(tool_dup(event));
	assert_int_not_equal(expect_fd(tool_link(event, prog, 0)), event);
	hints_set_attach(NULL);
}

static void libbpf_would_move_a_low_number(void **state)
{
	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18);

	for (int fd = 0; fd < 3; fd++) {
		sys_close(fd);
		struct held held = attach_at(0x10, prog, 0, BY_LIBBPF);

		assert_int_equal(held.event, fd);
		assert_int_not_equal(held.link, fd);
		assert_int_equal(fake_kind_of(fd), FAKE_PATH);
		let_go(held);
		assert_int_equal(sys_open(FAKE_TARGET, O_RDONLY), fd);
	}
	expect_links(0, 0);
}

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

/* ---- fds that come and go ------------------------------------------------------------------------ */

static void copies_become_the_link(int prog, enum style style)
{
	struct held held[3];

	attach_three(prog, style, held);
	int copy = expect_fd(tool_dup(held[1].link));

	fake_pause();
	assert_true(fake_same_object(copy, held[0].link) && fake_same_object(copy, held[1].link));
	assert_false(fake_fd_is_cloexec(copy));
	/* With its copy the probe stays, and the link need not be made anew. */
	fake_forget_calls();
	let_go(held[1]);
	fake_pause();
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_LINK_CREATE), 0);
	expect_links(1, 3);
	tool_close(copy);
	fake_pause();
	expect_links(1, 2);
	let_go(held[0]);
	let_go(held[2]);
}

static void copies_become_the_link_too(void **state)
{
	(void)state;
	with_each_style(copies_become_the_link);
}

static void closed_before_the_pause(int prog, enum style style)
{
	struct held held[3];
	int before = fake_open_fds();

	attach_three(prog, style, held);
	let_go(held[1]);
	fake_pause();
	expect_links(1, 2);
	let_go(held[0]);
	let_go(held[2]);
	/* All of them. */
	attach_three(prog, style, held);
	fake_forget_calls();
	for (int i = 0; i < 3; i++)
		let_go(held[i]);
	fake_pause();
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_LINK_CREATE), 0);
	assert_int_equal(fake_open_fds(), before);
}

static void what_is_closed_before_the_pause_is_not_attached(void **state)
{
	(void)state;
	with_each_style(closed_before_the_pause);
}

static void the_event_may_go_before_the_pause(void **state)
{
	struct held held[3];

	(void)state;
	attach_three(start_batching(), BY_LINK, held);
	for (int i = 0; i < 3; i++)
		assert_int_equal(tool_close(held[i].event), 0);
	fake_pause();
	expect_links(1, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(tool_close(held[i].link), 0);
	expect_links(0, 0);
}

/** Its event's fd was closed unseen, and the number is another file now: that is no target. */
static void an_event_closed_unseen_is_no_target(uint64_t bad_offset)
{
	struct held held[3];

	int prog = start_batching();

	fake_refuse(bad_offset, EINVAL, 0);
	attach_three(prog, BY_LINK, held);
	for (int i = 0; i < 3; i++)
		sys_close(held[i].event);
	assert_int_equal(sys_open(FAKE_OTHER_TARGET, O_RDONLY), held[0].event);
	fake_pause();
	expect_probes(bad_offset ? 2 : 3, bad_offset ? 1 : 0);
	for (unsigned int i = 0; i < 3; i++)
		assert_string_equal(probe_at(0x10 * (i + 1)).path, FAKE_TARGET);
	assert_int_equal(fake_kind_of(held[0].event), FAKE_FILE);
	for (int i = 0; i < 3; i++)
		assert_int_equal(tool_close(held[i].link), 0);
	expect_probes(0, 0);
}

static void an_event_closed_unseen_before_the_pause(void **state)
{
	(void)state;
	an_event_closed_unseen_is_no_target(0);
}

static void an_event_closed_unseen_that_goes_to_perf(void **state)
{
	(void)state;
	an_event_closed_unseen_is_no_target(0x10);
}

static void a_number_that_is_a_file_now(int prog, enum style style)
{
	struct held held[3];

	attach_three(prog, style, held);
	sys_close(held[1].link);
	assert_int_equal(sys_open(FAKE_OTHER_TARGET, O_RDONLY), held[1].link);
	fake_pause();
	assert_int_equal(fake_kind_of(held[1].link), FAKE_FILE);
	expect_links(1, 2);
	/* And after it. */
	sys_close(held[2].link);
	assert_int_equal(sys_open(FAKE_OTHER_TARGET, O_RDONLY), held[2].link);
	let_go(held[0]);
	fake_pause();
	assert_int_equal(fake_kind_of(held[2].link), FAKE_FILE);
	for (int i = 1; i < 3; i++) {
		tool_close(held[i].link);
		if (held[i].event != held[i].link)
			tool_close(held[i].event);
	}
}

static void a_number_that_is_a_file_now_is_left_alone(void **state)
{
	(void)state;
	with_each_style(a_number_that_is_a_file_now);
}

/** Closed in ways that close() does not see, but the event is still there. */
static void a_closed_range_detaches(void **state)
{
	struct held held[3];

	(void)state;
	int prog = start_batching();

	attach_three(prog, BY_LINK, held);
	fake_pause();
	sys_close(held[1].link);
	engine_closed_range((unsigned int)held[1].link, (unsigned int)held[1].link);
	fake_pause();
	expect_links(1, 2);
	assert_int_equal(tool_dup3(1, held[0].link, 0), held[0].link);
	fake_pause();
	expect_links(1, 1);
	/* Nothing is on the events any more. */
	expect_fd(tool_link(held[0].event, prog, 0));
	assert_int_equal(tool_set_bpf(held[1].event, prog), 0);
	fake_pause();
	expect_links(2, 3);
}

static void a_closed_range_of_collected_ones(void **state)
{
	struct held held[3];

	(void)state;
	int prog = start_batching();

	attach_three(prog, BY_LINK, held);
	sys_close(held[1].link);
	engine_closed_range((unsigned int)held[1].link, (unsigned int)held[1].link);
	assert_int_equal(tool_set_bpf(held[1].event, prog), 0);
	fake_pause();
	expect_links(1, 3);
}

static void an_event_can_be_attached_again(void **state)
{
	struct held held[3];

	(void)state;
	int prog = start_batching();

	attach_three(prog, BY_LINK, held);
	/* Before the pause, and after it. */
	for (int turn = 0; turn < 2; turn++) {
		assert_int_equal(tool_close(held[1].link), 0);
		held[1].link = expect_fd(tool_link(held[1].event, prog, 9));
		fake_pause();
		expect_probes(3, 0);
		assert_int_equal(probe_at(0x20).cookie, 9);
	}
	for (int i = 0; i < 3; i++)
		let_go(held[i]);
	expect_links(0, 0);
}

/* ---- members that leave -------------------------------------------------------------------------- */

static void one_leaves(int prog, enum style style)
{
	struct held held[3];
	int before = fake_open_fds();

	attach_three(prog, style, held);
	fake_pause();
	fake_hold_threads();
	let_go(held[1]);
	fake_pause();
	/* The new link is there before the old one goes. */
	expect_links(2, 5);
	fake_run_threads();
	expect_links(1, 2);
	assert_true(probe_at(0x10).multi && probe_at(0x30).multi);
	assert_true(fake_same_object(held[0].link, held[2].link));
	/* Those who stayed are known as members of the new one. */
	assert_int_equal(tool_set_bpf(held[2].event, prog), -EEXIST);
	let_go(held[0]);
	fake_pause();
	fake_run_threads();
	expect_links(1, 1);
	assert_int_equal(probe_at(0x30).offset, 0x30);
	let_go(held[2]);
	fake_run_threads();
	assert_int_equal(fake_open_fds(), before);
}

static void one_leaves_and_the_link_is_made_anew(void **state)
{
	(void)state;
	with_each_style(one_leaves);
}

static void all_leave(int prog, enum style style)
{
	struct held held[3];
	unsigned int threads = fake_threads();

	attach_three(prog, style, held);
	fake_pause();
	fake_forget_calls();
	for (int i = 0; i < 3; i++)
		let_go(held[i]);
	expect_links(0, 0);
	fake_pause();
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_LINK_CREATE), 0);
	assert_int_equal(fake_threads() - threads, 1);
}

static void all_leave_by_one_detach(void **state)
{
	(void)state;
	with_each_style(all_leave);
}

static void half_leave_by_one_new_link(void **state)
{
	struct held held[6];

	(void)state;
	int prog = start_batching();

	attach_three(prog, BY_LIBBPF, held);
	attach_three(prog, BY_SET_BPF, held + 3);
	fake_pause();
	expect_links(1, 6);
	fake_forget_calls();
	for (int i = 0; i < 3; i++)
		let_go(held[i]);
	tool_create_map(BPF_MAP_TYPE_ARRAY);
	expect_links(1, 3);
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_LINK_CREATE), 1);
	assert_int_equal(fake_threads(), 1);
}

static void a_new_attach_comes_after_the_new_link(void **state)
{
	const struct tool_uprobe self = { .pid = TOOL_SELF, .offset = 0x70 };
	struct held held[3];

	(void)state;
	int prog = start_batching();

	attach_three(prog, BY_LIBBPF, held);
	fake_pause();
	let_go(held[1]);
	attach_in(NULL, &self, prog, 0, BY_LINK);
	expect_links(2, 3);
}

/** Then it is made anew at once, and only once, whoever else is found to be gone. */
static void without_a_thread_the_link_is_made_anew_at_once(void **state)
{
	struct collect_scope scope;

	(void)state;
	int prog = tool_start_with_program(&fake_linux_6_18);

	collect(&scope, prog, 4);
	assert_int_equal(engine_end_collecting(&scope), 0);
	fake_limit_threads(0);
	sys_close(locations[0].link);
	assert_int_equal(sys_open(FAKE_OTHER_TARGET, O_RDONLY), locations[0].link);
	fake_forget_calls();
	let_go(locations[1]);
	expect_links(1, 2);
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_LINK_CREATE), 1);
	assert_int_equal(fake_kind_of(locations[0].link), FAKE_FILE);
	let_go(locations[2]);
	let_go(locations[3]);
	expect_links(0, 0);
}

/** Another file is at its path. */
static void without_its_target_a_link_stays(void **state)
{
	struct held held[3];

	(void)state;
	attach_three(start_batching(), BY_SET_BPF, held);
	fake_pause();
	int before = fake_open_fds();

	fake_replace_target(FAKE_TARGET);
	let_go(held[1]);
	fake_pause();
	expect_links(1, 3);
	assert_true(probe_at(0x10).replaced);
	assert_int_equal(times_in(fake_stderr(), "stays attached"), 1);
	assert_int_equal(fake_open_fds(), before - 1);
	let_go(held[0]);
	let_go(held[2]);
	expect_links(0, 0);
}

/** The event's fd is the target still. */
static void with_its_events_a_link_needs_no_path(void **state)
{
	struct held held[3];

	(void)state;
	attach_three(start_batching(), BY_LINK, held);
	fake_pause();
	fake_replace_target(FAKE_TARGET);
	let_go(held[1]);
	fake_pause();
	expect_links(1, 2);
	assert_true(probe_at(0x10).replaced && probe_at(0x30).replaced);
	assert_string_equal(fake_stderr(), "");
}

static void a_refused_new_link_leaves_the_old_one(void **state)
{
	struct held held[3];

	(void)state;
	attach_three(start_batching(), BY_LIBBPF, held);
	fake_pause();
	fake_features.multi_errno = ENOMEM;
	int before = fake_open_fds();

	let_go(held[1]);
	fake_pause();
	expect_links(1, 3);
	assert_int_equal(times_in(fake_stderr(), "stays attached"), 1);
	assert_int_equal(fake_open_fds(), before - 1);
	let_go(held[0]);
	let_go(held[2]);
	expect_links(0, 0);
}

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

/* ---- the report ---------------------------------------------------------------------------------- */

static void the_report_has_a_line_for_each(void **state)
{
	const char *report;
	char part[32];
	struct held held[4];

	(void)state;
	int prog = start_batching();

	config.report = "/report";
	fake_add_file("/report", "");
	fake_refuse(0x30, EINVAL, ENXIO);
	for (unsigned int i = 0; i < 4; i++)
		held[i] = attach_at(0x10 * (i + 1), prog, 40 + i, BY_LINK);
	assert_string_equal(fake_file_content("/report"), "");
	fake_pause();
	report = fake_file_content("/report");
	assert_int_equal(times_in(report, "\"event\":\"attach\""), 4);
	assert_int_equal(times_in(report, "\"path\":\"multi\""), 3);
	for (unsigned int i = 0; i < 4; i++) {
		snprintf(part, sizeof(part), "\"cookie\":%u,", 40 + i);
		assert_int_equal(times_in(report, part), 1);
	}
	assert_int_equal(times_in(report, "\"path\":\"failed\""), 1);
	snprintf(part, sizeof(part), "\"errno\":%d,", ENXIO);
	assert_int_equal(times_in(report, part), 1);
	for (unsigned int i = 0; i < 4; i++)
		let_go(held[i]);
	detach_wait();
	report = fake_file_content("/report");
	assert_int_equal(times_in(report, "\"event\":\"detach\""), 3);
}

static void at_the_end_each_is_reported_as_detached(void **state)
{
	struct held held[3];

	(void)state;
	attach_three(start_batching(), BY_LIBBPF, held);
	config.report = "/report";
	fake_add_file("/report", "");
	fake_pause();
	engine_exit();
	expect_links(0, 0);
	assert_int_equal(times_in(fake_file_content("/report"), "\"event\":\"detach\""), 3);
	assert_non_null(strstr(fake_file_content("/report"), "\"detaches\":3"));
}

/* ---- the end, and children ----------------------------------------------------------------------- */

static void the_end_drops_what_is_collected(void **state)
{
	struct held held[3];

	(void)state;
	attach_three(start_batching(), BY_LINK, held);
	fake_forget_calls();
	engine_exit();
	fake_pause();
	engine_settle();
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_LINK_CREATE), 0);
	for (int i = 0; i < 3; i++)
		tool_close(held[i].link);
	expect_links(0, 0);
}

static void nothing_is_made_anew_at_the_end(void **state)
{
	struct held held[3];

	(void)state;
	attach_three(start_batching(), BY_LINK, held);
	fake_pause();
	batch_stop();
	fake_forget_calls();
	let_go(held[0]);
	fake_pause();
	engine_detach_all();
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_LINK_CREATE), 0);
	expect_links(0, 0);
}

/** Status 0: the child of a process with a link of three has changed nothing about it. */
static int closes_one(void *arg)
{
	struct held *held = arg;

	if (!engine_on())
		return 1;
	fake_forget_calls();
	if (tool_close(held[0].link) || tool_close(held[1].link))
		return 2;
	fake_pause();
	engine_settle();
	if (fake_calls_of(SYS_bpf, BPF_LINK_CREATE) || fake_probes(NULL, 0) != 3)
		return 3;
	/* The last one of its fds. */
	return tool_close(held[2].link) ? 4 : 0;
}

static void a_child_leaves_the_link_as_it_is(void **state)
{
	struct held held[3];

	(void)state;
	attach_three(start_batching(), BY_LINK, held);
	fake_pause();
	assert_int_equal(in_child(closes_one, held), 0);
	expect_links(1, 3);
	let_go(held[0]);
	fake_pause();
	expect_links(1, 2);
}

/** Made by a call that no handler comes before: what the parent has collected is the parent's. */
static int attaches_its_own(int prog, struct held *held)
{
	struct held own;

	if (!engine_on())
		return 1;
	own = attach_at(0x40, prog, 4, BY_LINK);
	fake_pause();
	if (fake_count(FAKE_LINK) != 1 || fake_probes(NULL, 0) != 1 || probe_at(0x40).cookie != 4)
		return 2;
	fake_forget_calls();
	if (tool_close(held[0].link) || tool_close(held[0].event) || tool_close(own.link))
		return 3;
	fake_pause();
	return fake_calls_of(SYS_bpf, BPF_LINK_CREATE) || fake_probes(NULL, 0) ? 4 : 0;
}

static void a_child_leaves_alone_what_is_collected(void **state)
{
	struct held held[3];
	int status;
	pid_t child;

	(void)state;
	int prog = start_batching();

	attach_three(prog, BY_LINK, held);
	child = _Fork();
	if (!child)
		_exit(attaches_its_own(prog, held));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	expect_links(0, 0);
	fake_pause();
	expect_links(1, 3);
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
		cmocka_unit_test(a_call_makes_one_link),
		cmocka_unit_test(a_call_collects_until_its_end),
		cmocka_unit_test(the_error_of_a_bad_location_is_the_calls),
		cmocka_unit_test(a_call_that_fails_midway_attaches_nothing),
		cmocka_unit_test(a_location_that_only_perf_takes_is_a_perf_event),
		cmocka_unit_test(libbpfs_own_events_are_their_links),
		cmocka_unit_test(other_events_have_two_fds),
		cmocka_unit_test(given_away_events_have_two_fds),
		cmocka_unit_test(copied_events_have_two_fds),
		cmocka_unit_test(libbpf_would_move_a_low_number),
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
		cmocka_unit_test(copies_become_the_link_too),
		cmocka_unit_test(what_is_closed_before_the_pause_is_not_attached),
		cmocka_unit_test(the_event_may_go_before_the_pause),
		cmocka_unit_test(an_event_closed_unseen_before_the_pause),
		cmocka_unit_test(an_event_closed_unseen_that_goes_to_perf),
		cmocka_unit_test(a_number_that_is_a_file_now_is_left_alone),
		cmocka_unit_test(a_closed_range_detaches),
		cmocka_unit_test(a_closed_range_of_collected_ones),
		cmocka_unit_test(an_event_can_be_attached_again),
		cmocka_unit_test(one_leaves_and_the_link_is_made_anew),
		cmocka_unit_test(all_leave_by_one_detach),
		cmocka_unit_test(half_leave_by_one_new_link),
		cmocka_unit_test(a_new_attach_comes_after_the_new_link),
		cmocka_unit_test(without_a_thread_the_link_is_made_anew_at_once),
		cmocka_unit_test(without_its_target_a_link_stays),
		cmocka_unit_test(with_its_events_a_link_needs_no_path),
		cmocka_unit_test(a_refused_new_link_leaves_the_old_one),
		cmocka_unit_test(a_bad_one_goes_to_perf),
		cmocka_unit_test(a_bad_one_that_perf_refuses_is_logged),
		cmocka_unit_test(the_good_ones_are_found_by_halving),
		cmocka_unit_test(all_can_go_to_perf),
		cmocka_unit_test(the_report_has_a_line_for_each),
		cmocka_unit_test(at_the_end_each_is_reported_as_detached),
		cmocka_unit_test(the_end_drops_what_is_collected),
		cmocka_unit_test(nothing_is_made_anew_at_the_end),
		cmocka_unit_test(a_child_leaves_the_link_as_it_is),
		cmocka_unit_test(a_child_leaves_alone_what_is_collected),
		cmocka_unit_test(as_many_probes_as_fds_by_link),
		cmocka_unit_test(as_many_probes_as_fds_by_set_bpf),
		cmocka_unit_test(as_many_perf_probes_as_fds_by_link),
		cmocka_unit_test(as_many_perf_probes_as_fds_by_set_bpf),
		cmocka_unit_test(any_call_may_fail),
	};

	return RUN_ISOLATED("batch", tests);
}
