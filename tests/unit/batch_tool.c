// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "batch_tool.h"

#include <linux/perf_event.h>

#include "config.h"

const enum style styles[3] = { BY_LINK, BY_SET_BPF, BY_LIBBPF };

int start_batching(void)
{
	int prog = tool_start_with_program(&fake_linux_6_18);

	config.batch = true;
	config.pid_multi = true;
	return prog;
}

long attach_uprobe(const struct tool_uprobe *uprobe, int prog, uint64_t cookie, enum style style,
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

struct held attach_in(struct collect_scope *scope, const struct tool_uprobe *uprobe, int prog,
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

struct held attach_at(uint64_t offset, int prog, uint64_t cookie, enum style style)
{
	const struct tool_uprobe uprobe = { .offset = offset };

	return attach_in(NULL, &uprobe, prog, cookie, style);
}

void let_go(struct held held)
{
	if (tool_ioctl(held.event, PERF_EVENT_IOC_DISABLE, 0))
		fail_msg("DISABLE fails, %s", fake_failed_call());
	if (held.event != held.link)
		assert_int_equal(tool_close(held.event), 0);
	assert_int_equal(tool_close(held.link), 0);
}

void attach_three(int prog, enum style style, struct held held[3])
{
	for (unsigned int i = 0; i < 3; i++)
		held[i] = attach_at(0x10 * (i + 1), prog, 0, style);
}

void expect_links(unsigned int links, unsigned int probes)
{
	assert_int_equal(fake_count(FAKE_LINK), links);
	expect_probes(probes, 0);
}

struct fake_probe probe_at(uint64_t offset)
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

void with_each_style(void (*test)(int prog, enum style style))
{
	for (size_t i = 0; i < TEST_CNT(styles); i++) {
		const int prog = i ? (int)expect_fd(tool_load_simple(RETURN_0)) : start_batching();

		test(prog, styles[i]);
		expect_links(0, 0);
		tool_close(prog);
	}
	expect_safe();
}
