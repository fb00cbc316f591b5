// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <bpf/bpf.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "helper.h"
#include "scenario.h"

#define LONGEST_RUN 100 /* seconds */

static const struct scenario *const groups[] = {
	attach_scenarios,        place_scenarios,        section_scenarios,      pid_scenarios,
	usdt_scenarios,          fd_scenarios,           dup_scenarios,          error_scenarios,
	lifetime_scenarios,      pin_scenarios,          raw_scenarios,          no_bpf_scenarios,
	perf_event_scenarios,    process_scenarios,      thread_scenarios,       tail_scenarios,
	limit_scenarios,         new_section_scenarios,  detach_scenarios,       detach_before_scenarios,
	detach_thread_scenarios, detach_limit_scenarios, detach_end_scenarios,   many_scenarios,
	daemon_scenarios,        sandbox_scenarios,      seccomp_scenarios,      multi_scenarios,
	own_multi_scenarios,     feature_scenarios,      light_scenarios,        token_scenarios,
	native_scenarios,        kprobe_scenarios,       kprobe_named_scenarios, kprobe_raw_scenarios,
	kprobe_life_scenarios,   kprobe_stay_scenarios,  kprobe_need_scenarios,  kprobe_many_scenarios,
	token_ours_scenarios,    keeper_end_scenarios,   keeper_child_scenarios, keeper_close_scenarios,
	keeper_life_scenarios,   exact_scenarios,        exact_close_scenarios,  detach_harm_scenarios,
	detach_alone_scenarios,  detach_apart_scenarios,
};

#define NR_GROUPS (sizeof(groups) / sizeof(*groups))

static const struct scenario *next(const struct scenario *scenario, size_t *group)
{
	if (!scenario)
		*group = 0;
	scenario = scenario ? scenario + 1 : groups[0];
	while (!scenario->name && ++*group < NR_GROUPS)
		scenario = groups[*group];
	return scenario->name ? scenario : NULL;
}

static const struct scenario *find(const char *name)
{
	const struct scenario *scenario = NULL;
	size_t group;

	while ((scenario = next(scenario, &group)))
		if (!strcmp(scenario->name, name))
			return scenario;
	return NULL;
}

static int list(void)
{
	const struct scenario *scenario = NULL;
	size_t group;

	while ((scenario = next(scenario, &group)))
		puts(scenario->name);
	return 0;
}

/* The libbpf that is in use: what it says of itself, and the file that it is in. */
static int say_libbpf(void)
{
	char path[PATH_MAX];
	Dl_info info;

	if (!dladdr((void *)libbpf_version_string, &info) || !realpath(info.dli_fname, path))
		return 1;
	printf("%s %s\n", libbpf_version_string(), path);
	return 0;
}

/* Failed attaches are part of many scenarios: their explanations are for whoever looks into one. */
static int print(enum libbpf_print_level level, const char *format, va_list args)
{
	if (!getenv("SCENARIO_VERBOSE"))
		return 0;
	(void)level;
	return vfprintf(stderr, format, args);
}

/* So that the count of fds starts after whatever the first load of a process may open for good. */
static void load_something(void)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_KPROBE, "nothing", "GPL", insns, 2, NULL);

	if (fd >= 0)
		close(fd);
	else if (errno != EPERM)
		die("cannot load a BPF program");
}

int scenario_main(int argc, char **argv)
{
	const struct scenario *scenario;
	int fds;

	if (argc == 1)
		return list();
	if (!strcmp(argv[1], "--libbpf"))
		return say_libbpf();
	libbpf_set_print(print);
	say_open();
	if (helper_run(argc, argv))
		return 0;
	scenario = find(argv[1]);
	if (!scenario) {
		fprintf(stderr, "no scenario is called %s\n", argv[1]);
		return 2;
	}
	alarm(LONGEST_RUN);
	load_something();
	fds = fds_open();
	scenario->run();
	say("left fds=%d links=%d", fds_open() - fds, links_open());
	return 0;
}
