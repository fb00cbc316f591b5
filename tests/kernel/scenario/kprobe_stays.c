// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What a kprobe_multi link is not: places inside of functions, names of several, the caller's own wish. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "kprobe.h"
#include "kprobe_tail.skel.h"
#include "newer.h"
#include "override.skel.h"

/* Where an instruction begins depends on how the kernel was built: the first of these that is taken. */
static void offset(void)
{
	static const size_t offsets[] = { 4, 5, 9, 12 };
	struct kprobe_rig rig = kprobe_up();
	struct bpf_link *link = NULL;
	size_t i;

	for (i = 0; i < sizeof(offsets) / sizeof(*offsets) && !link; i++)
		link = try_kernel(rig.skel->progs.anywhere, F_MAX, .bpf_cookie = 1, .offset = offsets[i]);
	say_result("attach", link);
	kernel_call(F_MAX, 3);
	say_links();
	destroy(link);
	kernel_call(F_MAX, 1);
	kprobe_down(&rig);
}

/* perf_event_open() also takes an address in place of a name. */
static void address(void)
{
	struct kprobe_rig rig = kprobe_up();
	int fd = kernel_open(NULL, kernel_address(F_MAX), false);

	say_result("open", fd >= 0);
	say_result("set", !perf_set_bpf(fd, bpf_program__fd(rig.skel->progs.entry)));
	kernel_call(F_MAX, 3);
	say_links();
	close(fd);
	settle();
	kprobe_down(&rig);
}

/* Perf refuses it. */
static void sleepable(void)
{
	struct kprobe_rig rig = {};

	need_kprobes();
	rig.skel = kprobe_bpf__open();
	bpf_program__set_flags(rig.skel->progs.entry, 1U << 4 /* BPF_F_SLEEPABLE */);
	if (kprobe_bpf__load(rig.skel))
		die("cannot load");
	rig.hits = bpf_map__fd(rig.skel->maps.hits);
	say_result("attach", try_kernel(rig.skel->progs.entry, F_MAX));
	say_links();
	kprobe_down(&rig);
}

/* Several functions have one name: file-local ones that the kernel's authors like to call so. */
static void twice(void)
{
	static const char *const names[] = { "__map_range", "acpi_attr_is_visible",
					     "t_next",      "s_next",
					     "m_next",      "t_start" };
	struct kprobe_rig rig = kprobe_up();
	struct bpf_link *link;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		link = try_kernel(rig.skel->progs.anywhere, names[i]);
		say_result(names[i], link);
		bpf_link__destroy(link);
	}
	say_links();
	kprobe_down(&rig);
}

/* A part of a function that ftrace knows nothing of. Not every kernel lets kprobes in there. */
static void unreachable(void)
{
	struct kprobe_rig rig = kprobe_up();
	struct bpf_link *link = try_kernel(rig.skel->progs.anywhere, "kernel_restart.cold");

	say_result("attach", link);
	say_links();
	bpf_link__destroy(link);
	kprobe_down(&rig);
}

/* The dummy network device's, of the kernel that runs; scripts/compat-kernels puts it there. */
#define MODULE_FILE "/upshift-module.ko"

static void make_dummy(struct kprobe_rig *rig)
{
	pid_t child = fork();

	if (!child) {
		rig->skel->bss->traced[1] = getpid();
		unsetenv("LD_PRELOAD");
		execlp("busybox", "busybox", "ip", "link", "add", "upshift0", "type", "dummy", NULL);
		_exit(127);
	}
	waitpid(child, NULL, 0);
	who_add_like(child, "child", getpid());
}

static void trace_module(struct kprobe_rig *rig, const char *how, const char *function)
{
	int file = open(MODULE_FILE, O_RDONLY | O_CLOEXEC);
	struct bpf_link *link;

	if (file < 0)
		skip("there is no " MODULE_FILE " that could be loaded");
	if (syscall(SYS_finit_module, file, "", 0))
		die("cannot load the module");
	close(file);
	link = attach_kernel(rig->skel->progs.anywhere, function, .bpf_cookie = 1);
	settle();
	make_dummy(rig);
	say_links();
	/* A kprobe does not keep its module. */
	say("%s unload %s", how, syscall(SYS_delete_module, "dummy", O_NONBLOCK) ? error_name(errno) : "ok");
	destroy(link);
	syscall(SYS_delete_module, "dummy", O_NONBLOCK);
	kprobe_say_hits(rig);
}

static void module(void)
{
	struct kprobe_rig rig = kprobe_up();

	trace_module(&rig, "bare", "dummy_setup");
	trace_module(&rig, "named", "dummy:dummy_setup");
	kprobe_down(&rig);
}

/* struct bpf_kprobe_opts, since 1.2 */
struct newer_kprobe_opts {
	size_t sz;
	__u64 bpf_cookie;
	size_t offset;
	bool retprobe;
	int attach_mode; /* enum probe_attach_mode */
	size_t : 0;
};

