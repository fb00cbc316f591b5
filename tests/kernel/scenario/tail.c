// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Programs that jump to others, whose map since Linux 6.18 takes one expected attach type only. */
#include "scenario.h"
#include "tail.skel.h"

static struct tail_bpf *load(void)
{
	struct tail_bpf *skel = tail_bpf__open_and_load();

	if (!skel)
		die("cannot load");
	return skel;
}

static void finish(struct tail_bpf *skel, struct target *target)
{
	say_hits(bpf_map__fd(skel->maps.hits));
	target_stop(target);
	tail_bpf__destroy(skel);
}

/* The libbpf that loads the object fills the map. */
static void from_the_start(void)
{
	struct tail_bpf *skel = load();
	struct target *target = target_start("target");
	struct bpf_link *link = attach_function(skel->progs.caller_static, "f0", .bpf_cookie = 1);

	target_call(target, "f0", 3);
	say_links();
	destroy(link);
	finish(skel, target);
}

/* The callee is attached by itself, too. */
static void callee_attached(void)
{
	struct tail_bpf *skel = load();
	struct target *target = target_start("target");
	struct bpf_link *caller, *callee;

	caller = attach_function(skel->progs.caller_static, "f0", .bpf_cookie = 1);
	callee = attach_function(skel->progs.callee_static, "f1", .bpf_cookie = 2);
	target_call(target, "f0", 3);
	target_call(target, "f1", 2);
	say_links();
	destroy(caller);
	destroy(callee);
	finish(skel, target);
}

static void put(struct tail_bpf *skel, const struct bpf_program *callee)
{
	int fd = bpf_program__fd(callee), slot = 1;

	say_result("put", !bpf_map_update_elem(bpf_map__fd(skel->maps.jumps), &slot, &fd, BPF_ANY));
}

/* Put into the map by the tool, before any attach. */
static void put_before(void)
{
	struct tail_bpf *skel = load();
	struct target *target = target_start("target");
	struct bpf_link *link;

	put(skel, skel->progs.callee_later);
	link = attach_function(skel->progs.caller_later, "f0", .bpf_cookie = 1);
	target_call(target, "f0", 3);
	say_links();
	destroy(link);
	finish(skel, target);
}

/* Put there while caller and callee are attached already. */
static void put_after(void)
{
	struct tail_bpf *skel = load();
	struct target *target = target_start("target");
	struct bpf_link *caller, *callee;

	caller = attach_function(skel->progs.caller_later, "f0", .bpf_cookie = 1);
	callee = attach_function(skel->progs.callee_later, "f1", .bpf_cookie = 2);
	target_call(target, "f0", 1);
	put(skel, skel->progs.callee_later);
	target_call(target, "f0", 3);
	target_call(target, "f1", 1);
	say_links();
	destroy(caller);
	destroy(callee);
	finish(skel, target);
}

/* A callee whose own object has no such map, and which is attached before it is put into one. */
static void of_another_object(void)
{
	struct tail_bpf *skel = load();
	struct rig rig = rig_up();
	struct bpf_link *caller, *callee;

	callee = attach_function(rig.skel->progs.second, "f1", .bpf_cookie = 2);
	put(skel, rig.skel->progs.second);
	caller = attach_function(skel->progs.caller_later, "f0", .bpf_cookie = 1);
	target_call(rig.target, "f0", 3);
	target_call(rig.target, "f1", 2);
	say_links();
	say_hits(bpf_map__fd(skel->maps.hits));
	destroy(callee);
	target_call(rig.target, "f0", 1);
	destroy(caller);
	rig_down(&rig);
	tail_bpf__destroy(skel);
}

const struct scenario tail_scenarios[] = {
	{ "tail-call", from_the_start },
	{ "tail-call-callee-attached", callee_attached },
	{ "tail-call-put-before", put_before },
	{ "tail-call-put-after", put_after },
	{ "tail-call-of-another-object", of_another_object },
	{},
};
