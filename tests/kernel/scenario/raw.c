// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Uprobes without libbpf's attach: as BCC and bpftrace make them, and as nobody does, but might. */
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "scenario.h"

static int open_function(struct rig *rig, const char *function, bool retprobe, pid_t pid)
{
	int fd = perf_open_uprobe(target_path(), target_offset(rig->target, function), retprobe, pid, 0);

	if (fd < 0)
		die("perf_event_open");
	return fd;
}

/* Open, SET_BPF, ENABLE; DISABLE, close: bpf_attach_uprobe() of BCC. */
static void bcc(const char *function, struct bpf_program *(*choose)(struct count_bpf *), bool retprobe,
		pid_t (*pid_for)(struct target *))
{
	struct rig rig = rig_up();
	int fd = open_function(&rig, function, retprobe, pid_for ? pid_for(rig.target) : -1);

	say_result("set", !perf_set_bpf(fd, bpf_program__fd(choose(rig.skel))));
	say_result("enable", !perf_enable(fd));
	target_call(rig.target, function, 3);
	say_links();
	say_result("disable", !perf_disable(fd));
	close(fd);
	settle();
	target_call(rig.target, function, 2);
	rig_down(&rig);
}

static struct bpf_program *choose_entry(struct count_bpf *skel)
{
	return skel->progs.entry;
}

static struct bpf_program *choose_leave(struct count_bpf *skel)
{
	return skel->progs.leave;
}

static void bcc_entry(void)
{
	bcc("f0", choose_entry, false, NULL);
}

static void bcc_return(void)
{
	bcc("f1", choose_leave, true, NULL);
}

static void bcc_pid(void)
{
	bcc("f0", choose_entry, false, target_pid);
}

/* Two uprobes of one program, whose fd is closed while they live. */
static void program_closed(void)
{
	struct rig rig = rig_up();
	int prog = dup(bpf_program__fd(rig.skel->progs.entry));
	int first = open_function(&rig, "f0", false, -1), second = open_function(&rig, "f1", false, -1);

	perf_set_bpf(first, prog);
	perf_set_bpf(second, prog);
	close(prog);
	rig.hits = dup(rig.hits);
	count_bpf__destroy(rig.skel);
	rig.skel = NULL;
	target_call(rig.target, "f0", 3);
	target_call(rig.target, "f1", 2);
	say_links();
	close(first);
	close(second);
	settle();
	target_call(rig.target, "f0", 1);
	rig_down(&rig);
	close(rig.hits);
}

/* A disabled event still runs its program. ENABLE may come first. */
/* To the program it makes no difference. */
static void enable_and_disable(bool enabled_before)
{
	struct rig rig = rig_up();
	int fd = open_function(&rig, "f0", false, -1);

	if (enabled_before)
		say_result("enable", !perf_enable(fd));
	say_result("set", !perf_set_bpf(fd, bpf_program__fd(rig.skel->progs.entry)));
	target_call(rig.target, "f0", 1);
	say_result("disable", !perf_disable(fd));
	target_call(rig.target, "f0", 1);
	say_result("enable", !perf_enable(fd));
	target_call(rig.target, "f0", 1);
	say_links();
	close(fd);
	settle();
	target_call(rig.target, "f0", 1);
	rig_down(&rig);
}

static void by_link_create(void)
{
	struct rig rig = rig_up();
	int fd = open_function(&rig, "f0", false, -1);
	int link = perf_link(bpf_program__fd(rig.skel->progs.entry), fd, 11);

	say_result("create", link >= 0);
	target_call(rig.target, "f0", 3);
	say_links();
	/* In the other order than libbpf: the link holds the event. */
	close(fd);
	settle();
	target_call(rig.target, "f0", 1);
	close(link);
	settle();
	target_call(rig.target, "f0", 1);
	rig_down(&rig);
}

