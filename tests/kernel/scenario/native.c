// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Perf events that upshift leaves alone, or makes real ones again, for programs that it has loaded for multi
 * links: if one of those reached the perf event, its bpf_get_func_ip() and bpf_get_attach_cookie() would read
 * what is not there. And what perf refuses.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "../expendable.h"
#include "override.skel.h"
#include "scenario.h"

/* From newer headers than Debian 12 has. */
#define TRACE_UPROBE_MULTI 48

static void must_be_expendable(void)
{
	if (!kernel_is_expendable())
		skip("only in a virtual machine of scripts/compat-kernels");
}

static int open_event(struct perf_event_attr *attr, unsigned long flags)
{
	int fd;

	attr->size = sizeof(*attr);
	fd = syscall(SYS_perf_event_open, attr, -1, 0, -1, flags);
	if (fd < 0)
		die("perf_event_open");
	return fd;
}

static int open_plain(struct perf_event_attr *attr)
{
	return open_event(attr, PERF_FLAG_FD_CLOEXEC);
}

static int open_and_ask_id(struct perf_event_attr *attr)
{
	int fd = open_plain(attr);
	__u64 id = 0;

	say_result("id", !ioctl(fd, PERF_EVENT_IOC_ID, &id));
	return fd;
}

static int open_and_query(struct perf_event_attr *attr)
{
	__u32 size = 0, program, type;
	int fd = open_plain(attr);
	__u64 offset, address;

	say_result("query",
		   !bpf_task_fd_query(getpid(), fd, 0, NULL, &size, &program, &type, &offset, &address));
	return fd;
}

static int open_and_enable(struct perf_event_attr *attr)
{
	int fd = open_plain(attr);

	say_result("enable", !perf_enable(fd));
	return fd;
}

static int open_for_samples(struct perf_event_attr *attr)
{
	attr->sample_type = PERF_SAMPLE_TID;
	return open_plain(attr);
}

static int open_for_children(struct perf_event_attr *attr)
{
	return open_event(attr, 0);
}

/* From here on this process cannot make a link of any kind. */
static void deny_links(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bpf, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, BPF_LINK_CREATE, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(*filter), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		die("cannot filter system calls");
}

static int open_where_links_are_denied(struct perf_event_attr *attr)
{
	deny_links();
	return open_plain(attr);
}

static int set_on(struct rig *rig, const char *function, bool retprobe, struct bpf_program *prog,
		  int (*open)(struct perf_event_attr *))
{
	struct perf_event_attr attr = {
		.type = perf_uprobe_type(),
		.sample_period = 1,
		.wakeup_events = 1,
		.config = retprobe,
		.uprobe_path = (uintptr_t)target_path(),
		.probe_offset = target_offset(rig->target, function),
	};
	int fd = open(&attr);

	say_result("set", !perf_set_bpf(fd, bpf_program__fd(prog)));
	return fd;
}

/* At an entry and at a return. */
static void natively(int (*open)(struct perf_event_attr *))
{
	struct rig rig = rig_up();
	int entry = set_on(&rig, "f0", false, rig.skel->progs.entry, open);
	int leave = set_on(&rig, "f1", true, rig.skel->progs.leave, open_plain);

	target_call(rig.target, "f0", 3);
	target_call(rig.target, "f1", 2);
	say_links();
	close(entry);
	close(leave);
	settle();
	target_call(rig.target, "f0", 1);
	rig_down(&rig);
}

static void asked_for_id(void)
{
	natively(open_and_ask_id);
}

static void queried(void)
{
	natively(open_and_query);
}

static void enabled(void)
{
	natively(open_and_enable);
}

static void for_samples(void)
{
	natively(open_for_samples);
}

static void for_children(void)
{
	natively(open_for_children);
}

static void links_denied(void)
{
	natively(open_where_links_are_denied);
}

/* The hits of a process, wherever they were. The cookies' bits are put together. */
static struct hit_value hits_of(int map, pid_t pid, __u64 *cookies)
{
	struct hit_key key, *previous = NULL;
	struct hit_value value, all = {};

	*cookies = 0;
	for (; !bpf_map_get_next_key(map, previous, &key); previous = &key) {
		if (key.tgid != (__u32)pid || bpf_map_lookup_elem(map, &key, &value))
			continue;
		all.count += value.count;
		*cookies |= key.cookie;
	}
	return all;
}

#ifdef __x86_64__
#define GETPGID "__x64_sys_getpgid"
#elif defined(__aarch64__)
#define GETPGID "__arm64_sys_getpgid"
#else
#define GETPGID "sys_getpgid"
#endif

