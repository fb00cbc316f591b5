// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What the kprobes are: entry, return, cookies, several at one place, arguments. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "kprobe.h"

/* Three calls are traced; two after the detach are not. */
static void trace_three(struct kprobe_rig *rig, struct bpf_link *link, const char *function)
{
	kernel_call(function, 3);
	say_links();
	destroy(link);
	kernel_call(function, 2);
	kprobe_down(rig);
}

static void entry(void)
{
	struct kprobe_rig rig = kprobe_up();

	trace_three(&rig, attach_kernel(rig.skel->progs.entry, F_MAX, .bpf_cookie = 1), F_MAX);
}

static void retprobe(void)
{
	struct kprobe_rig rig = kprobe_up();

	trace_three(&rig, attach_kernel(rig.skel->progs.leave, F_MAX, .bpf_cookie = 2, .retprobe = true),
		    F_MAX);
}

/* The plain call without options, once for each kind. */
static void plain_call(void)
{
	struct kprobe_rig rig = kprobe_up();
	struct bpf_link *in, *out;

	in = bpf_program__attach_kprobe(rig.skel->progs.entry, false, F_PGID);
	out = bpf_program__attach_kprobe(rig.skel->progs.leave, true, F_PGID);
	if (!in || !out)
		die("cannot attach");
	kernel_call(F_PGID, 3);
	say_links();
	destroy(in);
	destroy(out);
	kernel_call(F_PGID, 2);
	kprobe_down(&rig);
}

/* The program reads a register that links at returns do not have. */
static void register_at_return(void)
{
	struct kprobe_rig rig = kprobe_up();

	trace_three(
		&rig,
		attach_kernel(rig.skel->progs.return_reads_fourth, F_MAX, .bpf_cookie = 2, .retprobe = true),
		F_MAX);
}

static const char *const all[] = { F_MAX, F_MIN, F_PGID, F_SID };

static void cookies(void)
{
	struct kprobe_rig rig = kprobe_up();
	struct bpf_link *links[4];
	int i;

	for (i = 0; i < 4; i++)
		links[i] = attach_kernel(rig.skel->progs.entry, all[i], .bpf_cookie = 10 + i);
	for (i = 0; i < 4; i++)
		kernel_call(all[i], i + 1);
	say_links();
	for (i = 0; i < 4; i++)
		bpf_link__destroy(links[i]);
	settle();
	kernel_call(F_MAX, 1);
	kprobe_down(&rig);
}

static void large_cookie(void)
{
	struct kprobe_rig rig = kprobe_up();

	trace_three(&rig, attach_kernel(rig.skel->progs.entry, F_MIN, .bpf_cookie = UINT64_MAX - 1), F_MIN);
}

/* All of it at one place: both programs, one of them twice, once more with a cookie of before. */
static void same_place(void)
{
	struct kprobe_rig rig = kprobe_up();
	struct bpf_link *links[4];
	int i;

	links[0] = attach_kernel(rig.skel->progs.entry, F_MAX, .bpf_cookie = 5);
	links[1] = attach_kernel(rig.skel->progs.entry, F_MAX, .bpf_cookie = 6);
	links[2] = attach_kernel(rig.skel->progs.entry, F_MAX, .bpf_cookie = 6);
	links[3] = attach_kernel(rig.skel->progs.second, F_MAX, .bpf_cookie = 7);
	kernel_call(F_MAX, 3);
	say_links();
	destroy(links[1]);
	kernel_call(F_MAX, 1);
	for (i = 0; i < 4; i++)
		if (i != 1)
			bpf_link__destroy(links[i]);
	settle();
	kernel_call(F_MAX, 1);
	kprobe_down(&rig);
}

static void entry_and_return(void)
{
	struct kprobe_rig rig = kprobe_up();
	struct bpf_link *in, *out;

	in = attach_kernel(rig.skel->progs.entry, F_MAX, .bpf_cookie = 1);
	out = attach_kernel(rig.skel->progs.leave, F_MAX, .bpf_cookie = 1, .retprobe = true);
	kernel_call(F_MAX, 3);
	say_links();
	destroy(in);
	kernel_call(F_MAX, 1);
	destroy(out);
	kernel_call(F_MAX, 1);
	kprobe_down(&rig);
}

/* Neither path does anything with the value. */
static void returns_one(void)
{
	struct kprobe_rig rig = kprobe_up();

	trace_three(&rig, attach_kernel(rig.skel->progs.returns_one, F_MIN, .bpf_cookie = 4), F_MIN);
}

#define KSYS_MMAP "ksys_mmap_pgoff"

