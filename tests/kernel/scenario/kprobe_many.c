// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Many kprobes at once. The functions are system calls: all kernels have hundreds, under names of one sort.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "kprobe.h"

#define MOST     1000
#define SOME     120
#define PATIENCE 550 /* seconds, for emulated machines */

static char *names[MOST];

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Functions that ftrace lists and that nothing calls all the time; each name is there once. */
static bool is_rare(const char *name)
{
	static const char *const prefixes[] = { "ext4_", "jbd2_", "acpi_", "pci_", "tcp_", "blk_", "xfrm_" };
	size_t i;

	for (i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
			return !strchr(name, '.');
	return false;
}

static int read_names(char *list[], int most)
{
	FILE *file = fopen("/sys/kernel/tracing/available_filter_functions", "re");
	char line[1024];
	int nr = 0;

	while (nr < most && file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		/* Modules' functions have their module's name behind them. */
		if (!strchr(line, ' ') && !strchr(line, '\t') && is_rare(line))
			list[nr++] = strdup(line);
	}
	if (file)
		fclose(file);
	return nr;
}

#define LISTED 8192

/* Takes out all names that are there more than once, and chooses nr of the others. */
static int choose_names(int nr)
{
	static char *list[LISTED];
	int all = read_names(list, LISTED), chosen = 0, i;

	qsort(list, all, sizeof(*list), compare_names);
	for (i = 0; i < all && chosen < nr; i++)
		if ((!i || strcmp(list[i], list[i - 1])) && (i + 1 == all || strcmp(list[i], list[i + 1])))
			names[chosen++] = list[i];
	return chosen;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* With F_MAX among them, the only one that is called. */
static void many(int nr)
{
	static struct bpf_link *links[MOST + 1];
	struct kprobe_rig rig = kprobe_up();
	int found = choose_names(nr - 1), i;
	double start, attached, detached;

	alarm(PATIENCE);
	if (found != nr - 1)
		skip("this kernel lists only %d of the functions that are to be traced", found);
	start = seconds();
	for (i = 0; i < found; i++) {
		links[i] = try_kernel(rig.skel->progs.anywhere, names[i], .bpf_cookie = 1);
		if (!links[i])
			say("cannot attach to %s", names[i]);
	}
	links[found] = attach_kernel(rig.skel->progs.entry, F_MAX, .bpf_cookie = 2);
	settle();
	attached = seconds();
	kernel_call(F_MAX, 3);
	say_links();
	detached = seconds();
	for (i = 0; i <= found; i++)
		bpf_link__destroy(links[i]);
	settle();
	detached = seconds() - detached;
	if (getenv("SCENARIO_TIMES"))
		fprintf(stderr, "attach %.3f detach %.3f\n", attached - start, detached);
	kernel_call(F_MAX, 2);
	kprobe_down(&rig);
}

static void some(void)
{
	many(SOME);
}

static void thousand(void)
{
	many(MOST);
}

const struct scenario kprobe_many_scenarios[] = {
	{ "kprobe-many", some },
	{ "kprobe-thousand", thousand },
	{},
};
