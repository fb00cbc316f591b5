// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Tools that make uprobe_multi links by themselves, through a libbpf that can: nothing is to change. */
#include <errno.h>
#include "newer.h"
#include "own_multi.skel.h"
#include "own_session.skel.h"

struct own {
	struct own_multi_bpf *skel;
	struct target *target, *other;
	int hits;
};

static struct own up(void)
{
	struct own own = {};

	need_libbpf(1, 3, "bpf_program__attach_uprobe_multi()");
	own.skel = own_multi_bpf__open_and_load();
	if (!own.skel)
		die("cannot load");
	own.hits = bpf_map__fd(own.skel->maps.hits);
	own.target = target_start("target");
	own.other = target_start("other");
	return own;
}

static void down(struct own *own)
{
	say_hits(own->hits);
	target_stop(own->target);
	target_stop(own->other);
	own_multi_bpf__destroy(own->skel);
}

static struct bpf_link *must(struct bpf_link *link)
{
	if (!link)
		die("cannot attach a multi link");
	return link;
}

static void call_many(struct target *target)
{
	target_call(target, "many_a1", 1);
	target_call(target, "many_a2", 2);
	target_call(target, "many_b1", 3);
	target_call(target, "many_b2", 4);
}

static void pattern(void)
{
	struct newer_multi_opts at_return = { .retprobe = true };
	struct own own = up();
	struct bpf_link *in, *out;

	in = must(attach_multi(own.skel->progs.own_entry, -1, target_path(), "many_*", NULL));
	out = must(attach_multi(own.skel->progs.own_return, -1, target_path(), "many_?1", &at_return));
	call_many(own.target);
	say_links();
	destroy(in);
	call_many(own.target);
	destroy(out);
	call_many(own.target);
	down(&own);
}

static void symbols(void)
{
	const char *syms[] = { "f0", "many_a1", "f3" };
	const __u64 cookies[] = { 1, 1ULL << 63, 3 };
	struct newer_multi_opts opts = { .syms = syms, .cookies = cookies, .cnt = 3 };
	struct own own = up();
	struct bpf_link *link = must(attach_multi(own.skel->progs.own_entry, -1, target_path(), NULL, &opts));

	target_call(own.target, "f0", 2);
	target_call(own.target, "f1", 2);
	target_call(own.target, "f3", 3);
	call_many(own.other);
	say_links();
	destroy(link);
	target_call(own.target, "f0", 1);
	down(&own);
}

static void say_semaphores(struct own *own, const char *when)
{
	say("semaphore %s own=%d other=%d", when, target_semaphore(own->target, "own"),
	    target_semaphore(own->target, "other"));
}

/* A place twice, with other cookies, and a counter for each. */
static void offsets(void)
{
	struct own own = up();
	const unsigned long places[] = { target_offset(own.target, "f0"), target_offset(own.target, "f1"),
					 target_offset(own.target, "f0") };
	const unsigned long counters[] = { target_offset(own.target, "own"),
					   target_offset(own.target, "other"),
					   target_offset(own.target, "own") };
	const __u64 cookies[] = { 10, 20, 30 };
	struct newer_multi_opts opts = {
		.offsets = places, .ref_ctr_offsets = counters, .cookies = cookies, .cnt = 3
	};
	struct bpf_link *link;

	say_semaphores(&own, "before");
	link = must(attach_multi(own.skel->progs.own_entry, -1, target_path(), NULL, &opts));
	say_semaphores(&own, "during");
	target_call(own.target, "f0", 2);
	target_call(own.target, "f1", 3);
	say_links();
	destroy(link);
	say_semaphores(&own, "after");
	down(&own);
}

