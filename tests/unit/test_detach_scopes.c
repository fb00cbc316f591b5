// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* libbpf's calls that detach a whole object: the closes in them wait for no grace period, in no mode, and
 * they for all at their end. */
#include "detach_tool.h"

#include <errno.h>
#include <setjmp.h>

#include "engine.h"

/** As HOOK_DETACHES() in shim/entry/libbpf.c. */
static bool enter(const void *cfa)
{
	return hints_enter_detach_scope(cfa);
}

static void leave(bool outermost)
{
	if (!outermost)
		return;
	hints_leave_detach_scope();
	engine_end_detaching();
}

enum { MOST_LINKS = 20 };

/** Closes so many links in a call. */
__attribute__((noinline)) static void in_call(int links)
{
	int fds[MOST_LINKS];

	for (int i = 0; i < links; i++)
		fds[i] = link_at((uint64_t)i);
	const uint64_t start = fake_now_us();
	const bool outermost = enter(__builtin_dwarf_cfa());

	assert_true(outermost);
	for (int i = 0; i < links; i++)
		assert_in_range(closing_takes(fds[i]), PAST_US, MOMENT_US);
	assert_int_equal(fake_count(FAKE_LINK), links);
	errno = ENOTTY;
	leave(outermost);
	assert_int_equal(errno, ENOTTY);
	assert_true(all_is_detached());
	assert_in_range(fake_now_us() - start, links ? GRACE_US : 0, 2 * GRACE_US + links * MOMENT_US);
}

static void a_call_waits_for_all_of_it_at_its_end(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	in_call(0);
	in_call(1);
	in_call(MOST_LINKS);
	/* and after it, it is as before */
	assert_in_range(closing_takes(link_at(0)), PAST_US, MOMENT_US);
}

/** In sync mode too: one after the other would be as slow as without upshift. */
static void sync_waits_at_the_end_of_the_call(void **state)
{
	(void)state;
	start_detaching(DETACH_SYNC);
	in_call(3);
	assert_in_range(closing_takes(link_at(0)), GRACE_US, 2 * GRACE_US);
}

static void async_does_not_wait(void **state)
{
	(void)state;
	start_detaching(DETACH_ASYNC);
	int link = link_at(0);
	const uint64_t start = fake_now_us();
	const bool outermost = enter(__builtin_dwarf_cfa());

	assert_int_equal(tool_close(link), 0);
	leave(outermost);
	assert_int_equal(fake_now_us(), start);
}

/** bpf_object__destroy_skeleton() calls bpf_object__close(), through the library's own entry points. */
__attribute__((noinline)) static void inner_call(int link)
{
	const bool outermost = enter(__builtin_dwarf_cfa());

	assert_false(outermost);
	assert_in_range(closing_takes(link), PAST_US, MOMENT_US);
	leave(outermost);
	assert_int_equal(fake_count(FAKE_LINK), 2);
}

static void the_outermost_call_waits(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int first = link_at(1), second = link_at(2);
	const bool outermost = enter(__builtin_dwarf_cfa());

	inner_call(first);
	assert_in_range(closing_takes(second), PAST_US, MOMENT_US);
	leave(outermost);
	assert_true(all_is_detached());
}

static int link_of_thread;

static void closes_exactly(void)
{
	assert_in_range(closing_takes(link_of_thread), PAST_US, MOMENT_US);
}

static void other_threads_are_not_in_the_call(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	link_of_thread = link_at(1);
	const bool outermost = enter(__builtin_dwarf_cfa());

	in_thread(closes_exactly);
	leave(outermost);
	assert_int_equal(fake_count(FAKE_LINK), 1);
}

static void without_threads_the_close_waits(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int link = link_at(1);

	fake_limit_threads(0);
	const bool outermost = enter(__builtin_dwarf_cfa());

	assert_in_range(closing_takes(link), GRACE_US, 2 * GRACE_US);
	leave(outermost);
	assert_true(all_is_detached());
}

/* ---- a handler jumps out of the call ------------------------------------------------------------- */

static jmp_buf before_the_call;

__attribute__((noinline)) static void jumps_out(void)
{
	enter(__builtin_dwarf_cfa());
	longjmp(before_the_call, 1);
}

__attribute__((noinline)) static void jumps_out_deep_down(void)
{
	volatile char deep[16384] = { 0 };

	if (!deep[0])
		jumps_out();
	deep[1] = deep[0];
}

static void a_call_that_was_jumped_out_of_is_over(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int link = link_at(1);

	if (!setjmp(before_the_call))
		jumps_out_deep_down();
	assert_in_range(closing_takes(link), PAST_US, MOMENT_US);
	in_call(2);
}

/** From the same function as the close and the next call. */
static void so_is_one_right_here(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	if (!setjmp(before_the_call))
		jumps_out();
	in_call(2);
	int link = link_at(1);

	if (!setjmp(before_the_call))
		jumps_out();
	assert_int_equal(tool_close(link), 0);
	assert_true(none_counts());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_waits_for_all_of_it_at_its_end),
		cmocka_unit_test(sync_waits_at_the_end_of_the_call),
		cmocka_unit_test(async_does_not_wait),
		cmocka_unit_test(the_outermost_call_waits),
		cmocka_unit_test(other_threads_are_not_in_the_call),
		cmocka_unit_test(without_threads_the_close_waits),
		cmocka_unit_test(a_call_that_was_jumped_out_of_is_over),
		cmocka_unit_test(so_is_one_right_here),
	};

	return RUN_ISOLATED("detach-scopes", tests);
}
