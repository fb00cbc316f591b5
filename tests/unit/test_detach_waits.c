// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Who waits until links are detached: calls that could show them, children, libbpf's calls, the end. */
#include "tool.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config.h"
#include "detach.h"
#include "engine.h"
#include "kernel.h"
#include "scope.h"

static int prog;

static void start(enum detach_mode mode)
{
	prog = tool_start_with_program(&fake_linux_6_18);
	config.detach = mode;
	fake_hold_threads();
}

static int link_at(uint64_t offset)
{
	const struct tool_uprobe uprobe = { .offset = offset };

	return tool_only_link(&uprobe, prog);
}

static void close_one(void)
{
	assert_int_equal(tool_close(link_at(0)), 0);
}

static bool all_is_detached(void)
{
	return fake_probes(NULL, 0) == 0;
}

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
	start(DETACH_AUTO);
	for (long cmd = 0; cmd < 45; cmd++) {
		waits(cmd);
		waits(cmd | UAPI_BPF_COMMON_ATTRS);
	}
}

static void links_of_other_kinds_wait(void **state)
{
	const struct uapi_link_create attr = { .attach_type = UAPI_BPF_TRACE_KPROBE_MULTI };

	(void)state;
	start(DETACH_AUTO);
	close_one();
	tool_bpf(BPF_LINK_CREATE, &attr, sizeof(attr));
	assert_true(all_is_detached());
}

static void an_attach_waits(void **state)
{
	(void)state;
	start(DETACH_AUTO);
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
	start(mode);
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
	start(DETACH_AUTO);
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
	start(DETACH_SYNC);
	close_one();
	assert_true(all_is_detached());
	assert_int_equal(fake_threads(), 0);
}

static void async_waits_for_no_call(void **state)
{
	struct libbpf_scope scope;

	(void)state;
	start(DETACH_ASYNC);
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
	start(DETACH_AUTO);
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
	start(DETACH_AUTO);
	fake_remove_file(FAKE_TOOL);
	closed_at_once(&other, true);
}

static void but_not_if_it_wants_no_wait(void **state)
{
	const struct tool_uprobe self = { .pid = TOOL_SELF };

	(void)state;
	start(DETACH_ASYNC);
	closed_at_once(&self, false);
}

/* ---- libbpf's calls ------------------------------------------------------------------------------ */

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
	start(DETACH_AUTO);
	in_call(false, 0, false);
	in_call(false, 1, false);
	in_call(false, 2, true);
	in_call(false, 4, true);
}

static void for_an_object_it_always_waits(void **state)
{
	(void)state;
	start(DETACH_AUTO);
	in_call(true, 0, true);
	in_call(true, 1, true);
	in_call(true, 3, true);
}

static void sync_waits_at_the_end_of_the_call(void **state)
{
	(void)state;
	start(DETACH_SYNC);
	in_call(false, 1, true);
	in_call(false, 3, true);
	in_call(true, 1, true);
}

static void one_that_traces_itself_waits_there(void **state)
{
	const struct tool_uprobe self = { .pid = TOOL_SELF };
	struct libbpf_scope scope;

	(void)state;
	start(DETACH_AUTO);
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
	start(DETACH_AUTO);
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
	start(DETACH_AUTO);
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
	start(DETACH_AUTO);
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
	start(DETACH_AUTO);
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
	start(DETACH_ASYNC);
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
	start(DETACH_AUTO);
	int link = link_at(1);

	fake_spare_fds(0);
	fake_fix_limit();
	libbpf_scope_begin(&scope, true);
	assert_int_equal(tool_close(link), 0);
	assert_true(all_is_detached());
	libbpf_scope_end(&scope);
}

/* ---- the end ------------------------------------------------------------------------------------- */

static void at_the_end_fds_stay_open_on_nothing(void **state)
{
	(void)state;
	start(DETACH_AUTO);
	int link = link_at(1), copied = link_at(2), event = expect_fd(tool_open_at(3));
	int copy = expect_fd(tool_dup(copied));

	assert_int_equal(tool_set_bpf(event, prog), 0);
	int before = fake_open_fds();

	engine_detach_all();
	assert_true(all_is_detached());
	assert_int_equal(fake_count(FAKE_LINK), 0);
	assert_int_equal(fake_open_fds(), before);
	assert_int_equal(fake_kind_of(link), FAKE_PATH);
	assert_int_equal(tool_close(link), 0);
	assert_int_equal(tool_close(copied), 0);
	assert_int_equal(tool_close(copy), 0);
	assert_int_equal(tool_close(event), 0);
	assert_int_equal(fake_threads(), 3);
}

static void perf_events_are_left_to_the_kernel(void **state)
{
	(void)state;
	start(DETACH_AUTO);
	fake_features.multi_errno = EINVAL;
	int link = link_at(1);

	engine_detach_all();
	expect_probes(0, 1);
	assert_int_equal(fake_kind_of(link), FAKE_LINK);
	assert_int_equal(tool_close(link), 0);
	expect_probes(0, 0);
}

static void at_the_end_without_threads(void **state)
{
	(void)state;
	start(DETACH_AUTO);
	int links[] = { link_at(1), link_at(2) }, before = fake_open_fds();

	fake_limit_threads(0);
	engine_detach_all();
	assert_true(all_is_detached());
	assert_int_equal(fake_open_fds(), before);
	assert_int_equal(tool_close(links[0]), 0);
	assert_int_equal(tool_close(links[1]), 0);
}

