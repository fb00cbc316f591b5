// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Tools in a user namespace with a BPF file system at /sys/fs/bpf that was delegated to them, which know
 * nothing of tokens.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "newer.h"
#include "ring.skel.h"

static const struct bpf_insn return_0[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

static void say_fd(const char *what, int fd)
{
	say("%s %s", what, fd < 0 ? error_name(-fd) : "ok");
	if (fd >= 0)
		close(fd);
}

/* ---- what was not delegated ---------------------------------------------------------------------- */

static int load(enum bpf_prog_type type, enum bpf_attach_type attach_type)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = attach_type);

	return bpf_prog_load(type, "nothing", "GPL", return_0, 2, &opts);
}

static int open_event(__u32 type, __u64 config)
{
	struct perf_event_attr attr = { .type = type, .size = sizeof(attr), .config = config };
	int fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int enable_stats(void)
{
	int fd = bpf_enable_stats(BPF_STATS_RUN_TIME);

	return fd < 0 ? -errno : fd;
}

static void not_delegated(void)
{
	__u32 id;

	say_fd("xdp program", load(BPF_PROG_TYPE_XDP, BPF_XDP));
	say_fd("raw tracepoint program", load(BPF_PROG_TYPE_RAW_TRACEPOINT, 0));
	say_fd("program of an attach type", load(BPF_PROG_TYPE_KPROBE, BPF_PERF_EVENT));
	say_fd("queue", bpf_map_create(BPF_MAP_TYPE_QUEUE, "queue", 0, 4, 4, NULL));
	say_fd("stack trace map", bpf_map_create(BPF_MAP_TYPE_STACK_TRACE, "stacks", 4, 64, 4, NULL));
	say_fd("program by id", bpf_prog_get_fd_by_id(1));
	say_fd("map by id", bpf_map_get_fd_by_id(1));
	say_fd("a link by id", bpf_link_get_fd_by_id(1));
	say("next program %s", error_name(bpf_prog_get_next_id(0, &id) ? errno : 0));
	say_fd("statistics", enable_stats());
	say_fd("perf buffer", open_event(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_BPF_OUTPUT));
	say_fd("cycles of everybody", open_event(PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES));
	say_fd("tracepoint", open_event(PERF_TYPE_TRACEPOINT, 1));
}

/* ---- children ------------------------------------------------------------------------------------ */

/* In any process: how many of its fds are tokens. */
static int count_tokens(void)
{
	char path[64], link[64];
	struct dirent *entry;
	DIR *dir = opendir("/proc/self/fd");
	ssize_t size;
	int cnt = 0;

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/self/fd/%.16s", entry->d_name);
		size = readlink(path, link, sizeof(link) - 1);
		link[size > 0 ? size : 0] = '\0';
		cnt += strstr(link, "bpf-token") != NULL;
	}
	closedir(dir);
	return cnt;
}

static atomic_bool stop;
static atomic_int loaded;

static void *load_and_load(void *arg)
{
	int fd;

	(void)arg;
	while (!atomic_load(&stop)) {
		fd = load(BPF_PROG_TYPE_KPROBE, 0);
		loaded += fd >= 0;
		if (fd >= 0)
			close(fd);
	}
	return NULL;
}

static int tokens_of_fork(void)
{
	pid_t child = fork();
	int status;

	if (!child)
		_exit(count_tokens());
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
		die("a child is lost");
	return WEXITSTATUS(status);
}

static int tokens_of_exec(void)
{
	FILE *list = popen("exec ls -l /proc/self/fd", "re");
	int cnt = 0, lines = 0;
	char line[256];

	while (list && fgets(line, sizeof(line), list)) {
		cnt += strstr(line, "bpf-token") != NULL;
		lines++;
	}
	if (!list || pclose(list) || lines < 4)
		die("nothing lists its file descriptors");
	return cnt;
}

/* One that the test makes itself: is it seen at all? */
static void say_own_token(void)
{
	const struct {
		__u32 flags, bpffs_fd;
	} attr = { .bpffs_fd = open("/sys/fs/bpf", O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	int token = syscall(SYS_bpf, 36 /* BPF_TOKEN_CREATE */, &attr, sizeof(attr));

	say("own token %s, seen %d", token < 0 ? error_name(errno) : "ok", count_tokens());
	close(token);
	close(attr.bpffs_fd);
}

static void children(void)
{
	int forked = 0, executed = 0, i;
	pthread_t threads[2];

	i = load(BPF_PROG_TYPE_KPROBE, 0);
	say_fd("load", i);
	if (i < 0)
		return;
	for (i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, load_and_load, NULL);
	while (!atomic_load(&loaded))
		sched_yield();
	for (i = 0; i < 300; i++)
		forked += tokens_of_fork();
	for (i = 0; i < 10; i++)
		executed += tokens_of_exec();
	atomic_store(&stop, true);
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	say("in children %d, in commands %d, left %d", forked, executed, count_tokens());
	say_own_token();
}

/* ---- what was ------------------------------------------------------------------------------------ */

static int on_event(void *sum, void *data, size_t size)
{
	*(__u64 *)sum += *(__u64 *)data;
	(void)size;
	return 0;
}

static __u64 sum_of_cpus(int map_fd)
{
	__u64 values[1024] = {}, sum = 0;
	__u32 zero = 0;
	int i;

	if (libbpf_num_possible_cpus() > 1024 || bpf_map_lookup_elem(map_fd, &zero, values))
		die("no counts");
	for (i = 0; i < libbpf_num_possible_cpus(); i++)
		sum += values[i];
	return sum;
}

static void ring(void)
{
	struct ring_bpf *skel = ring_bpf__open();
	struct target *target = target_start("target"), *other = target_start("other");
	struct ring_buffer *events;
	struct bpf_link *link;
	__u64 sum = 0;
	int err;

	skel->rodata->traced = target_pid(target);
	err = ring_bpf__load(skel);
	say("load %s", err ? error_name(-err) : "ok");
	if (!err) {
		events = ring_buffer__new(bpf_map__fd(skel->maps.events), on_event, &sum, NULL);
		link = attach_function(skel->progs.to_ring, "f0");
		target_call(target, "f0", 4);
		target_call(other, "f0", 7);
		say_links();
		err = ring_buffer__consume(events);
		say("events %d, sum %llu", err, sum);
		say("count %llu, last %llu", sum_of_cpus(bpf_map__fd(skel->maps.counts)), skel->bss->last);
		destroy(link);
		ring_buffer__free(events);
	}
	ring_bpf__destroy(skel);
	target_stop(target);
	target_stop(other);
}

/* From 1.4 on libbpf makes a token by itself where a BPF file system is mounted here. */
static void by_itself(void)
{
	need_libbpf(1, 4, "BPF tokens");
	ring();
}

static void not_by_itself(void)
{
	if (libbpf_is(1, 4) && !getenv("UPSHIFT_TOKEN"))
		skip("libbpf from 1.4 on makes BPF tokens");
	ring();
}

const struct scenario token_ours_scenarios[] = {
	{ "token-not-delegated", not_delegated },
	{ "token-children", children },
	{ "token-ring", not_by_itself },
	{ "token-ring-by-itself", by_itself },
	{},
};
