// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Programs that carry their place in their section, attached by the skeleton or one by one. */
#include <errno.h>
#include "missing.skel.h"
#include "newer.h"
#include "section.skel.h"
#include "versioned.skel.h"

static void call_all(struct target *target)
{
	target_call(target, "f0", 1);
	target_call(target, "f1", 2);
	target_call(target, "f_steps", 3);
	target_call(target, "f_text", 4);
}

static void skeleton(void)
{
	struct section_bpf *skel = section_bpf__open_and_load();
	struct target *target = target_start("target");
	int hits;

	if (!skel || section_bpf__attach(skel))
		die("cannot load or attach the skeleton");
	hits = bpf_map__fd(skel->maps.hits);
	call_all(target);
	say_links();
	say_hits(hits);
	hits_clear(hits);
	section_bpf__detach(skel);
	settle();
	call_all(target);
	say("detached links=%d", links_open());
	say_hits(hits);
	if (section_bpf__attach(skel))
		die("cannot attach the skeleton once more");
	call_all(target);
	say_links();
	say_hits(hits);
	section_bpf__destroy(skel);
	settle();
	call_all(target);
	target_stop(target);
}

/* Each by itself, with bpf_program__attach(). */
static void one_by_one(void)
{
	struct section_bpf *skel = section_bpf__open_and_load();
	struct target *target = target_start("target");
	struct bpf_link *links[3];
	int i;

	if (!skel)
		die("cannot load");
	links[0] = bpf_program__attach(skel->progs.section_entry);
	links[1] = bpf_program__attach(skel->progs.section_offset);
	links[2] = bpf_program__attach(skel->progs.section_return);
	/* A section without a place cannot be attached this way. */
	say_result("bare", bpf_program__attach(skel->progs.section_bare));
	call_all(target);
	say_links();
	for (i = 0; i < 3; i++)
		bpf_link__destroy(links[i]);
	settle();
	call_all(target);
	say_hits(bpf_map__fd(skel->maps.hits));
	section_bpf__destroy(skel);
	target_stop(target);
}

/* The program of a section with a place, attached elsewhere as well. */
static void elsewhere(void)
{
	struct section_bpf *skel = section_bpf__open_and_load();
	struct target *target = target_start("target");
	struct bpf_link *own, *other;

	if (!skel)
		die("cannot load");
	own = bpf_program__attach(skel->progs.section_entry);
	other = attach_function(skel->progs.section_entry, "f3", .bpf_cookie = 8);
	target_call(target, "f0", 1);
	target_call(target, "f3", 2);
	say_links();
	destroy(own);
	destroy(other);
	say_hits(bpf_map__fd(skel->maps.hits));
	section_bpf__destroy(skel);
	target_stop(target);
}

extern int bpf_object__prepare(struct bpf_object *obj) __attribute__((weak));

/* In two steps: all but the programs is made in the first. */
static void prepared(void)
{
	struct section_bpf *skel;
	struct target *target;

	need_libbpf(1, 6, "bpf_object__prepare()");
	skel = section_bpf__open();
	target = target_start("target");
	if (!skel || bpf_object__prepare(skel->obj) || section_bpf__load(skel) || section_bpf__attach(skel))
		die("cannot prepare, load or attach");
	call_all(target);
	say_links();
	say_hits(bpf_map__fd(skel->maps.hits));
	section_bpf__destroy(skel);
	target_stop(target);
}

static void half_a_skeleton(void)
{
	struct missing_bpf *skel = missing_bpf__open_and_load();
	struct target *target = target_start("target");

	if (!skel)
		die("cannot load");
	say("attach %s", error_name(-missing_bpf__attach(skel)));
	target_call(target, "f0", 2);
	say_links();
	say_hits(bpf_map__fd(skel->maps.hits));
	missing_bpf__destroy(skel);
	target_stop(target);
}

static void versioned_section(void)
{
	struct versioned_bpf *skel = versioned_bpf__open_and_load();
	struct target *target = target_start("target");

	if (!skel || versioned_bpf__attach(skel))
		die("cannot load or attach the skeleton");
	target_call(target, "lib_once", 3);
	say_links();
	say_hits(bpf_map__fd(skel->maps.hits));
	versioned_bpf__destroy(skel);
	target_stop(target);
}

const struct scenario section_scenarios[] = {
	{ "skeleton", skeleton },
	{ "section-one-by-one", one_by_one },
	{ "section-elsewhere", elsewhere },
	{ "skeleton-prepared", prepared },
	{ "skeleton-half-attached", half_a_skeleton },
	{ "versioned-section", versioned_section },
	{},
};
