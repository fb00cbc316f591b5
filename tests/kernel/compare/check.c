// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../expendable.h"
#include "check.h"
#include "kernel.h"
#include "run.h"

/* Does one of the choices, with '|' between them, equal text? */
static bool one_of(const char *choices, const char *text)
{
	size_t length = strlen(text);
	const char *end;

	for (;; choices = end + 1) {
		end = strchrnul(choices, '|');
		if ((size_t)(end - choices) == length && !memcmp(choices, text, length))
			return true;
		if (!*end)
			return false;
	}
}

/* Does the kernel lack what the tool itself asks it for? */
static bool lacks_multi(const struct check *check)
{
	return check->base->needs_multi && !check->has_multi && !check->unreached;
}

static void show(const struct run *run, const char *how)
{
	print_error("--- %s, status 0x%x:\n%s", how, run->status, run->out);
	if (*run->err)
		print_error("--- on standard error:\n%s", run->err);
}

/** The last line says what was left behind, for which there may be several answers. */
static bool as_expected(const struct row *row, const char *expect, const char *observations)
{
	const size_t length = expect ? strlen(expect) : 0;
	const char *left = expect ? observations + length : strstr(observations, "left fds=");
	char text[64];

	if (!left || (length && strncmp(observations, expect, length)) ||
	    sscanf(left, "left %63[^\n]", text) != 1)
		return false;
	return one_of(row->left ? row->left : "fds=0 links=0", text);
}

static void check_observations(const struct check *check, const struct run *run, const char *how)
{
	const bool stands_in = lacks_multi(check) && check->base->expect_on_perf;
	const char *own = check->row->expect ? check->row->expect : check->base->expect;
	const char *expect = stands_in ? check->base->expect_on_perf : own;

	if (as_expected(check->base, expect, run->observations))
		return;
	/* Before 6.6 bpf_get_func_ip() tells nothing about uprobes: then only equality can be tested. */
	if (!stands_in && strstr(run->observations, "no-func-ip"))
		return;
	show(run, how);
	print_error("--- expected:\n%sleft %s\n", expect ? expect : "anything\n",
		    check->base->left ? check->base->left : "fds=0 links=0");
	fail_msg("%s: it prints something else", how);
}

static void check_no_link_stays(const struct run *run, const char *how)
{
	const char *at = run->out;

	while ((at = strstr(at, "link-id "))) {
		at += strlen("link-id ");
		if (!kernel_link_is_gone(strtoul(at, NULL, 10)))
			fail_msg("%s: link %lu is still there", how, strtoul(at, NULL, 10));
	}
}

void check_run(const struct check *check, const struct run *run, const char *how)
{
	if (run_skipped(run)) {
		print_message("skipped: %s", run->err);
		skip();
	}
	if (!run_ok(run)) {
		show(run, how);
		fail_msg("%s: it fails", how);
	}
	check_observations(check, run, how);
	check_no_link_stays(run, how);
}

const char *settings_of(const struct check *check)
{
	const char *own = check->settings ? check->settings : check->row->settings, *kprobes = "";
	static char text[256];

	if (check->base->kprobe)
		kprobes = "UPSHIFT_KPROBES=on ";
	snprintf(text, sizeof(text), "%s%s", kprobes, own ? own : "");
	return text;
}

static void check_links(const struct run *run, const char *expected, const char *how)
{
	if (one_of(expected, run->links))
		return;
	show(run, how);
	fail_msg("%s: links are \"%s\" instead of \"%s\"", how, run->links, expected);
}

/* Are all of these, with '|' between them, in text? */
static bool has_all(const char *text, const char *parts)
{
	char *words = strdup(parts ? parts : ""), *rest = words, *word;
	bool all = true;

	while ((word = strsep(&rest, "|")))
		all = all && strstr(text, word);
	free(words);
	return all;
}

static void check_complaints(const struct check *check, const struct run *run, const char *how)
{
	const int expected = check->row->complaints;

	if (count_lines(run->err) == expected && has_all(run->err, check->row->complains))
		return;
	show(run, how);
	fail_msg("%s: %d lines on standard error instead of %d, or others", how, count_lines(run->err),
		 expected);
}

