// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Which of the tool's own calls wait until links are detached, as UPSHIFT_DETACH says. */
#include "detach_tool.h"

#include <unistd.h>

#include "engine.h"
#include "kernel.h"
#include "scope.h"

/* ---- calls --------------------------------------------------------------------------------------- */

/** Which is the last call that the kernel saw then, not one before the detach. */
static void waits(long cmd)
{
	const struct fake_call *calls;
	unsigned int cnt;

	close_one();
	tool_bpf(cmd, NULL, 0);
	if (!all_is_detached())
		fail_msg("command %#lx does not wait", cmd);
	calls = fake_calls(&cnt);
	if (calls[cnt - 1].nr != SYS_bpf || calls[cnt - 1].args[0] != cmd)
		fail_msg("command %#lx waits too late", cmd);
	fake_forget_calls();
}

static void every_bpf_command_waits(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	for (long cmd = 0; cmd < 45; cmd++) {
		waits(cmd);
		waits(cmd | UAPI_BPF_COMMON_ATTRS);
	}
}

static void links_of_other_kinds_wait(void **state)
{
	const struct uapi_link_create attr = { .attach_type = UAPI_BPF_TRACE_KPROBE_MULTI };

	(void)state;
	start_detaching(DETACH_AUTO);
	close_one();
	tool_bpf(BPF_LINK_CREATE, &attr, sizeof(attr));
	assert_true(all_is_detached());
}

static void an_attach_waits(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int first = expect_fd(tool_open_at(1)), second = expect_fd(tool_open_at(2));

	close_one();
	expect_fd(tool_link(first, prog, 0));
	expect_probe(true, 1);
	close_one();
	/* close_one() attaches, and then closes */
	expect_probes(2, 0);
	assert_int_equal(tool_set_bpf(second, prog), 0);
	expect_probes(2, 0);
	assert_int_equal(atomic_load(&detach_pending), 0);
}

static void an_attach_to_the_same_event_waits(enum detach_mode mode)
{
	start_detaching(mode);
	int event = expect_fd(tool_open_at(1));
	int link = expect_fd(tool_link(event, prog, 1));

	for (uint64_t cookie = 2; cookie < 5; cookie++) {
		assert_int_equal(tool_close(link), 0);
		link = expect_fd(tool_link(event, prog, cookie));
		assert_int_equal(only_probe().cookie, cookie);
	}
	assert_int_equal(fake_threads(), 3);
}

static void a_new_link_of_an_event_waits_for_its_last(void **state)
{
	(void)state;
	an_attach_to_the_same_event_waits(DETACH_AUTO);
}

static void closing_and_opening_do_not_wait(void **state)
{
	(void)state;
	start_detaching(DETACH_AUTO);
	int event = expect_fd(tool_open_at(1)), file = expect_fd(sys_open(FAKE_TARGET, O_RDONLY));

	close_one();
	tool_close(event);
	tool_close(file);
	expect_fd(tool_open_at(2));
	expect_probes(1, 0);
}

/* ---- UPSHIFT_DETACH ------------------------------------------------------------------------------ */

static void sync_waits_in_the_close(void **state)
{
	(void)state;
	start_detaching(DETACH_SYNC);
	close_one();
	assert_true(all_is_detached());
	assert_int_equal(fake_threads(), 0);
}

static void async_waits_for_no_call(void **state)
{
	struct libbpf_scope scope;

	(void)state;
	start_detaching(DETACH_ASYNC);
	int first = link_at(1), second = link_at(2);

	libbpf_scope_begin(&scope, true);
	tool_close(first);
	tool_close(second);
	libbpf_scope_end(&scope);
	tool_bpf(BPF_PROG_GET_NEXT_ID, NULL, 0);
	tool_bpf(BPF_LINK_CREATE, NULL, 0);
	expect_fd(tool_attach_link(3, prog, 0));
	assert_int_equal(tool_attach_ioctl(4, prog), 0);
	expect_probes(4, 0);
	engine_exit();
	assert_true(all_is_detached());
}

static void async_waits_before_the_same_event(void **state)
{
	(void)state;
	an_attach_to_the_same_event_waits(DETACH_ASYNC);
}

/* ---- tools that trace themselves ----------------------------------------------------------------- */

static void closed_at_once(const struct tool_uprobe *uprobe, bool at_once)
{
	assert_int_equal(tool_close(tool_only_link(uprobe, prog)), 0);
	assert_int_equal(all_is_detached(), at_once);
	engine_before_child();
	assert_true(all_is_detached());
}

static void a_tool_that_traces_itself_waits(void **state)
{
	const struct tool_uprobe self = { .pid = TOOL_SELF }, by_pid = { .pid = getpid() },
				 executable = { .path = FAKE_TOOL }, other = { .path = FAKE_OTHER_TARGET },
				 process = { .pid = 4711 };

	(void)state;
	start_detaching(DETACH_AUTO);
	fake_add_task(4711, 4711);
	closed_at_once(&self, true);
	closed_at_once(&by_pid, true);
	closed_at_once(&executable, true);
	closed_at_once(&other, false);
	closed_at_once(&process, false);
}

static void so_does_one_that_may_trace_itself(void **state)
{
	const struct tool_uprobe other = { .path = FAKE_OTHER_TARGET };

	(void)state;
	start_detaching(DETACH_AUTO);
	fake_remove_file(FAKE_TOOL);
	closed_at_once(&other, true);
}

static void but_not_if_it_wants_no_wait(void **state)
{
	const struct tool_uprobe self = { .pid = TOOL_SELF };

	(void)state;
	start_detaching(DETACH_ASYNC);
	closed_at_once(&self, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_bpf_command_waits),
		cmocka_unit_test(links_of_other_kinds_wait),
		cmocka_unit_test(an_attach_waits),
		cmocka_unit_test(a_new_link_of_an_event_waits_for_its_last),
		cmocka_unit_test(closing_and_opening_do_not_wait),
		cmocka_unit_test(sync_waits_in_the_close),
		cmocka_unit_test(async_waits_for_no_call),
		cmocka_unit_test(async_waits_before_the_same_event),
		cmocka_unit_test(a_tool_that_traces_itself_waits),
		cmocka_unit_test(so_does_one_that_may_trace_itself),
		cmocka_unit_test(but_not_if_it_wants_no_wait),
	};

	return RUN_ISOLATED("detach-waits", tests);
}
