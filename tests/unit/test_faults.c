// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Every call that upshift makes fails once, with one errno after the other: the tool still gets what it asked
 * for, on whichever path, or the error of a call that it makes without upshift too. Then every two of the
 * calls of an attach fail: the tool may see an error, but nothing unsafe happens and nothing is left behind.
 */
#include "kprobe_tool.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "engine.h"
#include "kernel.h"

enum stage { FROM_THE_LOAD, FROM_THE_OPEN, FROM_THE_ATTACH };

struct scenario {
	const char *name;
	const struct fake_features *features;
	bool set_bpf, hinted, keep_perf, with_copy, kprobe;
	int multi_errno;
	enum stage stage;
	/* one run of it */
	unsigned int first, second;
	int err;
	bool quiet;
};

enum { PASSED, NOTHING_FAILED, BROKEN };

static int broken(const struct scenario *s, const char *what, long result)
{
	if (!s->quiet)
		fprintf(stderr, "%s, failures %u %u: %s (%ld) after %s\n", s->name, s->first, s->second, what,
			result, fake_failed_call());
	return BROKEN;
}

/** May the tool see this of a step of its work? */
static bool is_allowed(const struct scenario *s, long result)
{
	return result >= 0 || s->second || (result == -s->err && fake_has_failed_natively());
}

static void arm(const struct scenario *s, enum stage stage)
{
	if (s->stage != stage)
		return;
	fake_fail(-1, s->first, s->err);
	if (s->second)
		fake_fail_too(s->second, s->err);
}

static long attach(const struct scenario *s, int event, int prog)
{
	return s->set_bpf ? tool_set_bpf(event, prog) : tool_link(event, prog, 7);
}

/** Is there the one probe, as it was asked for? */
static const char *wrong_probe(const struct scenario *s)
{
	struct fake_probe probe;

	if (fake_probes(&probe, 1) != 1)
		return "success, but there is not just one probe";
	if (probe.kprobe != s->kprobe || !probe.retprobe)
		return "success, but a probe of another kind";
	if (s->kprobe ? probe.offset != FAKE_FUNCTION_ADDRESS :
			probe.offset != 0x40 || probe.ref_ctr_offset != 2)
		return "success, but another probe";
	return !s->set_bpf && probe.cookie != 7 ? "success, but another cookie" : NULL;
}

/** Where dup3() is refused, the number is given up for a moment, and may be lost if the next call fails too.
 */
static bool may_lose_event(const struct scenario *s, long result)
{
	return s->second && result < 0 && fake_calls_of(SYS_dup3, -1);
}

static int check_attached(const struct scenario *s, int event, long result)
{
	const char *wrong;

	if (!is_allowed(s, result))
		return broken(s, "the attach failed", result);
	if (!fake_fd_is_open(event) && !may_lose_event(s, result))
		return broken(s, "the event's fd is gone", event);
	if (result < 0)
		return fake_probes(NULL, 0) ? broken(s, "a failure, but there is a probe", result) : PASSED;
	wrong = wrong_probe(s);
	if (wrong)
		return broken(s, wrong, result);
	result = tool_ioctl(event, PERF_EVENT_IOC_ENABLE, 0);
	return result ? broken(s, "the event cannot be enabled", result) : PASSED;
}

/** A pin that can neither be examined nor removed, which no kernel is known to do to anybody. */
static bool may_leave_pin(const struct scenario *s)
{
	char examined[16], removed[16];

	snprintf(examined, sizeof(examined), "[call %d,", SYS_newfstatat);
	snprintf(removed, sizeof(removed), "[call %d,", SYS_unlinkat);
	return s->second && strstr(fake_failed_call(), examined) && strstr(fake_failed_call(), removed);
}

static int check_the_end(const struct scenario *s, int fds_before)
{
	if (fake_unsafe(0))
		return broken(s, "unsafe", 0);
	if (fake_open_fds() != fds_before)
		return broken(s, "fds are left", fake_open_fds() - fds_before);
	if (fake_pins() && may_leave_pin(s))
		return PASSED;
	if (fake_probes(NULL, 0))
		return broken(s, "a probe is left", fake_probes(NULL, 0));
	if (fake_count(FAKE_PROG) || fake_count(FAKE_LINK) || fake_count(FAKE_PERF))
		return broken(s, "an object is left", fake_count(FAKE_PROG));
	return fake_has_failed() ? PASSED : NOTHING_FAILED;
}

static long open_event(const struct scenario *s)
{
	const struct tool_uprobe uprobe = { .offset = 0x40, .ref_ctr_offset = 2, .retprobe = true };
	const struct tool_kprobe kprobe = { .function = FAKE_FUNCTION, .retprobe = true };

	return s->kprobe ? open_kprobe(&kprobe) : tool_open_uprobe(&uprobe);
}