/** The kernel does it then, after the end. */
static void at_the_end_without_any_fd(void **state)
{
	(void)state;
	start(DETACH_AUTO);
	int link = link_at(1);

	fake_spare_fds(0);
	engine_detach_all();
	expect_probe(true, 1);
	assert_int_equal(fake_kind_of(link), FAKE_LINK);
}

static void what_is_in_the_queue_is_waited_for_at_the_end(void **state)
{
	(void)state;
	start(DETACH_AUTO);
	int closed = link_at(1);

	link_at(2);
	tool_close(closed);
	engine_exit();
	assert_true(all_is_detached());
}

/* ---- children ------------------------------------------------------------------------------------ */

/** The fake kernel has forked as well: what the child does to it, the parent does not see. */
static int closes_inherited(void *arg)
{
	const int *link = arg;

	if (tool_close(*link) || fake_threads())
		return 1;
	return atomic_load(&detach_pending) ? 2 : 0;
}

static void an_inherited_link_is_not_handed_over(void **state)
{
	(void)state;
	start(DETACH_AUTO);
	int link = link_at(1);

	assert_int_equal(in_child(closes_inherited, &link), 0);
}

static int exits_with_inherited(void *arg)
{
	int own = link_at(2);

	(void)arg;
	engine_exit();
	/* its own is gone, the parent's is not */
	return only_probe().offset == 1 && fake_kind_of(own) == FAKE_PATH ? 0 : 1;
}

static void a_childs_end_detaches_its_own_only(void **state)
{
	(void)state;
	start(DETACH_AUTO);
	link_at(1);
	assert_int_equal(in_child(exits_with_inherited, NULL), 0);
}

static int sees_nothing(void *arg)
{
	(void)arg;
	return all_is_detached() && !atomic_load(&detach_pending) ? 0 : 1;
}

static void fork_waits(enum detach_mode mode)
{
	start(mode);
	close_one();
	errno = ENOTTY;
	engine_before_child();
	assert_int_equal(errno, ENOTTY);
	assert_true(all_is_detached());
	close_one();
	assert_int_equal(in_child(sees_nothing, NULL), 0); /* by fork() */
	assert_true(all_is_detached());
}

static void a_child_is_not_made_before(void **state)
{
	(void)state;
	fork_waits(DETACH_AUTO);
}

static void not_even_if_no_call_waits(void **state)
{
	(void)state;
	fork_waits(DETACH_ASYNC);
}

/** A child that was made behind our back. */
static int in_unseen_child(int (*body)(void))
{
	long child = kernel_raw_call(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
	int status;

	if (child == 0)
		_exit(body());
	if (child < 0 || waitpid((pid_t)child, &status, 0) != child)
		return 255;
	return status;
}

/** It has copies of what the parent's threads will close. */
static int drops_the_queue(void)
{
	const unsigned int threads = fake_threads();

	if (!engine_on() || atomic_load(&detach_pending) || !all_is_detached())
		return 1;
	if (tool_close(link_at(3)) || atomic_load(&detach_pending) != 1)
		return 2;
	if (fake_threads() != threads + 1)
		return 3;
	engine_settle();
	return all_is_detached() ? 0 : 4;
}

/** None of the parent's threads will take it. */
static int counts_no_threads(void)
{
	fake_limit_threads(0);
	if (!engine_on() || tool_close(link_at(3)))
		return 1;
	return all_is_detached() ? 0 : 2;
}

static void a_child_drops_the_queue(void **state)
{
	(void)state;
	start(DETACH_AUTO);
	int links[] = { link_at(1), link_at(2) };

	tool_close(links[0]);
	tool_close(links[1]);
	assert_int_equal(in_unseen_child(drops_the_queue), 0);
	assert_int_equal(in_unseen_child(counts_no_threads), 0);
	/* The parent's threads are none the worse for it. */
	expect_probes(2, 0);
	engine_settle();
	assert_true(all_is_detached());
}

static int reports_its_own_only(void)
{
	const char *line;

	if (!engine_on())
		return 1;
	close_one();
	engine_settle();
	line = strstr(fake_file_content("/report"), "\"event\":\"detach\"");
	return line && !strstr(line + 1, "\"event\":\"detach\"") ? 0 : 2;
}

static void a_child_leaves_the_report_to_the_parent(void **state)
{
	(void)state;
	start(DETACH_AUTO);
	config.report = "/report";
	close_one();
	fake_run_threads();
	assert_int_equal(in_unseen_child(reports_its_own_only), 0);
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
		cmocka_unit_test(at_the_end_fds_stay_open_on_nothing),
		cmocka_unit_test(perf_events_are_left_to_the_kernel),
		cmocka_unit_test(at_the_end_without_threads),
		cmocka_unit_test(at_the_end_without_any_fd),
		cmocka_unit_test(what_is_in_the_queue_is_waited_for_at_the_end),
		cmocka_unit_test(an_inherited_link_is_not_handed_over),
		cmocka_unit_test(a_childs_end_detaches_its_own_only),
		cmocka_unit_test(a_child_is_not_made_before),
		cmocka_unit_test(not_even_if_no_call_waits),
		cmocka_unit_test(a_child_drops_the_queue),
		cmocka_unit_test(a_child_leaves_the_report_to_the_parent),
	};

	return RUN_ISOLATED("detach-waits", tests);
}