/* A function with six arguments, and what it returns. */
static void arguments(void)
{
	const size_t page = sysconf(_SC_PAGESIZE);
	struct kprobe_rig rig = kprobe_up();
	struct bpf_link *in, *out;
	int i;

	who_add_symbol(getpid(), "mmap", kernel_address(KSYS_MMAP));
	in = attach_kernel(rig.skel->progs.take_arguments, KSYS_MMAP, .bpf_cookie = 1);
	out = attach_kernel(rig.skel->progs.take_failure, KSYS_MMAP, .bpf_cookie = 2, .retprobe = true);
	settle();
	syscall(SYS_mmap, 16 * page, 2 * page, PROT_READ, MAP_SHARED, -3L, 5 * page);
	say_links();
	bpf_link__destroy(in);
	bpf_link__destroy(out);
	settle();
	for (i = 0; i < 6; i++)
		say("argument %d %lld", i + 1, (long long)rig.skel->bss->arguments[i]);
	kprobe_down(&rig);
}

/* The entry program at a return and the return program at an entry: the attach decides, not the section. */
static void section_says_otherwise(void)
{
	struct kprobe_rig rig = kprobe_up();
	struct bpf_link *in, *out;

	in = attach_kernel(rig.skel->progs.anywhere, F_MAX, .bpf_cookie = 1, .retprobe = true);
	out = attach_kernel(rig.skel->progs.anywhere, F_MIN, .bpf_cookie = 2);
	kernel_call(F_MAX, 2);
	kernel_call(F_MIN, 3);
	say_links();
	destroy(in);
	destroy(out);
	kprobe_down(&rig);
}

/* Two names for one function: only one of them is in ftrace's list. */
static void other_name(void)
{
	struct kprobe_rig rig = kprobe_up();
	struct bpf_link *link;
	int i;

	who_add_symbol(getpid(), "ppid", kernel_address(SYSCALL_FUNCTION("getppid")));
	link = attach_kernel(rig.skel->progs.anywhere, SYSCALL_FUNCTION("getppid"), .bpf_cookie = 3);
	settle();
	for (i = 0; i < 3; i++)
		syscall(SYS_getppid);
	say_links();
	destroy(link);
	kprobe_down(&rig);
}

/* From newer headers than Debian 12 has: in struct bpf_link_info, by type. */
#define LINK_TYPE_KPROBE_MULTI 8
#define KPROBE_MISSED_AT       48
#define KPROBE_MULTI_MISSED_AT 32

/* What a perf link counts as missed is counted for the program where it is a kprobe_multi link's. */
static void say_missed(struct bpf_link *link)
{
	char buffer[512] __attribute__((aligned(8))) = {};
	struct bpf_link_info *info = (void *)buffer;
	struct bpf_prog_info program = {};
	__u32 size = sizeof(buffer);
	__u64 missed;
	int fd;

	if (bpf_obj_get_info_by_fd(bpf_link__fd(link), info, &size))
		die("no information about the link");
	memcpy(&missed,
	       buffer + (info->type == LINK_TYPE_KPROBE_MULTI ? KPROBE_MULTI_MISSED_AT : KPROBE_MISSED_AT),
	       sizeof(missed));
	fd = bpf_prog_get_fd_by_id(info->prog_id);
	size = sizeof(program);
	if (bpf_obj_get_info_by_fd(fd, &program, &size))
		die("no information about the program");
	close(fd);
	say("missed %llu", missed + program.recursion_misses);
}

/* On the way to a map, a program comes by a function that is traced, too. */
static void nest(bool with_missed)
{
	struct kprobe_rig rig = kprobe_up();
	struct bpf_link *outer, *inner;

	who_add_symbol(getpid(), "update", kernel_address("htab_map_update_elem"));
	inner = attach_kernel(rig.skel->progs.anywhere, "htab_map_update_elem", .bpf_cookie = 1);
	outer = attach_kernel(rig.skel->progs.writes, F_MAX, .bpf_cookie = 2);
	kernel_call(F_MAX, 3);
	say_links();
	if (with_missed) {
		say_missed(inner);
		say_missed(outer);
	}
	destroy(outer);
	destroy(inner);
	kprobe_down(&rig);
}

static void nested(void)
{
	nest(false);
}

static void missed(void)
{
	struct utsname name;
	int major, minor;

	if (uname(&name) || sscanf(name.release, "%d.%d", &major, &minor) != 2 || major < 6 ||
	    (major == 6 && minor < 7))
		skip("kernels before 6.7 do not say what they missed");
	/* Three times for its own map, and once for the first of the hits. */
	nest(true);
}

const struct scenario kprobe_scenarios[] = {
	{ "kprobe-entry", entry },
	{ "kprobe-return", retprobe },
	{ "kprobe-plain-call", plain_call },
	{ "kprobe-cookies", cookies },
	{ "kprobe-large-cookie", large_cookie },
	{ "kprobe-same-place", same_place },
	{ "kprobe-entry-and-return", entry_and_return },
	{ "kprobe-returns-one", returns_one },
	{ "kprobe-arguments", arguments },
	{ "kprobe-register-at-return", register_at_return },
	{ "kprobe-section-says-otherwise", section_says_otherwise },
	{ "kprobe-other-name", other_name },
	{ "kprobe-nested", nested },
	{ "kprobe-missed", missed },
	{},
};
