// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "detach_tool.h"

#include <pthread.h>

#include "engine.h"
#include "shared_link.h"

int prog;

void start_detaching_on(const struct fake_features *features, enum detach_mode mode)
{
	prog = tool_start_with_program(features);
	config.detach = mode;
	fake_slow_detaches();
}

void start_detaching(enum detach_mode mode)
{
	start_detaching_on(&fake_linux_6_18, mode);
}

int link_at(uint64_t offset)
{
	const struct tool_uprobe uprobe = { .offset = offset };

	return tool_only_link(&uprobe, prog);
}

int link_of_many(unsigned int probes)
{
	struct collection collection = { 0 };
	const struct attach_hint hint = { .by_libbpf = true, .collect = &collection };
	const unsigned int links = fake_count(FAKE_LINK);
	int fds[MOST_PROBES];

	hints_set_attach(&hint);
	for (unsigned int i = 0; i < probes; i++) {
		fds[i] = expect_fd(tool_open_at(0x10 * (i + 1)));
		assert_int_equal(tool_link(fds[i], prog, 0), fds[i]);
	}
	hints_set_attach(NULL);
	assert_int_equal(engine_end_collecting(&collection), 0);
	assert_int_equal(fake_count(FAKE_LINK), links + 1);
	for (unsigned int i = 1; i < probes; i++)
		assert_int_equal(tool_close(fds[i]), 0);
	return fds[0];
}

uint64_t closing_takes(int fd)
{
	const uint64_t start = fake_now_us();

	assert_int_equal(tool_close(fd), 0);
	return fake_now_us() - start;
}

void close_one(void)
{
	assert_int_equal(tool_close(link_at(0)), 0);
}

static void *do_it(void *arg)
{
	void (*const *does)(void) = arg;

	(*does)();
	return NULL;
}

void in_thread(void (*does)(void))
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, do_it, &does), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

bool none_counts(void)
{
	return fake_probes(NULL, 0) == 0;
}

bool all_is_detached(void)
{
	return none_counts() && fake_count(FAKE_LINK) == 0;
}