static void attach_mode(void)
{
	static const int modes[] = { ATTACH_MODE_PERF, ATTACH_MODE_LINK };
	struct newer_kprobe_opts opts = { .sz = sizeof(opts) };
	struct kprobe_rig rig;
	struct bpf_link *link;
	int i;

	need_libbpf(1, 2, "attach_mode");
	rig = kprobe_up();
	for (i = 0; i < 2; i++) {
		opts.attach_mode = modes[i];
		link = must_attach_kernel(rig.skel->progs.entry, F_MAX, (const void *)&opts);
		kernel_call(F_MAX, 1 + i);
		say_links();
		destroy(link);
		kprobe_say_hits(&rig);
	}
	kprobe_down(&rig);
}

/* Through tracefs: libbpf's way for old kernels. */
static void legacy(void)
{
	struct newer_kprobe_opts opts = { .sz = sizeof(opts), .attach_mode = ATTACH_MODE_LEGACY };
	struct kprobe_rig rig;
	struct bpf_link *link;

	need_libbpf(1, 2, "attach_mode");
	rig = kprobe_up();
	link = must_attach_kernel(rig.skel->progs.entry, F_MAX, (const void *)&opts);
	kernel_call(F_MAX, 3);
	say_links();
	destroy(link);
	kernel_call(F_MAX, 1);
	kprobe_down(&rig);
}

/* A type that the owner set stays what it is; the kernel looks at it for other sorts of links only. */
static void own_attach_type(void)
{
	struct kprobe_rig rig = {};
	struct bpf_link *link;

	need_kprobes();
	rig.skel = kprobe_bpf__open();
	if (bpf_program__set_expected_attach_type(rig.skel->progs.entry, BPF_CGROUP_INET_EGRESS) ||
	    kprobe_bpf__load(rig.skel))
		die("cannot load");
	kprobe_name_functions(rig.skel->bss->traced);
	rig.hits = bpf_map__fd(rig.skel->maps.hits);
	link = attach_kernel(rig.skel->progs.entry, F_MAX, .bpf_cookie = 1);
	kernel_call(F_MAX, 3);
	say_links();
	destroy(link);
	kprobe_down(&rig);
}

static void tail_call(void)
{
	struct kprobe_tail_bpf *skel;
	struct bpf_link *caller, *callee;

	need_kprobes();
	skel = kprobe_tail_bpf__open_and_load();
	if (!skel)
		die("cannot load");
	kprobe_name_functions(skel->bss->traced);
	caller = attach_kernel(skel->progs.caller, F_MAX, .bpf_cookie = 1);
	callee = attach_kernel(skel->progs.callee, F_MIN, .bpf_cookie = 2);
	kernel_call(F_MAX, 3);
	kernel_call(F_MIN, 2);
	say_links();
	destroy(caller);
	destroy(callee);
	say_hits(bpf_map__fd(skel->maps.hits));
	kprobe_tail_bpf__destroy(skel);
}

/*
 * A tool that made its program for multi links, and sets it on a perf event by mistake. Without upshift the
 * kernel does not notice, and bpf_get_attach_cookie() reads what is not there.
 */
static void own_multi_on_perf(void)
{
	struct kprobe_rig rig = {};
	int fd;

	need_kprobes();
	rig.skel = kprobe_bpf__open();
	bpf_program__set_expected_attach_type(rig.skel->progs.entry, TRACE_KPROBE_MULTI);
	if (kprobe_bpf__load(rig.skel))
		die("cannot load");
	kprobe_name_functions(rig.skel->bss->traced);
	rig.hits = bpf_map__fd(rig.skel->maps.hits);
	fd = kernel_open(F_MAX, 0, false);
	say_result("set", !perf_set_bpf(fd, bpf_program__fd(rig.skel->progs.entry)));
	kernel_call(F_MAX, 3);
	say_links();
	close(fd);
	settle();
	kprobe_down(&rig);
}

/* Where the kernel has the helper, perf takes it only on functions that may be overridden. */
static void override(void)
{
	struct override_bpf *skel = override_bpf__open();
	struct bpf_link *link;

	need_kprobes();
	if (override_bpf__load(skel))
		skip("this kernel has no bpf_override_return() (CONFIG_BPF_KPROBE_OVERRIDE)");
	link = try_kernel(skel->progs.override, F_MAX);
	say_result("attach", link);
	kernel_call(F_MAX, 1);
	say_links();
	bpf_link__destroy(link);
	override_bpf__destroy(skel);
}

const struct scenario kprobe_stay_scenarios[] = {
	{ "kprobe-offset", offset },
	{ "kprobe-address", address },
	{ "kprobe-sleepable", sleepable },
	{ "kprobe-twice", twice },
	{ "kprobe-unreachable", unreachable },
	{ "kprobe-attach-mode", attach_mode },
	{ "kprobe-legacy", legacy },
	{ "kprobe-own-attach-type", own_attach_type },
	{ "kprobe-tail-call", tail_call },
	{ "kprobe-own-multi-on-perf", own_multi_on_perf },
	{ "kprobe-module", module },
	{ "kprobe-override", override },
	{},
};