/* A uprobe's program on another kind of event, which upshift has nothing to do with. */
static void on_kprobe(void)
{
	struct perf_event_attr attr = { .sample_period = 1, .kprobe_func = (uintptr_t)GETPGID };
	FILE *type = fopen("/sys/bus/event_source/devices/kprobe/type", "re");
	__u64 count, cookies;
	struct rig rig;
	int fd, i;

	if (!type || fscanf(type, "%u", &attr.type) != 1)
		skip("this kernel has no kprobes");
	fclose(type);
	rig = rig_up();
	fd = open_plain(&attr);
	say_result("set", !perf_set_bpf(fd, bpf_program__fd(rig.skel->progs.entry)));
	for (i = 0; i < 4; i++)
		syscall(SYS_getpgid, 0);
	close(fd);
	settle();
	count = hits_of(rig.hits, getpid(), &cookies).count;
	say("count %llu, cookies %llu", count, cookies);
	hits_clear(rig.hits);
	rig_down(&rig);
}

/*
 * A tool that made its program for multi links, and sets it on a perf event by mistake. Without upshift the
 * kernel does not notice.
 */
static void own_multi(void)
{
	struct rig rig = { .skel = count_bpf__open() };
	int fd;

	must_be_expendable();
	bpf_program__set_expected_attach_type(rig.skel->progs.entry, TRACE_UPROBE_MULTI);
	if (count_bpf__load(rig.skel))
		die("cannot load");
	rig.hits = bpf_map__fd(rig.skel->maps.hits);
	rig.target = target_start("target");
	fd = set_on(&rig, "f0", false, rig.skel->progs.entry, open_plain);
	target_call(rig.target, "f0", 3);
	say_links();
	close(fd);
	settle();
	rig_down(&rig);
}

static struct override_bpf *load_override(int expected_attach_type)
{
	struct override_bpf *skel = override_bpf__open();

	if (expected_attach_type)
		bpf_program__set_expected_attach_type(skel->progs.override, expected_attach_type);
	if (override_bpf__load(skel))
		skip("this kernel has no bpf_override_return() (CONFIG_BPF_KPROBE_OVERRIDE)");
	return skel;
}

/* Perf refuses it. */
static void override(void)
{
	struct override_bpf *skel = load_override(0);
	struct target *target = target_start("target");
	int fds[2], prog = bpf_program__fd(skel->progs.override), i;
	struct bpf_link *link;

	for (i = 0; i < 2; i++)
		fds[i] = perf_open_uprobe(target_path(), target_offset(target, "f0"), false, -1, 0);
	say_result("set", !perf_set_bpf(fds[0], prog));
	say_result("create", perf_link(prog, fds[1], 0) >= 0);
	link = try_attach(skel->progs.override, -1, target_path(), 0, .func_name = "f0");
	say_result("attach", link);
	target_call(target, "f0", 3);
	say_links();
	say_hits(bpf_map__fd(skel->maps.hits));
	bpf_link__destroy(link);
	close(fds[0]);
	close(fds[1]);
	target_stop(target);
	override_bpf__destroy(skel);
}

/* A multi link of the tool's own does not: upshift must not make one. */
static void override_multi(void)
{
	const char *path = target_path();
	struct override_bpf *skel;
	struct target *target;
	unsigned long offset;
	int link;

	must_be_expendable();
	skel = load_override(TRACE_UPROBE_MULTI);
	target = target_start("target");
	offset = target_offset(target, "f0");
	struct {
		__u32 prog_fd, target_fd, attach_type, flags;
		__aligned_u64 path, offsets, ref_ctr_offsets, cookies;
		__u32 count, multi_flags, pid, padding;
	} attr = {
		.prog_fd = bpf_program__fd(skel->progs.override),
		.attach_type = TRACE_UPROBE_MULTI,
		.path = (uintptr_t)path,
		.offsets = (uintptr_t)&offset,
		.count = 1,
	};
	link = syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));
	say_result("create", link >= 0);
	target_call(target, "f0", 3);
	say_hits(bpf_map__fd(skel->maps.hits));
	close(link);
	target_stop(target);
	override_bpf__destroy(skel);
}

const struct scenario native_scenarios[] = {
	{ "native-asked-for-id", asked_for_id },
	{ "native-queried", queried },
	{ "native-enabled", enabled },
	{ "native-for-samples", for_samples },
	{ "native-for-children", for_children },
	{ "native-links-denied", links_denied },
	{ "native-kprobe", on_kprobe },
	{ "native-own-multi", own_multi },
	{ "native-override", override },
	{ "override-own-multi", override_multi },
	{},
};