const char *links_with(const struct check *check)
{
	if (lacks_multi(check))
		return check->base->on_perf;
	if (!check->has_multi || (check->row->returns && !check->ignores_returns))
		return check->base->without;
	if (check->build == STATIC && check->row->with_static)
		return check->row->with_static;
	if (getenv("COMPARE_SYMBOLIC") && check->row->with_symbolic)
		return check->row->with_symbolic;
	return check->row->with;
}

/** Up to the last line: upshift may need fewer fds. */
static bool same_but_left(const char *one, const char *other)
{
	const char *one_left = strstr(one, "left fds="), *other_left = strstr(other, "left fds=");

	return one_left && other_left && one_left - one == other_left - other &&
	       !memcmp(one, other, (size_t)(one_left - one));
}

/* With upshift at work. At most one of the two can be a lower bound for the other. */
static void check_with(const struct check *check, const struct run *without)
{
	struct run with = run_reported(check);

	check_run(check, &with, "with upshift");
	check_complaints(check, &with, "with upshift");
	if (!check->settings)
		check_links(&with, links_with(check), "with upshift");
	if (without) {
		if (!same_but_left(with.observations, without->observations))
			fail_msg("with upshift it prints\n%swithout\n%s", with.observations,
				 without->observations);
		if (with.at_least < without->at_least)
			fail_msg("only %d instead of %d", with.at_least, without->at_least);
	}
	run_free(&with);
}

/* What has to be upgraded and cannot is not attached. */
static void check_refused(const struct check *check)
{
	struct run run = run_scenario(check->build, check->row, check->upshift, settings_of(check));

	assert_non_null(strstr(run.err, "not attached"));
	assert_true(strstr(run.err, "probe_multi links") || strstr(run.err, "on x86-64 only"));
	assert_null(strstr(run.out, "hits target"));
	assert_null(strstr(run.out, "hits self"));
	run_free(&run);
}

/* What runs with upshift only does so where the kernel has multi links, or perf uprobes stand in for them. */
static bool can_run_with(const struct check *check)
{
	return check->upshift && (check->has_multi || (check->base->on_perf && !check->unreached));
}

static void skip_row(const char *reason)
{
	print_message("skipped: %s\n", reason);
	skip();
}

/* As without, and with upshift that is switched off. */
static void check_without(const struct check *check, const char *preload, struct run *run)
{
	const char *how = preload ? "with UPSHIFT=off" : "without upshift";

	*run = run_scenario(check->build, check->row, preload, preload ? "UPSHIFT=off" : NULL);
	check_run(check, run, how);
	check_complaints(check, run, how);
	check_links(run, check->row->without, how);
}

static void need_kernel(const struct check *check)
{
	if (check->base->kprobe && check->kprobes == KPROBE_NONE)
		skip_row("this kernel has no kprobes");
	/* Where perf events are the only way for a program that may not return 0, no token will help. */
	if (check->row->delegate &&
	    (!kernel_has_tokens() || (check->base->returns && !check->ignores_returns)))
		skip_row("needs a kernel with BPF tokens");
}

void check_row(void **state)
{
	const struct check *check = *state;
	struct run without, off;

	need_kernel(check);
	if (check->row->only_with || lacks_multi(check)) {
		if (!can_run_with(check))
			skip_row("needs upshift, and a kernel with uprobe_multi links");
		check_with(check, NULL);
		return;
	}
	check_without(check, NULL, &without);
	if (check->upshift)
		check_with(check, &without);
	/* The switch is one and the same for all builds; a detach from a perf event takes its time. */
	if (check->upshift && check->build != STATIC && !getenv("COMPARE_LEAVES_OUT_OFF")) {
		check_without(check, check->upshift, &off);
		assert_string_equal(off.observations, without.observations);
		run_free(&off);
	}
	run_free(&without);
}

void check_settings(void **state)
{
	const struct check *check = *state;

	need_kernel(check);
	if ((check->base->only_with || lacks_multi(check)) && !can_run_with(check))
		skip_row("needs upshift, and a kernel with uprobe_multi links");
	if (!check->has_multi && all_multi(check->row->with) && strstr(settings_of(check), "UPSHIFT=require"))
		check_refused(check);
	else
		check_with(check, NULL);
}