static void reference_counter(void)
{
	struct rig rig = rig_up();
	size_t own = target_offset(rig.target, "own");
	int fd = perf_open_uprobe(target_path(), target_offset(rig.target, "f0"), false, -1, own);

	say_result("set", !perf_set_bpf(fd, bpf_program__fd(rig.skel->progs.entry)));
	target_call(rig.target, "f0", 2);
	say_links();
	say("semaphore during %d", target_semaphore(rig.target, "own"));
	close(fd);
	settle();
	say("semaphore after %d", target_semaphore(rig.target, "own"));
	rig_down(&rig);
}

/* A perf event is bound to the file it was opened for, not to its name. */
static void file_goes_away(void)
{
	struct rig rig = rig_up();
	size_t offset = target_offset(rig.target, "f0");
	char path[] = "/tmp/upshift-test-XXXXXX";
	int fd;

	if (!mkdtemp(path) || rmdir(path) || symlink(target_path(), path))
		die("cannot make a symbolic link");
	fd = perf_open_uprobe(path, offset, false, -1, 0);
	unlink(path);
	say_result("set", !perf_set_bpf(fd, bpf_program__fd(rig.skel->progs.entry)));
	target_call(rig.target, "f0", 3);
	say_links();
	close(fd);
	rig_down(&rig);
}

/* An ioctl() that only a perf event can answer. */
static void other_ioctl(void)
{
	struct rig rig = rig_up();
	int fd = open_function(&rig, "f0", false, -1);
	__u64 id = 0;

	say_result("id", !ioctl(fd, PERF_EVENT_IOC_ID, &id));
	say("id %s", id ? "given" : "none");
	say_result("set", !perf_set_bpf(fd, bpf_program__fd(rig.skel->progs.entry)));
	target_call(rig.target, "f0", 3);
	say_links();
	close(fd);
	rig_down(&rig);
}

#define INSN(c, d, s, o, i)                                                         \
	{                                                                           \
		.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) \
	}

/* Counts in an array; loaded by the system call, without BTF or a name. */
static int load_by_hand(int map)
{
	const struct bpf_insn insns[] = {
		INSN(BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, -4, 0),
		INSN(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, map),
		INSN(0, 0, 0, 0, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_2, BPF_REG_10, 0, 0),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, -4),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem),
		INSN(BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_0, 0, 2, 0),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_1, 0, 0, 1),
		INSN(BPF_STX | BPF_ATOMIC | BPF_DW, BPF_REG_0, BPF_REG_1, 0, BPF_ADD),
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_KPROBE,
		.insn_cnt = sizeof(insns) / sizeof(*insns),
		.insns = (uintptr_t)insns,
		.license = (uintptr_t) "GPL",
	};

	return syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

static void loaded_by_hand(void)
{
	struct target *target = target_start("target");
	int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, NULL, 4, 8, 1, NULL), prog = load_by_hand(map), key = 0;
	int perf = perf_open_uprobe(target_path(), target_offset(target, "f0"), false, -1, 0);
	__u64 count = 0;

	say_result("load", prog >= 0);
	say_result("set", !perf_set_bpf(perf, prog));
	target_call(target, "f0", 3);
	say_links();
	close(perf);
	settle();
	target_call(target, "f0", 2);
	bpf_map_lookup_elem(map, &key, &count);
	say("count %llu", count);
	close(prog);
	close(map);
	target_stop(target);
}

static void enabled_after(void)
{
	enable_and_disable(false);
}

/* Whoever does this might have meant to count: upshift makes it the perf event that it is said to be. */
static void enabled_before(void)
{
	enable_and_disable(true);
}

const struct scenario raw_scenarios[] = {
	{ "bcc-entry", bcc_entry },
	{ "bcc-return", bcc_return },
	{ "bcc-pid", bcc_pid },
	{ "raw-program-closed", program_closed },
	{ "raw-enable-disable", enabled_after },
	{ "raw-enabled-before", enabled_before },
	{ "raw-link", by_link_create },
	{ "raw-reference-counter", reference_counter },
	{ "raw-file-goes-away", file_goes_away },
	{ "raw-other-ioctl", other_ioctl },
	{ "raw-loaded-by-hand", loaded_by_hand },
	{},
};
