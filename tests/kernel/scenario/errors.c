// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Attaches that fail, and what they fail with. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "scenario.h"

/* The whole attach, as BCC does it; which of its steps fails is nobody's business. */
static void try_set(struct rig *rig, const char *what, const char *path, size_t offset, size_t ref_ctr)
{
	int fd = perf_open_uprobe(path, offset, false, -1, ref_ctr);
	bool ok = fd >= 0 && !perf_set_bpf(fd, bpf_program__fd(rig->skel->progs.entry));
	int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
	say_result(what, ok);
}

/* And by link. */
static void try_link(struct rig *rig, const char *what, const char *path, size_t offset, size_t ref_ctr)
{
	int fd = perf_open_uprobe(path, offset, false, -1, ref_ctr), link = -1, error;

	if (fd >= 0)
		link = perf_link(bpf_program__fd(rig->skel->progs.entry), fd, 1);
	error = errno;
	if (fd >= 0)
		close(fd);
	if (link >= 0)
		close(link);
	errno = error;
	say_result(what, link >= 0);
}

static void bad_places_with(void (*try)(struct rig *, const char *, const char *, size_t, size_t))
{
	struct rig rig = rig_up();
	size_t f0 = target_offset(rig.target, "f0"), own = target_offset(rig.target, "own");
	char long_path[PATH_MAX + 100];

	memset(long_path, 'x', sizeof(long_path));
	long_path[0] = '/';
	long_path[sizeof(long_path) - 1] = '\0';
	try(&rig, "directory", "/", f0, 0);
	try(&rig, "device", "/dev/null", f0, 0);
	try(&rig, "empty", "", f0, 0);
	try(&rig, "long", long_path, f0, 0);
	try(&rig, "long-name", long_path + sizeof(long_path) - 400, f0, 0);
	try(&rig, "missing", "/nonexistent/file", f0, 0);
	try(&rig, "proc-file", "/proc/version", 0, 0);
	try(&rig, "past-the-end", target_path(), 1UL << 30, 0);
	try(&rig, "odd-counter", target_path(), f0, own | 1);
	try(&rig, "not-executable", "/usr/lib/os-release", 0, 0);
	say_links();
	rig_down(&rig);
}

static void bad_places_set(void)
{
	bad_places_with(try_set);
}

static void bad_places_link(void)
{
	bad_places_with(try_link);
}

/* Through libbpf. */
static void bad_places_libbpf(void)
{
	struct rig rig = rig_up();
	struct bpf_program *prog = rig.skel->progs.entry;
	size_t f0 = target_offset(rig.target, "f0"), own = target_offset(rig.target, "own");

	say_result("directory", try_attach(prog, -1, "/", f0, .bpf_cookie = 1));
	say_result("device", try_attach(prog, -1, "/dev/null", f0, .bpf_cookie = 1));
	say_result("missing", try_attach(prog, -1, "/nonexistent/file", f0, .bpf_cookie = 1));
	say_result("proc-file", try_attach(prog, -1, "/proc/version", 0, .bpf_cookie = 1));
	say_result("past-the-end", try_attach(prog, -1, target_path(), 1UL << 30, .bpf_cookie = 1));
	say_result("odd-counter", try_attach(prog, -1, target_path(), f0, .ref_ctr_offset = own | 1));
	say_links();
	rig_down(&rig);
}

/* An instruction that the kernel refuses, once somebody has the file mapped. */
static void bad_instruction(void)
{
	struct rig rig = rig_up();
	size_t trap = target_offset(rig.target, "breakpoint");

	try_set(&rig, "set", target_path(), trap, 0);
	try_link(&rig, "by-link", target_path(), trap, 0);
	say_result("libbpf", try_attach(rig.skel->progs.entry, -1, target_path(), trap, .bpf_cookie = 1));
	say_result("return", try_attach(rig.skel->progs.leave, -1, target_path(), trap, .retprobe = true));
	say_links();
	rig_down(&rig);
}

/* One place can have one reference counter only. The probe that was first goes on. */
static void other_counter(void)
{
	struct rig rig = rig_up();
	struct bpf_program *prog = rig.skel->progs.entry;
	size_t own = target_offset(rig.target, "own"), other = target_offset(rig.target, "other");
	struct bpf_link *link, *same;

	link = attach_function(prog, "f0", .ref_ctr_offset = own, .bpf_cookie = 1);
	say_result("other",
		   try_attach(prog, -1, target_path(), 0, .func_name = "f0", .ref_ctr_offset = other));
	say_result("none", try_attach(prog, -1, target_path(), 0, .func_name = "f0"));
	same = try_attach(prog, -1, target_path(), 0, .func_name = "f0", .ref_ctr_offset = own);
	say_result("same", same);
	say("semaphore %d", target_semaphore(rig.target, "own"));
	target_call(rig.target, "f0", 2);
	say_links();
	destroy(link);
	destroy(same);
	say("semaphore %d", target_semaphore(rig.target, "own"));
	/* Nobody is there: now it may have another. */
	link = attach_function(prog, "f0", .ref_ctr_offset = other, .bpf_cookie = 2);
	say("semaphore other %d", target_semaphore(rig.target, "other"));
	destroy(link);
	rig_down(&rig);
}

