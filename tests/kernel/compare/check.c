// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "check.h"
#include "kernel.h"
#include "run.h"

static const char *scenario_of(const struct row *row)
{
	return row->scenario ? row->scenario : row->name;
}

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

static void show(const struct run *run, const char *how)
{
	print_error("--- %s, status 0x%x:\n%s", how, run->status, run->out);
	if (*run->err)
		print_error("--- on standard error:\n%s", run->err);
}

/** The last line says what was left behind, for which there may be several answers. */
static bool as_expected(const struct row *row, const char *observations)
{
	const size_t length = strlen(row->expect);
	const char *left = observations + length;
	char text[64];

	if (strncmp(observations, row->expect, length) || sscanf(left, "left %63[^\n]", text) != 1)
		return false;
	return one_of(row->left ? row->left : "fds=0 links=0", text);
}

static void check_observations(const struct check *check, const struct run *run, const char *how)
{
	/* Before 6.6 bpf_get_func_ip() tells nothing about uprobes: then only equality can be tested. */
	if (as_expected(check->base, run->observations) || strstr(run->observations, "no-func-ip"))
		return;
	show(run, how);
	print_error("--- expected:\n%sleft %s\n", check->base->expect,
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

static void check_links(const struct run *run, const char *expected, const char *how)
{
	if (one_of(expected, run->links))
		return;
	show(run, how);
	fail_msg("%s: links are \"%s\" instead of \"%s\"", how, run->links, expected);
}

static void check_complaints(const struct check *check, const struct run *run, const char *how)
{
	if (count_lines(run->err) == check->row->complaints)
		return;
	show(run, how);
	fail_msg("%s: %d lines on standard error instead of %d", how, count_lines(run->err),
		 check->row->complaints);
}

static const char *links_with(const struct check *check)
{
	if (!check->has_multi)
		return check->base->without;
	if (check->build == STATIC && check->row->with_static)
		return check->row->with_static;
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
	const char *settings = check->settings ? check->settings : check->row->settings;
	struct run with = run_scenario(check->build, scenario_of(check->row), check->upshift, settings);

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

/* As without, and with upshift that is switched off. */
static void check_without(const struct check *check, const char *preload, struct run *run)
{
	const char *how = preload ? "with UPSHIFT=off" : "without upshift";

	*run = run_scenario(check->build, scenario_of(check->row), preload, preload ? "UPSHIFT=off" : NULL);
	check_run(check, run, how);
	check_complaints(check, run, how);
	check_links(run, check->row->without, how);
}

void check_row(void **state)
{
	const struct check *check = *state;
	struct run without, off;

	if (check->row->only_with) {
		if (!check->upshift || !check->has_multi) {
			print_message("skipped: needs upshift, and a kernel with uprobe_multi links\n");
			skip();
		}
		check_with(check, NULL);
		return;
	}
	check_without(check, NULL, &without);
	if (check->upshift)
		check_with(check, &without);
	/* The switch is one and the same for all builds; a detach from a perf event takes its time. */
	if (check->upshift && check->build != STATIC) {
		check_without(check, check->upshift, &off);
		assert_string_equal(off.observations, without.observations);
		run_free(&off);
	}
	run_free(&without);
}

void check_settings(void **state)
{
	const struct check *check = *state;

	check_with(check, NULL);
}
