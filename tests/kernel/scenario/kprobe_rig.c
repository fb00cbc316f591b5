// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "kprobe.h"

static const struct {
	const char *symbol, *name;
	long number;
	int sign;
} functions[] = {
	{ F_MAX, "max", SYS_sched_get_priority_max, 1 },
	{ F_MIN, "min", SYS_sched_get_priority_min, 1 },
	{ F_PGID, "pgid", SYS_getpgid, -1 },
	{ F_SID, "sid", SYS_getsid, -1 },
};

#define NR_FUNCTIONS (sizeof(functions) / sizeof(*functions))

int need_kprobes(void)
{
	FILE *file = fopen("/sys/bus/event_source/devices/kprobe/type", "re");
	int type;

	if (!file || fscanf(file, "%d", &type) != 1)
		skip("this kernel has no kprobes");
	fclose(file);
	return type;
}

/* All of them in one go through the list. */
static int find_addresses(const char *const symbols[], unsigned long addresses[], int nr)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	char line[1024], name[512];
	unsigned long address;
	int found = 0, i;

	while (found < nr && file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%lx %*c %511s", &address, name) != 2)
			continue;
		for (i = 0; i < nr; i++) {
			if (strcmp(name, symbols[i]))
				continue;
			addresses[i] = address;
			found++;
		}
	}
	if (file)
		fclose(file);
	return found;
}

unsigned long kernel_address(const char *symbol)
{
	unsigned long address;

	return find_addresses(&symbol, &address, 1) ? address : 0;
}

void kprobe_name_functions(__u32 traced[MAX_TRACED])
{
	const char *symbols[NR_FUNCTIONS];
	unsigned long addresses[NR_FUNCTIONS];
	size_t i;

	for (i = 0; i < NR_FUNCTIONS; i++)
		symbols[i] = functions[i].symbol;
	if (find_addresses(symbols, addresses, NR_FUNCTIONS) != NR_FUNCTIONS)
		die("this kernel does not have the functions that are to be traced");
	who_add(getpid(), "self");
	for (i = 0; i < NR_FUNCTIONS; i++)
		who_add_symbol(getpid(), functions[i].name, addresses[i]);
	traced[0] = getpid();
}

struct kprobe_rig kprobe_up(void)
{
	struct kprobe_rig rig;

	need_kprobes();
	rig.skel = kprobe_bpf__open_and_load();
	if (!rig.skel)
		die("cannot load the programs");
	kprobe_name_functions(rig.skel->bss->traced);
	rig.hits = bpf_map__fd(rig.skel->maps.hits);
	return rig;
}

void kprobe_say_hits(struct kprobe_rig *rig)
{
	say_hits(rig->hits);
	hits_clear(rig->hits);
}

void kprobe_down(struct kprobe_rig *rig)
{
	say_hits(rig->hits);
	kprobe_bpf__destroy(rig->skel);
}

void kernel_call(const char *function, int times)
{
	size_t i;
	int n;

	for (i = 0; strcmp(functions[i].symbol, function); i++)
		;
	settle();
	for (n = 1; n <= times; n++)
		syscall(functions[i].number, functions[i].sign * n);
}

struct bpf_link *must_attach_kernel(const struct bpf_program *prog, const char *function,
				    const struct bpf_kprobe_opts *opts)
{
	struct bpf_link *link = bpf_program__attach_kprobe_opts(prog, function, opts);

	if (!link)
		die("cannot attach %s", bpf_program__name(prog));
	return link;
}

int kernel_open_for(const char *function, __u64 offset, bool retprobe, pid_t pid, int cpu)
{
	struct perf_event_attr attr = {
		.type = need_kprobes(),
		.size = sizeof(attr),
		.sample_period = 1,
		.wakeup_events = 1,
		.config = retprobe,
		.kprobe_func = (uintptr_t)function,
		.probe_offset = offset,
	};

	return syscall(SYS_perf_event_open, &attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

int kernel_open(const char *function, __u64 offset, bool retprobe)
{
	return kernel_open_for(function, offset, retprobe, -1, 0);
}
