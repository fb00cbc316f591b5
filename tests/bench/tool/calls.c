// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * bench-calls: what calls that upshift hooks cost in a process that never uses BPF. Nanoseconds a call, the
 * median of many batches.
 */
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "bench.h"

#define CALLS   500 /* fds that are open at a time: below the usual limit */
#define BATCHES 801

static int pipe_fd, fds[CALLS];

static void open_fds(void)
{
	int i;

	for (i = 0; i < CALLS; i++)
		fds[i] = dup(pipe_fd);
}

static void close_fds(void)
{
	int i;

	for (i = 0; i < CALLS; i++)
		close(fds[i]);
}

static void ask_size(void)
{
	int i, size;

	for (i = 0; i < CALLS; i++)
		ioctl(pipe_fd, FIONREAD, &size);
}

static void ask_pid(void)
{
	int i;

	for (i = 0; i < CALLS; i++)
		syscall(SYS_getpid);
}

static void nothing(void)
{
}

static const struct {
	const char *name;
	void (*prepare)(void);
	void (*call)(void);
} benches[] = {
	{ "close_ns", open_fds, close_fds },
	{ "ioctl_ns", nothing, ask_size },
	{ "syscall_ns", nothing, ask_pid },
};

static int by_value(const void *a, const void *b)
{
	double one = *(const double *)a, other = *(const double *)b;

	return (one > other) - (one < other);
}

/* Another CPU, with cold caches, is noise. */
static void stay_on_this_cpu(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(sched_getcpu(), &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
}

int main(void)
{
	double batches[BATCHES], start;
	int pipe_fds[2], i;
	size_t bench;

	if (pipe(pipe_fds))
		die("no pipe");
	stay_on_this_cpu();
	pipe_fd = pipe_fds[0];
	for (bench = 0; bench < sizeof(benches) / sizeof(*benches); bench++) {
		for (i = 0; i < BATCHES; i++) {
			benches[bench].prepare();
			start = now();
			benches[bench].call();
			batches[i] = now() - start;
		}
		qsort(batches, BATCHES, sizeof(*batches), by_value);
		printf("%s %.3f\n", benches[bench].name, batches[BATCHES / 2] / CALLS * 1e9);
	}
	return 0;
}
