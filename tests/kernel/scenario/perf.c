// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <linux/perf_event.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "scenario.h"

#define RETPROBE_BIT  0
#define REF_CTR_SHIFT 32

int perf_uprobe_type(void)
{
	FILE *file = fopen("/sys/bus/event_source/devices/uprobe/type", "re");
	int type = -1;

	if (!file || fscanf(file, "%d", &type) != 1)
		die("cannot read the uprobe PMU's type");
	fclose(file);
	return type;
}

/* The way BCC fills the attributes. */
int perf_open_uprobe(const char *path, size_t offset, bool retprobe, pid_t pid, size_t ref_ctr_offset)
{
	struct perf_event_attr attr = {
		.type = perf_uprobe_type(),
		.size = sizeof(attr),
		.sample_period = 1,
		.wakeup_events = 1,
		.config = (__u64)retprobe << RETPROBE_BIT | (__u64)ref_ctr_offset << REF_CTR_SHIFT,
		.uprobe_path = (uintptr_t)path,
		.probe_offset = offset,
	};

	return syscall(SYS_perf_event_open, &attr, pid, pid == -1 ? 0 : -1, -1, PERF_FLAG_FD_CLOEXEC);
}

int perf_set_bpf(int perf_fd, int prog_fd)
{
	return ioctl(perf_fd, PERF_EVENT_IOC_SET_BPF, prog_fd);
}

int perf_enable(int perf_fd)
{
	return ioctl(perf_fd, PERF_EVENT_IOC_ENABLE, 0);
}

int perf_disable(int perf_fd)
{
	return ioctl(perf_fd, PERF_EVENT_IOC_DISABLE, 0);
}

int perf_link(int prog_fd, int perf_fd, uint64_t cookie)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .perf_event.bpf_cookie = cookie);

	return bpf_link_create(prog_fd, perf_fd, BPF_PERF_EVENT, &opts);
}
