// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* bpf_program__attach_perf_event() on perf events that the tool made by itself. */
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "sampling.skel.h"
#include "scenario.h"

static void own_uprobe(void)
{
	LIBBPF_OPTS(bpf_perf_event_opts, opts, .bpf_cookie = 21);
	struct rig rig = rig_up();
	size_t offset = target_offset(rig.target, "f0");
	struct bpf_link *plain, *with_cookie;
	int fds[2], i;

	for (i = 0; i < 2; i++)
		fds[i] = perf_open_uprobe(target_path(), offset, false, target_pid(rig.target), 0);
	plain = bpf_program__attach_perf_event(rig.skel->progs.entry, fds[0]);
	with_cookie = bpf_program__attach_perf_event_opts(rig.skel->progs.entry, fds[1], &opts);
	if (!plain || !with_cookie)
		die("cannot attach");
	target_call(rig.target, "f0", 3);
	say_links();
	destroy(plain);
	destroy(with_cookie);
	target_call(rig.target, "f0", 2);
	rig_down(&rig);
}

static int open_clock(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = 100000, /* ns */
	};

	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

/* Spends processor time until a sample is there. */
static bool sampled(volatile __u64 *samples)
{
	time_t end = time(NULL) + 10;

	while (!*samples && time(NULL) < end)
		;
	return *samples;
}

static void software_event(void)
{
	struct sampling_bpf *skel = sampling_bpf__open_and_load();
	struct bpf_link *link;

	if (!skel)
		die("cannot load");
	link = bpf_program__attach_perf_event(skel->progs.sample, open_clock());
	say_result("attach", link);
	say_links();
	say("samples %s", sampled(&skel->bss->samples) ? "some" : "none");
	destroy(link);
	sampling_bpf__destroy(skel);
}

static __u64 hits_of(int map, pid_t pid)
{
	struct hit_key key, *previous = NULL;
	struct hit_value value;
	__u64 hits = 0;

	for (; !bpf_map_get_next_key(map, previous, &key); previous = &key)
		if (key.tgid == (__u32)pid && !bpf_map_lookup_elem(map, &key, &value))
			hits += value.count;
	return hits;
}

/* funclatency's program, for a kernel function and for a user function at the same time. */
static void kprobe_and_uprobe(void)
{
	struct rig rig;
	struct bpf_link *kernel, *user;
	int i;

	if (access("/sys/bus/event_source/devices/kprobe/type", R_OK))
		skip("this kernel has no kprobes");
	rig = rig_up();
	kernel = bpf_program__attach_ksyscall(rig.skel->progs.from_kprobe, "getpgid", NULL);
	user = attach_function(rig.skel->progs.from_kprobe, "f0", .bpf_cookie = 9);
	if (!kernel)
		die("cannot attach to the system call");
	for (i = 0; i < 4; i++)
		syscall(SYS_getpgid, 0);
	target_call(rig.target, "f0", 3);
	say_links();
	destroy(user);
	destroy(kernel);
	/* Others may make the system call, too, and its first argument is a kernel address. */
	say("count kernel=%llu user=%llu", hits_of(rig.hits, getpid()),
	    hits_of(rig.hits, target_pid(rig.target)));
	hits_clear(rig.hits);
	rig_down(&rig);
}

const struct scenario perf_event_scenarios[] = {
	{ "own-perf-event", own_uprobe },
	{ "software-perf-event", software_event },
	{ "kprobe-and-uprobe", kprobe_and_uprobe },
	{},
};
