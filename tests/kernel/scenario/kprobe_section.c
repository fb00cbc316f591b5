// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Programs that carry their function in their section, and sections that ask for one path by name. */
#include <unistd.h>
#include "kprobe.h"
#include "kprobe_own.skel.h"
#include "kprobe_section.skel.h"
#include "kprobe_single.skel.h"

static void call_all(void)
{
	kernel_call(F_MAX, 1);
	kernel_call(F_MIN, 2);
	kernel_call(F_PGID, 3);
	kernel_call(F_SID, 4);
}

static struct kprobe_section_bpf *load(void)
{
	struct kprobe_section_bpf *skel;

	need_kprobes();
	skel = kprobe_section_bpf__open_and_load();
	if (!skel)
		die("cannot load");
	kprobe_name_functions(skel->bss->traced);
	return skel;
}

static void skeleton(void)
{
	struct kprobe_section_bpf *skel = load();
	int hits = bpf_map__fd(skel->maps.hits);

	if (kprobe_section_bpf__attach(skel))
		die("cannot attach the skeleton");
	call_all();
	say_links();
	say_hits(hits);
	hits_clear(hits);
	kprobe_section_bpf__detach(skel);
	settle();
	call_all();
	say("detached links=%d", links_open());
	say_hits(hits);
	if (kprobe_section_bpf__attach(skel))
		die("cannot attach the skeleton once more");
	call_all();
	say_links();
	say_hits(hits);
	kprobe_section_bpf__destroy(skel);
	settle();
	call_all();
}

/* Each by itself, with bpf_program__attach(). */
static void one_by_one(void)
{
	struct kprobe_section_bpf *skel = load();
	struct bpf_link *links[3];
	int i;

	links[0] = bpf_program__attach(skel->progs.section_entry);
	links[1] = bpf_program__attach(skel->progs.section_return);
	links[2] = bpf_program__attach(skel->progs.section_syscall);
	/* A section without a place cannot be attached this way. */
	say_result("bare", bpf_program__attach(skel->progs.section_bare));
	call_all();
	say_links();
	for (i = 0; i < 3; i++)
		bpf_link__destroy(links[i]);
	settle();
	call_all();
	say_hits(bpf_map__fd(skel->maps.hits));
	kprobe_section_bpf__destroy(skel);
}

static void by_syscall(void)
{
	struct kprobe_section_bpf *skel = load();
	LIBBPF_OPTS(bpf_ksyscall_opts, opts, .bpf_cookie = 6);
	struct bpf_link *link;

	link = bpf_program__attach_ksyscall(skel->progs.section_bare, "getsid", &opts);
	say_result("attach", link);
	call_all();
	say_links();
	destroy(link);
	say_result("missing", bpf_program__attach_ksyscall(skel->progs.section_bare, "no_such_call", &opts));
	say_hits(bpf_map__fd(skel->maps.hits));
	kprobe_section_bpf__destroy(skel);
}

static struct kprobe_single_bpf *load_single(void)
{
	struct kprobe_single_bpf *skel;

	need_kprobes();
	skel = kprobe_single_bpf__open_and_load();
	if (!skel)
		die("cannot load");
	kprobe_name_functions(skel->bss->traced);
	return skel;
}

static void single(void)
{
	struct kprobe_single_bpf *skel = load_single();
	int hits = bpf_map__fd(skel->maps.hits);

	if (kprobe_single_bpf__attach(skel))
		die("cannot attach");
	call_all();
	say_links();
	say_hits(hits);
	hits_clear(hits);
	kprobe_single_bpf__detach(skel);
	settle();
	call_all();
	say_hits(hits);
	kprobe_single_bpf__destroy(skel);
}

static void single_bare(void)
{
	struct kprobe_single_bpf *skel = load_single();
	struct bpf_link *link = attach_kernel(skel->progs.single_bare, F_MAX, .bpf_cookie = 5);

	kernel_call(F_MAX, 3);
	say_links();
	destroy(link);
	kernel_call(F_MAX, 1);
	say_hits(bpf_map__fd(skel->maps.hits));
	kprobe_single_bpf__destroy(skel);
}

/* Links that the tool makes of this type by itself. */
static void own_multi(void)
{
	struct kprobe_own_bpf *skel;
	int hits;

	need_kprobes();
	skel = kprobe_own_bpf__open_and_load();
	if (!skel)
		die("cannot load");
	if (kprobe_own_bpf__attach(skel))
		skip("this kernel has no kprobe_multi links");
	kprobe_name_functions(skel->bss->traced);
	hits = bpf_map__fd(skel->maps.hits);
	call_all();
	say_links();
	say_hits(hits);
	hits_clear(hits);
	kprobe_own_bpf__detach(skel);
	settle();
	call_all();
	say_hits(hits);
	kprobe_own_bpf__destroy(skel);
}

const struct scenario kprobe_named_scenarios[] = {
	{ "kprobe-skeleton", skeleton },
	{ "kprobe-one-by-one", one_by_one },
	{ "kprobe-syscall", by_syscall },
	{ "kprobe-single", single },
	{ "kprobe-single-bare", single_bare },
	{ "kprobe-own-multi", own_multi },
	{},
};