static int work(const struct scenario *s)
{
	const struct attach_hint hint = { .keep_perf = "it is wanted" };
	long prog, event, copy = -1, result;
	int verdict;

	arm(s, FROM_THE_LOAD);
	prog = s->hinted ? tool_load_hinted(RETURN_0) : tool_load_simple(RETURN_0);
	if (prog < 0)
		return is_allowed(s, prog) ? PASSED : broken(s, "the load failed", prog);
	arm(s, FROM_THE_OPEN);
	hints_set_attach(s->keep_perf ? &hint : NULL);
	event = open_event(s);
	if (event < 0) {
		tool_close((int)prog);
		return is_allowed(s, event) ? PASSED : broken(s, "the open failed", event);
	}
	if (s->with_copy)
		copy = tool_dup((int)event);
	arm(s, FROM_THE_ATTACH);
	result = attach(s, (int)event, (int)prog);
	verdict = check_attached(s, (int)event, result);
	if (result > 0)
		tool_close((int)result);
	tool_close((int)event);
	if (copy >= 0)
		tool_close((int)copy);
	tool_close((int)prog);
	return verdict;
}

static int run_scenario(void *arg)
{
	const struct scenario *s = arg;
	int fds_before, verdict, end;

	tool_start(s->features);
	config.kprobes = s->kprobe;
	fake_features.multi_errno = s->multi_errno;
	fds_before = fake_open_fds();
	verdict = work(s);
	end = check_the_end(s, fds_before);
	return verdict == BROKEN ? BROKEN : end;
}

/**
 * Runs it with the first, the second, ... call failing, until none is left to fail; true if all went well. Of
 * two, the first is the later one.
 */
static bool with_each_failure(struct scenario s)
{
	bool good = true;
	int verdict;

	for (s.first = s.second + 1; s.first < 100; s.first++) {
		verdict = in_child(run_scenario, &s);
		if (verdict == NOTHING_FAILED)
			return good;
		s.quiet |= !good; /* the first of them says enough */
		good &= verdict == PASSED;
	}
	return false;
}

static bool with_each_errno(struct scenario s)
{
	static const int errors[] = { EPERM, ENOMEM, EMFILE };
	bool good = true;

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		s.err = errors[i];
		good &= with_each_failure(s);
	}
	return good;
}

static void one_failure(void **state)
{
	const struct scenario scenarios[] = {
		{ .name = "link", .features = &fake_linux_6_18 },
		{ .name = "ioctl", .features = &fake_linux_6_18, .set_bpf = true },
		{ .name = "link, announced", .features = &fake_linux_6_18, .hinted = true },
		{ .name = "ioctl, announced", .features = &fake_linux_6_18, .set_bpf = true, .hinted = true },
		{ .name = "link, older kernel", .features = &fake_linux_6_11 },
		{ .name = "ioctl, older kernel, copy",
		  .features = &fake_linux_6_11,
		  .set_bpf = true,
		  .with_copy = true },
		{ .name = "link, no multi links", .features = &fake_linux_6_1 },
		{ .name = "kprobe, link", .features = &fake_linux_6_18, .kprobe = true },
		{ .name = "kprobe, ioctl, copy",
		  .features = &fake_linux_6_18,
		  .kprobe = true,
		  .set_bpf = true,
		  .with_copy = true },
		{ .name = "kprobe, ioctl, refused",
		  .features = &fake_linux_6_18,
		  .kprobe = true,
		  .set_bpf = true,
		  .multi_errno = EINVAL,
		  .stage = FROM_THE_OPEN },
		{ .name = "link, refused",
		  .features = &fake_linux_6_18,
		  .multi_errno = EACCES,
		  .stage = FROM_THE_OPEN },
		{ .name = "ioctl, refused, copy",
		  .features = &fake_linux_6_18,
		  .set_bpf = true,
		  .multi_errno = EACCES,
		  .with_copy = true,
		  .stage = FROM_THE_OPEN },
	};
	bool good = true;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(scenarios); i++)
		good &= with_each_errno(scenarios[i]);
	assert_true(good);
}

static bool with_each_two_failures(struct scenario s)
{
	s.err = ENOMEM;
	s.stage = FROM_THE_ATTACH;
	for (s.second = 1; s.second < 40; s.second++)
		s.quiet |= !with_each_failure(s);
	return !s.quiet;
}

static void two_failures(void **state)
{
	const struct scenario scenarios[] = {
		{ .name = "two, link", .features = &fake_linux_6_11 },
		{ .name = "two, ioctl", .features = &fake_linux_6_11, .set_bpf = true },
		{ .name = "two, kprobe, link", .features = &fake_linux_6_18, .kprobe = true },
		{ .name = "two, kprobe, ioctl",
		  .features = &fake_linux_6_18,
		  .kprobe = true,
		  .set_bpf = true },
		{ .name = "two, link, announced", .features = &fake_linux_6_11, .hinted = true },
		{ .name = "two, ioctl, announced",
		  .features = &fake_linux_6_11,
		  .set_bpf = true,
		  .hinted = true },
		{ .name = "two, ioctl, announced, perf wanted",
		  .features = &fake_linux_6_11,
		  .set_bpf = true,
		  .hinted = true,
		  .keep_perf = true },
	};
	bool good = true;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(scenarios); i++)
		good &= with_each_two_failures(scenarios[i]);
	assert_true(good);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_failure),
		cmocka_unit_test(two_failures),
	};

	return RUN_ISOLATED("faults", tests);
}
