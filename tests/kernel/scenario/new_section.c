// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Sections that libbpf 1.1 does not know: without help, their objects do not load here. */
#include "multi.skel.h"
#include "newer.h"
#include "single.skel.h"

static void single(void)
{
	struct single_bpf *skel = single_bpf__open();
	struct target *target = target_start("target");
	int hits;

	if (!skel || single_bpf__load(skel) || single_bpf__attach(skel))
		die("cannot load or attach");
	hits = bpf_map__fd(skel->maps.hits);
	target_call(target, "f0", 1);
	target_call(target, "f1", 2);
	target_call(target, "f_text", 3);
	say_links();
	say_hits(hits);
	hits_clear(hits);
	single_bpf__detach(skel);
	settle();
	target_call(target, "f0", 1);
	say_hits(hits);
	single_bpf__destroy(skel);
	target_stop(target);
}

/* Without a place in the section. */
static void single_bare(void)
{
	struct single_bpf *skel = single_bpf__open_and_load();
	struct target *target = target_start("target");
	struct bpf_link *link;

	if (!skel)
		die("cannot load");
	link = attach_function(skel->progs.single_bare, "f2", .bpf_cookie = 5);
	target_call(target, "f2", 3);
	say_links();
	destroy(link);
	target_call(target, "f2", 1);
	say_hits(bpf_map__fd(skel->maps.hits));
	single_bpf__destroy(skel);
	target_stop(target);
}

static void call_many(struct target *target)
{
	target_call(target, "many_a1", 1);
	target_call(target, "many_a2", 2);
	target_call(target, "many_b1", 3);
	target_call(target, "many_b2", 4);
	target_call(target, "f_text", 5);
}

static void multi(void)
{
	struct multi_bpf *skel;
	struct target *target;
	int hits;

	if (libbpf_is(1, 3) && !libbpf_is(1, 5))
		skip("libbpf 1.3 and 1.4 attach uretprobe.multi.s sections at the entry");
	skel = multi_bpf__open_and_load();
	target = target_start("target");
	if (!skel || multi_bpf__attach(skel))
		die("cannot load or attach");
	hits = bpf_map__fd(skel->maps.hits);
	call_many(target);
	say_links();
	say_hits(hits);
	hits_clear(hits);
	multi_bpf__detach(skel);
	settle();
	call_many(target);
	say_hits(hits);
	multi_bpf__destroy(skel);
	target_stop(target);
}

/* By a libbpf that knows the sections. */
static void own_multi(void)
{
	need_libbpf(1, 3, "uprobe.multi sections");
	multi();
}

/* One pattern's link, by bpf_program__attach(). */
static void multi_one(void)
{
	struct multi_bpf *skel = multi_bpf__open_and_load();
	struct target *target = target_start("target");
	struct bpf_link *link;

	if (!skel)
		die("cannot load");
	link = bpf_program__attach(skel->progs.multi_star);
	say_result("attach", link);
	call_many(target);
	say_links();
	destroy(link);
	call_many(target);
	say_hits(bpf_map__fd(skel->maps.hits));
	multi_bpf__destroy(skel);
	target_stop(target);
}

static void own_multi_one(void)
{
	need_libbpf(1, 3, "uprobe.multi sections");
	multi_one();
}

const struct scenario new_section_scenarios[] = {
	{ "section-single", single },
	{ "section-single-bare", single_bare },
	{ "section-multi", multi },
	{ "section-multi-one", multi_one },
	{ "own-multi-section", own_multi },
	{ "own-multi-section-one", own_multi_one },
	{},
};