static void second_program(void)
{
	struct rig rig = rig_up();
	int prog = bpf_program__fd(rig.skel->progs.entry), again = bpf_program__fd(rig.skel->progs.second);
	size_t f0 = target_offset(rig.target, "f0");
	int fd = perf_open_uprobe(target_path(), f0, false, -1, 0), link;

	say_result("set", !perf_set_bpf(fd, prog));
	say_result("set-again", !perf_set_bpf(fd, prog));
	say_result("set-another", !perf_set_bpf(fd, again));
	say_result("link-after-set", perf_link(again, fd, 1) >= 0);
	target_call(rig.target, "f0", 1);
	say_links();
	close(fd);

	fd = perf_open_uprobe(target_path(), f0, false, -1, 0);
	link = perf_link(prog, fd, 1);
	say_result("create", link >= 0);
	say_result("link-again", perf_link(prog, fd, 1) >= 0);
	say_result("set-after-link", !perf_set_bpf(fd, again));
	target_call(rig.target, "f0", 1);
	say_links();
	close(fd);
	close(link);
	rig_down(&rig);
}

static void wrong_fds(void)
{
	struct rig rig = rig_up();
	int prog = bpf_program__fd(rig.skel->progs.entry), null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int fd = perf_open_uprobe(target_path(), target_offset(rig.target, "f0"), false, -1, 0);

	say_result("set-on-closed", !perf_set_bpf(999, prog));
	say_result("set-on-device", !perf_set_bpf(null, prog));
	say_result("set-closed-program", !perf_set_bpf(fd, 999));
	say_result("set-no-program", !perf_set_bpf(fd, null));
	say_result("link-on-closed", perf_link(prog, 999, 1) >= 0);
	say_result("link-on-device", perf_link(prog, null, 1) >= 0);
	say_result("link-closed-program", perf_link(999, fd, 1) >= 0);
	say_result("link-no-program", perf_link(null, fd, 1) >= 0);
	/* After all of it, the uprobe is as good as new. */
	say_result("set", !perf_set_bpf(fd, prog));
	target_call(rig.target, "f0", 2);
	say_links();
	close(fd);
	close(null);
	rig_down(&rig);
}

static void link_commands(void)
{
	struct rig rig = rig_up();
	struct bpf_link *link = attach_function(rig.skel->progs.entry, "f0", .bpf_cookie = 1);

	say_result("update", !bpf_link__update_program(link, rig.skel->progs.second));
	say_result("detach", !bpf_link__detach(link));
	target_call(rig.target, "f0", 2);
	say_links();
	destroy(link);
	rig_down(&rig);
}

/* Flags and attach types that no kernel has. */
static void wrong_arguments(void)
{
	LIBBPF_OPTS(bpf_link_create_opts, flags, .flags = 1U << 31);
	struct rig rig = rig_up();
	int prog = bpf_program__fd(rig.skel->progs.entry);
	int fd = perf_open_uprobe(target_path(), target_offset(rig.target, "f0"), false, -1, 0);

	say_result("flags", bpf_link_create(prog, fd, BPF_PERF_EVENT, &flags) >= 0);
	say_result("type", bpf_link_create(prog, fd, BPF_XDP, NULL) >= 0);
	say_result("no-attributes", syscall(SYS_perf_event_open, NULL, -1, 0, -1, 0) >= 0);
	say_result("no-path", perf_open_uprobe(NULL, 0, false, -1, 0) >= 0);
	say_result("nobody", perf_open_uprobe(target_path(), 64, false, -2, 0) >= 0);
	say_links();
	close(fd);
	rig_down(&rig);
}

const struct scenario error_scenarios[] = {
	{ "errors-set-bpf", bad_places_set },
	{ "errors-link", bad_places_link },
	{ "errors-libbpf", bad_places_libbpf },
	{ "errors-instruction", bad_instruction },
	{ "errors-reference-counter", other_counter },
	{ "errors-second-program", second_program },
	{ "errors-wrong-fds", wrong_fds },
	{ "errors-link-commands", link_commands },
	{ "errors-wrong-arguments", wrong_arguments },
	{},
};
