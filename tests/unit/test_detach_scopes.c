// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* libbpf's calls that detach more than one link: they return when all of it is done. */
#include "detach_tool.h"

#include <errno.h>

#include "engine.h"
#include "scope.h"

/** Closes so many links in a call; were they detached before it, in it, at its end, or not? */
static void in_call(bool whole_object, int links, bool waited_for)
{
	struct libbpf_scope scope;
	int fds[4];

	for (int i = 0; i < links; i++)
		fds[i] = link_at((uint64_t)i);
	libbpf_scope_begin(&scope, whole_object);
	for (int i = 0; i < links; i++)
		assert_int_equal(tool_close(fds[i]), 0);
	expect_probes((unsigned int)links, 0);
	errno = ENOTTY;
	libbpf_scope_end(&scope);
	assert_int_equal(errno, ENOTTY);
	assert_int_equal(all_is_detached(), waited_for || !links);
	engine_settle();
}

static void a_call_waits_for_more_than_one_link(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	in_call(false, 0, false);
	in_call(false, 1, false);
	in_call(false, 2, true);
	in_call(false, 4, true);
}

static void for_an_object_it_always_waits(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	in_call(true, 0, true);
	in_call(true, 1, true);
	in_call(true, 3, true);
}

static void sync_waits_at_the_end_of_the_call(void **state)
{
	(void)state;
	start_detaching(DETACH_SYNC);
	in_call(false, 1, true);
	in_call(false, 3, true);
	in_call(true, 1, true);
}

static void one_that_traces_itself_waits_there(void **state)
{
	const struct tool_uprobe self = { .pid = TOOL_SELF };
	struct libbpf_scope scope;

	(void)state;
	start_detaching(DETACH_AUTO);
	int link = tool_only_link(&self, prog);

	libbpf_scope_begin(&scope, false);
	tool_close(link);
	libbpf_scope_end(&scope);
	assert_true(all_is_detached());
}

/** What is detached elsewhere is not part of the call. */
static void after_the_call_it_is_as_before(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	in_call(true, 2, true);
	assert_null(hints_detach_scope());
	close_one();
	expect_probes(1, 0);
}

/** libbpf's calls call each other, through the library's own entry points. */
static void calls_in_calls(bool outer_object, bool inner_object, int inner_links, bool waited_for)
{
	struct libbpf_scope outer, inner;
	int first = link_at(0), links[3];

	for (int i = 0; i < inner_links; i++)
		links[i] = link_at(1);
	libbpf_scope_begin(&outer, outer_object);
	tool_close(first);
	libbpf_scope_begin(&inner, inner_object);
	for (int i = 0; i < inner_links; i++)
		tool_close(links[i]);
	libbpf_scope_end(&inner);
	expect_probes((unsigned int)inner_links + 1, 0);
	libbpf_scope_end(&outer);
	assert_int_equal(all_is_detached(), waited_for);
	assert_null(hints_detach_scope());
	engine_settle();
}

static void the_outermost_call_waits(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	calls_in_calls(false, false, 0, false);
	calls_in_calls(false, false, 2, true);
	calls_in_calls(true, false, 1, true);
	calls_in_calls(false, true, 0, true);
}

/** As the link of a USDT probe with several places is destroyed: a bpf_link__destroy() for each. */
static void one_link_in_each_inner_call(void **state)
{
	struct libbpf_scope outer, inner;

	(void)state;
	start_detaching(DETACH_AUTO);
	int links[] = { link_at(1), link_at(2), link_at(3) };

	libbpf_scope_begin(&outer, false);
	for (int i = 0; i < 3; i++) {
		libbpf_scope_begin(&inner, false);
		tool_close(links[i]);
		libbpf_scope_end(&inner);
	}
	expect_probes(3, 0);
	libbpf_scope_end(&outer);
	assert_true(all_is_detached());
}

/** It has what it closes until the call's end anyway. */
static void a_call_may_use_the_tools_own_fds(void **state)
{
	struct libbpf_scope scope;

	(void)state;
	start_detaching(DETACH_AUTO);
	int before = fake_open_fds(), first = link_at(1), second = link_at(2);

	fake_spare_fds(2);
	fake_fix_limit();
	libbpf_scope_begin(&scope, true);
	tool_close(first);
	tool_close(second);
	expect_probes(2, 0);
	for (int fd = 0; fd < fake_fd_limit(); fd++)
		assert_true(fake_kind_of(fd) != FAKE_LINK || fake_fd_is_cloexec(fd));
	libbpf_scope_end(&scope);
	assert_true(all_is_detached());
	assert_int_equal(fake_open_fds(), before);
}

/** The call does not wait at its end: then they would be missing after it. */
static void async_takes_none_of_the_tools_fds(void **state)
{
	struct libbpf_scope scope;

	(void)state;
	start_detaching(DETACH_ASYNC);
	int link = link_at(1);

	fake_spare_fds(1);
	fake_fix_limit();
	libbpf_scope_begin(&scope, true);
	tool_close(link);
	libbpf_scope_end(&scope);
	assert_true(all_is_detached());
}

static void without_any_fd_the_close_waits(void **state)
{
	struct libbpf_scope scope;

	(void)state;
	start_detaching(DETACH_AUTO);
	int link = link_at(1);

	fake_spare_fds(0);
	fake_fix_limit();
	libbpf_scope_begin(&scope, true);
	assert_int_equal(tool_close(link), 0);
	assert_true(all_is_detached());
	libbpf_scope_end(&scope);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_waits_for_more_than_one_link),
		cmocka_unit_test(for_an_object_it_always_waits),
		cmocka_unit_test(sync_waits_at_the_end_of_the_call),
		cmocka_unit_test(one_that_traces_itself_waits_there),
		cmocka_unit_test(after_the_call_it_is_as_before),
		cmocka_unit_test(the_outermost_call_waits),
		cmocka_unit_test(one_link_in_each_inner_call),
		cmocka_unit_test(a_call_may_use_the_tools_own_fds),
		cmocka_unit_test(async_takes_none_of_the_tools_fds),
		cmocka_unit_test(without_any_fd_the_close_waits),
	};

	return RUN_ISOLATED("detach-scopes", tests);
}
