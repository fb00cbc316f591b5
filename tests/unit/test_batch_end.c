// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The end of a process with collected attaches and their links, its children, and the report of both. */
#include "batch_tool.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "batch.h"
#include "config.h"
#include "detach.h"
#include "engine.h"
#include "kernel.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_report_has_a_line_for_each),
		cmocka_unit_test(at_the_end_each_is_reported_as_detached),
		cmocka_unit_test(the_end_drops_what_is_collected),
		cmocka_unit_test(nothing_is_made_anew_at_the_end),
		cmocka_unit_test(a_child_leaves_the_link_as_it_is),
		cmocka_unit_test(a_child_leaves_alone_what_is_collected),
	};

	return RUN_ISOLATED("batch-end", tests);
}
