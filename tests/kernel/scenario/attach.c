// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What the probes are: entry, return, cookies, several at one place, sleepable, odd sections. */
#include "newer.h"

/* Three calls are traced; two after the detach are not. */
static void trace_three(struct rig *rig, struct bpf_link *link, const char *function)
{
	target_call(rig->target, function, 3);
	say_links();
	destroy(link);
	target_call(rig->target, function, 2);
	rig_down(rig);
}

static void entry(void)
{
	struct rig rig = rig_up();

	trace_three(&rig, attach_function(rig.skel->progs.entry, "f0", .bpf_cookie = 1), "f0");
}

static void retprobe(void)
{
	struct rig rig = rig_up();

	trace_three(&rig, attach_function(rig.skel->progs.leave, "f1", .bpf_cookie = 2, .retprobe = true),
		    "f1");
}

/* The plain call without options, once for each kind. */
static void plain_call(void)
{
	struct rig rig = rig_up();
	struct bpf_link *in, *out;
	size_t offset = target_offset(rig.target, "f2");

	in = bpf_program__attach_uprobe(rig.skel->progs.entry, false, -1, target_path(), offset);
	out = bpf_program__attach_uprobe(rig.skel->progs.leave, true, -1, target_path(), offset);
	if (!in || !out)
		die("cannot attach");
	target_call(rig.target, "f2", 3);
	say_links();
	destroy(in);
	destroy(out);
	target_call(rig.target, "f2", 2);
	rig_down(&rig);
}

static void cookies(void)
{
	static const char *const functions[] = { "f0", "f1", "f2" };
	struct rig rig = rig_up();
	struct bpf_link *links[3];
	int i;

	for (i = 0; i < 3; i++)
		links[i] = attach_function(rig.skel->progs.entry, functions[i], .bpf_cookie = 10 + i);
	for (i = 0; i < 3; i++)
		target_call(rig.target, functions[i], i + 1);
	say_links();
	for (i = 0; i < 3; i++)
		bpf_link__destroy(links[i]);
	settle();
	target_call(rig.target, "f0", 1);
	rig_down(&rig);
}

/* 64 bits of it. */
static void large_cookie(void)
{
	struct rig rig = rig_up();

	trace_three(&rig, attach_function(rig.skel->progs.entry, "f0", .bpf_cookie = UINT64_MAX - 1), "f0");
}

/* All of it at one place: both programs, one of them twice, once more with a cookie of before. */
static void same_place(void)
{
	struct rig rig = rig_up();
	struct bpf_link *links[4];
	int i;

	links[0] = attach_function(rig.skel->progs.entry, "f0", .bpf_cookie = 5);
	links[1] = attach_function(rig.skel->progs.entry, "f0", .bpf_cookie = 6);
	links[2] = attach_function(rig.skel->progs.entry, "f0", .bpf_cookie = 6);
	links[3] = attach_function(rig.skel->progs.second, "f0", .bpf_cookie = 7);
	target_call(rig.target, "f0", 3);
	say_links();
	destroy(links[1]);
	target_call(rig.target, "f0", 1);
	for (i = 0; i < 4; i++)
		if (i != 1)
			bpf_link__destroy(links[i]);
	settle();
	target_call(rig.target, "f0", 1);
	rig_down(&rig);
}

/* One program, at an entry and at a return. */
static void entry_and_return(void)
{
	struct rig rig = rig_up();
	struct bpf_link *in, *out;

	in = attach_function(rig.skel->progs.entry, "f0", .bpf_cookie = 1);
	out = attach_function(rig.skel->progs.leave, "f0", .bpf_cookie = 1, .retprobe = true);
	target_call(rig.target, "f0", 3);
	say_links();
	destroy(in);
	target_call(rig.target, "f0", 1);
	destroy(out);
	rig_down(&rig);
}

static void sleepable(void)
{
	struct rig rig = rig_up();

	trace_three(&rig, attach_function(rig.skel->progs.sleepy, "f_text", .bpf_cookie = 3), "f_text");
}

static void returns_one(void)
{
	struct rig rig = rig_up();

	trace_three(&rig, attach_function(rig.skel->progs.returns_one, "f0", .bpf_cookie = 4), "f0");
}

static void kprobe_section(void)
{
	struct rig rig = rig_up();

	trace_three(&rig, attach_function(rig.skel->progs.from_kprobe, "f0", .bpf_cookie = 9), "f0");
}

