// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* perf events on uprobes that no BPF program comes to: they count and sample, as ever. */
#include <linux/perf_event.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "scenario.h"

static int open_f0(struct target *target, struct perf_event_attr attr)
{
	int fd;

	attr.type = perf_uprobe_type();
	attr.size = sizeof(attr);
	attr.uprobe_path = (uintptr_t)target_path();
	attr.probe_offset = target_offset(target, "f0");
	fd = syscall(SYS_perf_event_open, &attr, target_pid(target), -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		die("perf_event_open");
	return fd;
}

/* As "perf stat" does it. */
static void counting(void)
{
	struct target *target = target_start("target");
	__u64 values[3] = {}; /* the count and two times */
	int fd = open_f0(target, (struct perf_event_attr){
					 .disabled = 1,
					 .read_format = PERF_FORMAT_TOTAL_TIME_ENABLED |
							PERF_FORMAT_TOTAL_TIME_RUNNING,
				 });

	target_call(target, "f0", 2);
	say_result("enable", !perf_enable(fd));
	target_call(target, "f0", 3);
	say_result("disable", !perf_disable(fd));
	target_call(target, "f0", 4);
	say_result("read", read(fd, values, sizeof(values)) == sizeof(values));
	say("count %llu", values[0]);
	say_links();
	close(fd);
	target_stop(target);
}

/* With nothing set that says so, the event might as well be waiting for a program. */
static void counting_plainly(void)
{
	struct target *target = target_start("target");
	int fd = open_f0(target, (struct perf_event_attr){});
	__u64 count = 0;

	target_call(target, "f0", 3);
	say_result("read", read(fd, &count, sizeof(count)) == sizeof(count));
	say("count %llu", count);
	say_links();
	close(fd);
	target_stop(target);
}

/* Samples in a ring, as "perf record" has them. */
static void sampling(void)
{
	struct target *target = target_start("target");
	size_t size = 3 * sysconf(_SC_PAGESIZE);
	int fd = open_f0(target, (struct perf_event_attr){
					 .disabled = 1,
					 .sample_period = 1,
					 .sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID,
				 });
	struct perf_event_mmap_page *ring = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	say_result("mmap", ring != MAP_FAILED);
	say_result("enable", !perf_enable(fd));
	target_call(target, "f0", 3);
	if (ring != MAP_FAILED) {
		/* A header, the address, process and thread. */
		say("samples %llu", ring->data_head / (sizeof(struct perf_event_header) + 8 + 4 + 4));
		munmap(ring, size);
	}
	say_links();
	close(fd);
	target_stop(target);
}

const struct scenario no_bpf_scenarios[] = {
	{ "no-bpf-counting", counting },
	{ "no-bpf-counting-plainly", counting_plainly },
	{ "no-bpf-sampling", sampling },
	{},
};
