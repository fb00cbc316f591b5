// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* How many threads the process can bear: what its cgroups and RLIMIT_NPROC leave to it. */
#include "tool.h"

#include <stdio.h>

#include "closer.h"
#include "thread_limit.h"

struct file {
	const char *path, *content;
};

struct limit_case {
	const char *name;
	const char *cgroup; /* of /proc/self */
	struct file files[6];
	int euid;
	uint64_t nproc;
	int wanted;
};

#define CG "/sys/fs/cgroup"

static const struct limit_case cases[] = {
	{ .name = "no cgroups", .wanted = CLOSERS },
	{ .name = "no limit",
	  .cgroup = "0::/a\n",
	  .files = { { CG "/a/pids.max", "max\n" }, { CG "/a/pids.current", "7\n" } },
	  .wanted = CLOSERS },
	{ .name = "pids",
	  .cgroup = "0::/a/b\n",
	  .files = { { CG "/a/b/pids.max", "100\n" }, { CG "/a/b/pids.current", "20\n" } },
	  .wanted = 20 },
	{ .name = "a limit further up",
	  .cgroup = "0::/a/b\n",
	  .files = { { CG "/a/b/pids.max", "max\n" },
		     { CG "/a/b/pids.current", "2\n" },
		     { CG "/a/pids.max", "50\n" },
		     { CG "/a/pids.current", "10\n" } },
	  .wanted = 10 },
	{ .name = "the smaller of both",
	  .cgroup = "0::/a/b\n",
	  .files = { { CG "/a/b/pids.max", "30\n" },
		     { CG "/a/b/pids.current", "2\n" },
		     { CG "/a/pids.max", "5000\n" },
		     { CG "/a/pids.current", "10\n" } },
	  .wanted = 7 },
	{ .name = "none left",
	  .cgroup = "0::/a\n",
	  .files = { { CG "/a/pids.max", "20\n" }, { CG "/a/pids.current", "20\n" } },
	  .wanted = 0 },
	{ .name = "more than allowed",
	  .cgroup = "0::/a\n",
	  .files = { { CG "/a/pids.max", "20\n" }, { CG "/a/pids.current", "25\n" } },
	  .wanted = 0 },
	{ .name = "plenty",
	  .cgroup = "0::/a\n",
	  .files = { { CG "/a/pids.max", "100000\n" }, { CG "/a/pids.current", "25\n" } },
	  .wanted = CLOSERS },
	{ .name = "the root of a namespace",
	  .cgroup = "0::/\n",
	  .files = { { CG "/pids.max", "20\n" }, { CG "/pids.current", "2\n" } },
	  .wanted = 4 },
	{ .name = "below the root of a namespace",
	  .cgroup = "0::/init\n",
	  .files = { { CG "/pids.max", "20\n" }, { CG "/pids.current", "2\n" } },
	  .wanted = 4 },
	{ .name = "memory", /* its use may be what the kernel can take back */
	  .cgroup = "0::/a\n",
	  .files = { { CG "/a/memory.max", "10485760\n" }, { CG "/a/memory.current", "10485760\n" } },
	  .wanted = 20 },
	{ .name = "pids and memory",
	  .cgroup = "0::/a\n",
	  .files = { { CG "/a/memory.max", "10485760\n" },
		     { CG "/a/memory.current", "6291456\n" },
		     { CG "/a/pids.max", "100\n" },
		     { CG "/a/pids.current", "60\n" } },
	  .wanted = 10 },
	{ .name = "cgroups of version 1",
	  .cgroup = "9:memory:/m\n8:pids:/p\n1:name=systemd:/s\n0::/a\n",
	  .files = { { CG "/pids/p/pids.max", "48\n" }, { CG "/pids/p/pids.current", "8\n" } },
	  .wanted = 10 },
	{ .name = "memory of version 1",
	  .cgroup = "9:memory:/m\n",
	  .files = { { CG "/memory/m/memory.limit_in_bytes", "10485760\n" } },
	  .wanted = 20 },
	{ .name = "no limit of version 1",
	  .cgroup = "9:memory:/m\n",
	  .files = { { CG "/memory/m/memory.limit_in_bytes", "9223372036854771712\n" },
		     { CG "/memory/m/memory.usage_in_bytes", "8388608\n" } },
	  .wanted = CLOSERS },
	{ .name = "a line that is none", .cgroup = "nothing\n\n0:\n", .wanted = CLOSERS },
	{ .name = "RLIMIT_NPROC", .euid = 1000, .nproc = 320, .wanted = 20 },
	{ .name = "few processes", .euid = 1000, .nproc = 10, .wanted = 0 },
	{ .name = "no RLIMIT_NPROC", .euid = 1000, .wanted = CLOSERS },
	{ .name = "RLIMIT_NPROC of root", .nproc = 320, .wanted = CLOSERS },
	{ .name = "both",
	  .cgroup = "0::/a\n",
	  .files = { { CG "/a/pids.max", "100\n" }, { CG "/a/pids.current", "20\n" } },
	  .euid = 1000,
	  .nproc = 160,
	  .wanted = 10 },
};

static void one_limit(void **state)
{
	const struct limit_case *c = *state;

	fake_boot(&fake_linux_6_18);
	fake_features.euid = c->euid;
	fake_features.nproc = c->nproc;
	if (c->cgroup)
		fake_add_file("/proc/self/cgroup", c->cgroup);
	for (size_t i = 0; i < TEST_CNT(c->files) && c->files[i].path; i++)
		fake_add_file(c->files[i].path, c->files[i].content);
	assert_int_equal(thread_limit(), CLOSERS);
	thread_limit_read();
	assert_int_equal(thread_limit(), c->wanted);
	assert_int_equal(fake_open_fds(), 3);
}

static int limit_in_a_process(void *arg)
{
	const struct CMUnitTest test = { "limit", one_limit, NULL, NULL, arg };

	return _cmocka_run_group_tests("limit", &test, 1, NULL, NULL);
}

static void what_the_process_can_bear(void **state)
{
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++) {
		struct limit_case c = cases[i];

		if (in_child(limit_in_a_process, &c)) {
			fprintf(stderr, "so it is with: %s\n", c.name);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
}

static void it_is_read_once_a_second(void **state)
{
	(void)state;
	fake_boot(&fake_linux_6_18);
	fake_add_file("/proc/self/cgroup", "0::/a\n");
	fake_add_file(CG "/a/pids.max", "100\n");
	fake_add_file(CG "/a/pids.current", "20\n");
	thread_limit_read();
	fake_remove_file(CG "/a/pids.current");
	fake_add_file(CG "/a/pids.current", "60\n");
	thread_limit_read();
	assert_int_equal(thread_limit(), 20);
	fake_sleep_ms(1100);
	thread_limit_read();
	assert_int_equal(thread_limit(), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_process_can_bear),
		cmocka_unit_test(it_is_read_once_a_second),
	};

	return RUN_ISOLATED("thread-limit", tests);
}