/* The entry program at a return and the return program at an entry: the attach decides, not the section. */
static void section_says_otherwise(void)
{
	struct rig rig = rig_up();
	struct bpf_link *in, *out;
	struct hit_key key = {}, *previous = NULL;
	struct hit_value value;
	int hits[HIT_KINDS] = {};

	in = attach_function(rig.skel->progs.leave, "f0", .bpf_cookie = 1);
	out = attach_function(rig.skel->progs.second, "f1", .bpf_cookie = 2, .retprobe = true);
	say_links();
	target_call(rig.target, "f0", 2);
	target_call(rig.target, "f1", 3);
	destroy(in);
	destroy(out);
	/* The sums are of registers that mean nothing there. */
	for (; !bpf_map_get_next_key(rig.hits, previous, &key); previous = &key)
		if (!bpf_map_lookup_elem(rig.hits, &key, &value))
			hits[key.kind] += value.count;
	say("count at-entry=%d at-return=%d", hits[HIT_RETURN], hits[HIT_SECOND]);
	hits_clear(rig.hits);
	rig_down(&rig);
}

/* Semaphores follow the links that name them. */
static void reference_counter(void)
{
	struct rig rig = rig_up();
	struct bpf_link *first, *second;
	size_t own = target_offset(rig.target, "own");

	say("semaphore before %d", target_semaphore(rig.target, "own"));
	first = attach_function(rig.skel->progs.entry, "f0", .ref_ctr_offset = own, .bpf_cookie = 1);
	say("semaphore first %d", target_semaphore(rig.target, "own"));
	second = attach_function(rig.skel->progs.entry, "f1", .ref_ctr_offset = own, .bpf_cookie = 2);
	say("semaphore second %d", target_semaphore(rig.target, "own"));
	say("semaphore other %d", target_semaphore(rig.target, "other"));
	target_call(rig.target, "f0", 2);
	target_call(rig.target, "f1", 1);
	say_links();
	destroy(first);
	say("semaphore one-left %d", target_semaphore(rig.target, "own"));
	destroy(second);
	say("semaphore after %d", target_semaphore(rig.target, "own"));
	rig_down(&rig);
}

/* A type that the owner set stays what it is; the kernel looks at it for other sorts of links only. */
static void own_attach_type(void)
{
	struct rig rig = { .skel = count_bpf__open() };
	struct bpf_program *entry_prog = rig.skel->progs.entry;

	if (bpf_program__set_expected_attach_type(entry_prog, BPF_CGROUP_INET_EGRESS) ||
	    count_bpf__load(rig.skel))
		die("cannot load");
	rig.hits = bpf_map__fd(rig.skel->maps.hits);
	rig.target = target_start("target");
	say("type %d", bpf_program__get_expected_attach_type(entry_prog) == BPF_CGROUP_INET_EGRESS);
	trace_three(&rig, attach_function(entry_prog, "f0", .bpf_cookie = 1), "f0");
}

/* The caller says which path it wants. */
static void attach_mode(void)
{
	static const int modes[] = { ATTACH_MODE_PERF, ATTACH_MODE_LINK };
	struct newer_uprobe_opts opts = { .sz = sizeof(opts), .func_name = "f0" };
	struct bpf_link *link;
	struct rig rig;
	int i;

	need_libbpf(1, 2, "attach_mode");
	rig = rig_up();
	for (i = 0; i < 2; i++) {
		opts.attach_mode = modes[i];
		link = must_attach(rig.skel->progs.entry, -1, target_path(), 0, (const void *)&opts);
		target_call(rig.target, "f0", 1 + i);
		say_links();
		destroy(link);
		rig_say_hits(&rig);
	}
	rig_down(&rig);
}

/* A program that stays on a perf event, and one that need not, at one place. */
static void side_by_side(void)
{
	struct rig rig = { .skel = count_bpf__open() };
	struct bpf_link *stays, *may_go;

	if (bpf_program__set_expected_attach_type(rig.skel->progs.entry, BPF_CGROUP_INET_EGRESS) ||
	    count_bpf__load(rig.skel))
		die("cannot load");
	rig.hits = bpf_map__fd(rig.skel->maps.hits);
	rig.target = target_start("target");
	stays = attach_function(rig.skel->progs.entry, "f0", .bpf_cookie = 1);
	may_go = attach_function(rig.skel->progs.second, "f0", .bpf_cookie = 2);
	target_call(rig.target, "f0", 1);
	say_links();
	destroy(stays);
	target_call(rig.target, "f0", 2);
	destroy(may_go);
	rig_down(&rig);
}

const struct scenario attach_scenarios[] = {
	{ "entry", entry },
	{ "return", retprobe },
	{ "plain-call", plain_call },
	{ "cookies", cookies },
	{ "large-cookie", large_cookie },
	{ "same-place", same_place },
	{ "entry-and-return", entry_and_return },
	{ "sleepable", sleepable },
	{ "returns-one", returns_one },
	{ "kprobe-section", kprobe_section },
	{ "section-says-otherwise", section_says_otherwise },
	{ "reference-counter", reference_counter },
	{ "own-attach-type", own_attach_type },
	{ "attach-mode", attach_mode },
	{ "side-by-side", side_by_side },
	{},
};