static void in_process(void)
{
	const char *syms[] = { "f0", "f1" };
	struct newer_multi_opts in = { .syms = syms, .cnt = 2 };
	struct newer_multi_opts out = { .syms = syms, .cnt = 2, .retprobe = true };
	struct own own = up();
	struct bpf_link *entry, *leave;

	entry = must(
		attach_multi(own.skel->progs.own_entry, target_pid(own.target), target_path(), NULL, &in));
	leave = must(
		attach_multi(own.skel->progs.own_return, target_pid(own.other), target_path(), NULL, &out));
	target_call(own.target, "f0", 1);
	target_thread_call(own.target, "f1", 2);
	target_call(own.other, "f0", 3);
	say_links();
	destroy(entry);
	destroy(leave);
	target_call(own.target, "f0", 1);
	down(&own);
}

static void errors(void)
{
	const char *syms[] = { "f0", "no_such_function" };
	const unsigned long places[] = { 1UL << 30 };
	struct newer_multi_opts missing = { .syms = syms, .cnt = 2 };
	struct newer_multi_opts behind = { .offsets = places, .cnt = 1 };
	struct own own = up();
	struct bpf_program *prog = own.skel->progs.own_entry;

	say_result("nothing", attach_multi(prog, -1, target_path(), NULL, NULL));
	say_result("both", attach_multi(prog, -1, target_path(), "f*", &behind));
	say_result("no-match", attach_multi(prog, -1, target_path(), "no_such_*", NULL));
	say_result("no-symbol", attach_multi(prog, -1, target_path(), NULL, &missing));
	say_result("no-file", attach_multi(prog, -1, "/nonexistent/file", "f*", NULL));
	say_result("directory", attach_multi(prog, -1, "/", NULL, &behind));
	say_result("past-the-end", attach_multi(prog, -1, target_path(), NULL, &behind));
	say_result("nobody", attach_multi(prog, 1 << 30, target_path(), "f0", NULL));
	/* Loaded for a perf event. */
	say_result("wrong-program", attach_multi(own.skel->progs.plain, -1, target_path(), "f0", NULL));
	/* Loaded for a multi link: no perf event takes it. */
	say_result("as-uprobe", try_attach(prog, -1, target_path(), 0, .func_name = "f0"));
	target_call(own.target, "f0", 1);
	say_links();
	down(&own);
}

/* One link that the tool made itself, one that upshift may make. */
static void beside_uprobe(void)
{
	struct own own = up();
	struct bpf_link *single, *multi;

	single = attach_function(own.skel->progs.plain, "many_a1", .bpf_cookie = 5);
	multi = must(attach_multi(own.skel->progs.own_entry, -1, target_path(), "many_a*", NULL));
	call_many(own.target);
	say_links();
	destroy(single);
	call_many(own.target);
	destroy(multi);
	call_many(own.target);
	down(&own);
}

/* ---- sessions ------------------------------------------------------------------------------------ */

static void session(void)
{
	struct newer_multi_opts opts = { .session = true };
	struct own_session_bpf *skel;
	struct bpf_link *everywhere, *entry_only;
	struct target *target;

	need_libbpf(1, 6, "uprobe.session sections");
	skel = own_session_bpf__open_and_load();
	if (!skel && errno == ESRCH) /* the kernel function to ask with */
		skip("this kernel has no uprobe sessions");
	if (!skel)
		die("cannot load");
	target = target_start("target");
	everywhere = must(bpf_program__attach(skel->progs.session));
	entry_only = must(attach_multi(skel->progs.session_entry_only, -1, target_path(), "f?", &opts));
	call_many(target);
	target_call(target, "f0", 2);
	say_links();
	destroy(everywhere);
	destroy(entry_only);
	call_many(target);
	say_hits(bpf_map__fd(skel->maps.hits));
	own_session_bpf__destroy(skel);
	target_stop(target);
}

const struct scenario own_multi_scenarios[] = {
	{ "own-multi-pattern", pattern }, { "own-multi-symbols", symbols },
	{ "own-multi-offsets", offsets }, { "own-multi-pid", in_process },
	{ "own-multi-errors", errors },   { "own-multi-beside-uprobe", beside_uprobe },
	{ "own-session", session },       {},
};
