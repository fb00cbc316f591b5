// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* USDT probes: one attach call makes a uprobe at each location, and raises the semaphore. */
#include <stdlib.h>
#include "newer.h"
#include "usdt.skel.h"
#include "usdt_few.skel.h"
#include "usdt_wide.skel.h"

/* The object has to agree with libbpf on the size of what is in the map of specs: it grew in 1.7. */
struct usdt_bpf *usdt_up(void)
{
	struct usdt_bpf *skel = calloc(1, sizeof(*skel));
	struct bpf_object_skeleton *inner;

	if (!skel || usdt_bpf__create_skeleton(skel))
		return NULL;
	inner = skel->skeleton;
	if (libbpf_is(1, 7))
		inner->data = (void *)usdt_wide_bpf__elf_bytes(&inner->data_sz);
	return bpf_object__open_skeleton(inner, NULL) || usdt_bpf__load(skel) ? NULL : skel;
}

struct traced {
	struct usdt_bpf *skel;
	struct target *target, *other;
};

static struct traced up(void)
{
	struct traced traced = { .skel = usdt_up() };

	if (!traced.skel)
		die("cannot load");
	traced.target = target_start("target");
	traced.other = target_start("other");
	return traced;
}

static void down(struct traced *traced)
{
	say_hits(bpf_map__fd(traced->skel->maps.hits));
	target_stop(traced->target);
	target_stop(traced->other);
	usdt_bpf__destroy(traced->skel);
}

static struct bpf_link *attach_usdt(struct traced *traced, pid_t pid, const char *probe, __u64 cookie)
{
	LIBBPF_OPTS(bpf_usdt_opts, opts, .usdt_cookie = cookie);
	struct bpf_link *link;

	link = bpf_program__attach_usdt(traced->skel->progs.usdt_bare, pid, library_path(), "upshift", probe,
					&opts);
	if (!link)
		die("cannot attach to %s", probe);
	return link;
}

static void say_semaphores(struct traced *traced, const char *when, const char *probe)
{
	say("semaphore %s target=%d other=%d", when, target_semaphore(traced->target, probe),
	    target_semaphore(traced->other, probe));
}

static void trace(pid_t (*pid_for)(struct target *target), const char *probe)
{
	struct traced traced = up();
	struct bpf_link *link;

	say_semaphores(&traced, "before", probe);
	link = attach_usdt(&traced, pid_for ? pid_for(traced.target) : -1, probe, 77);
	say_semaphores(&traced, "during", probe);
	target_call(traced.target, "lib_usdt", 2);
	target_call(traced.other, "lib_usdt", 3);
	say_links();
	destroy(link);
	say_semaphores(&traced, "after", probe);
	target_call(traced.target, "lib_usdt", 1);
	down(&traced);
}

static void many_everywhere(void)
{
	trace(NULL, "many");
}

static void many_by_libbpf(void)
{
	need_libbpf(1, 3, "uprobe_multi links for USDTs");
	trace(NULL, "many");
}

static void many_in_process(void)
{
	trace(target_pid, "many");
}

static void one_in_process(void)
{
	trace(target_pid, "one");
}

/* Without a semaphore; there is none to ask for, so the others' stay as they are. */
static void plain_everywhere(void)
{
	trace(NULL, "plain");
}

/* One program at two USDTs, with other cookies, as javagc does it. */
static void one_program_twice(void)
{
	struct traced traced = up();
	struct bpf_link *one, *plain;

	one = attach_usdt(&traced, -1, "one", 1);
	plain = attach_usdt(&traced, -1, "plain", 2);
	target_call(traced.target, "lib_usdt", 2);
	say_links();
	destroy(one);
	target_call(traced.target, "lib_usdt", 1);
	destroy(plain);
	say_semaphores(&traced, "after", "one");
	down(&traced);
}

/* The same USDT twice: locations and semaphore are shared. */
static void same_usdt_twice(void)
{
	struct traced traced = up();
	struct bpf_link *first, *second;

	first = attach_usdt(&traced, -1, "one", 1);
	second = attach_usdt(&traced, -1, "one", 2);
	say_semaphores(&traced, "both", "one");
	target_call(traced.target, "lib_usdt", 2);
	say_links();
	destroy(first);
	say_semaphores(&traced, "second", "one");
	target_call(traced.target, "lib_usdt", 1);
	destroy(second);
	say_semaphores(&traced, "after", "one");
	down(&traced);
}

static void by_section(void)
{
	struct traced traced = up();

	if (usdt_bpf__attach(traced.skel))
		die("cannot attach");
	say_semaphores(&traced, "during", "many");
	target_call(traced.target, "lib_usdt", 2);
	say_links();
	usdt_bpf__detach(traced.skel);
	settle();
	say_semaphores(&traced, "after", "many");
	down(&traced);
}

static void bad_usdts(void)
{
	struct traced traced = up();
	struct bpf_program *prog = traced.skel->progs.usdt_bare;

	say_result("missing",
		   bpf_program__attach_usdt(prog, -1, library_path(), "upshift", "no_such_probe", NULL));
	say_result("no-notes", bpf_program__attach_usdt(prog, -1, target_path(), "upshift", "one", NULL));
	say_result("no-process",
		   bpf_program__attach_usdt(prog, 1 << 30, library_path(), "upshift", "one", NULL));
	say_links();
	say_semaphores(&traced, "after", "one");
	down(&traced);
}

/* More locations than the object has room for: what was attached until then comes off again. */
static void too_many(void)
{
	struct usdt_few_bpf *skel = usdt_few_bpf__open_and_load();
	struct target *target = target_start("target");
	struct bpf_link *link;

	if (!skel)
		die("cannot load");
	link = bpf_program__attach_usdt(skel->progs.few, -1, library_path(), "upshift", "many", NULL);
	say_result("attach", link);
	say_links();
	say("semaphore %d", target_semaphore(target, "many"));
	target_call(target, "lib_usdt", 2);
	say_hits(bpf_map__fd(skel->maps.hits));
	target_stop(target);
	usdt_few_bpf__destroy(skel);
}

const struct scenario usdt_scenarios[] = {
	{ "usdt-many", many_everywhere },
	{ "own-multi-usdt", many_by_libbpf },
	{ "usdt-many-pid", many_in_process },
	{ "usdt-one-pid", one_in_process },
	{ "usdt-plain", plain_everywhere },
	{ "usdt-one-program-twice", one_program_twice },
	{ "usdt-same-twice", same_usdt_twice },
	{ "usdt-section", by_section },
	{ "usdt-bad", bad_usdts },
	{ "usdt-too-many", too_many },
	{},
};
