// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Objects, programs and links that end in an unusual order, or not at all. */
#include <sys/wait.h>
#include <unistd.h>
#include "scenario.h"

static void object_closed_first(void)
{
	struct rig rig = rig_up();
	struct bpf_link *one, *two;

	one = attach_function(rig.skel->progs.entry, "f0", .bpf_cookie = 1);
	two = attach_function(rig.skel->progs.leave, "f0", .bpf_cookie = 2, .retprobe = true);
	rig.hits = dup(rig.hits);
	count_bpf__destroy(rig.skel);
	rig.skel = NULL;
	target_call(rig.target, "f0", 3);
	say_links();
	destroy(one);
	target_call(rig.target, "f0", 1);
	destroy(two);
	target_call(rig.target, "f0", 1);
	rig_down(&rig);
	close(rig.hits);
}

/* A disconnected link is forgotten, not detached. Two fds stay for it, and so does the probe. */
static void disconnected(void)
{
	struct rig rig = rig_up();
	struct bpf_link *link = attach_function(rig.skel->progs.entry, "f0", .bpf_cookie = 1);

	bpf_link__disconnect(link);
	destroy(link);
	target_call(rig.target, "f0", 3);
	say_links();
	rig_down(&rig);
}

/* As gethostlatency does it: the second attach's link is put where the first one's was. */
static void overwritten(void)
{
	struct rig rig = rig_up();
	struct bpf_link *link;

	link = attach_function(rig.skel->progs.entry, "f0", .bpf_cookie = 1);
	link = attach_function(rig.skel->progs.entry, "f1", .bpf_cookie = 2);
	target_call(rig.target, "f0", 1);
	target_call(rig.target, "f1", 2);
	say_links();
	destroy(link);
	target_call(rig.target, "f0", 1);
	target_call(rig.target, "f1", 1);
	rig_down(&rig);
}

static void reattached(void)
{
	struct rig rig = rig_up();
	struct bpf_link *link;
	int i;

	for (i = 1; i <= 4; i++) {
		link = attach_function(rig.skel->progs.entry, "f0", .bpf_cookie = i);
		target_call(rig.target, "f0", i);
		if (i == 4)
			say_links();
		bpf_link__destroy(link);
	}
	rig_down(&rig);
}

/* Loads, attaches and destroys, over and over: nothing may pile up. */
static void reloaded(void)
{
	struct target *target = target_start("target");
	struct count_bpf *skel;
	int i;

	for (i = 1; i <= 3; i++) {
		skel = count_bpf__open_and_load();
		if (!skel)
			die("cannot load");
		skel->links.entry = attach_function(skel->progs.entry, "f0", .bpf_cookie = i);
		target_call(target, "f0", i);
		if (i == 3)
			say_links();
		say_hits(bpf_map__fd(skel->maps.hits));
		/* Detaches what is in its links. */
		count_bpf__destroy(skel);
	}
	target_stop(target);
}

/*
 * What a tool leaves open is the kernel's, which need not be through with it when the tool is gone.
 * Semaphores come after the hits: they go with the breakpoints.
 */
static void await_quiet(struct rig *rig)
{
	struct hit_key key;

	do {
		hits_clear(rig->hits);
		target_call(rig->target, "f0", 1);
		target_call(rig->target, "f1", 1);
	} while (!bpf_map_get_next_key(rig->hits, NULL, &key) || target_semaphore(rig->target, "own"));
}

/* A tool that ends with its links open leaves nothing behind. */
static void left_open(void (*end)(void))
{
	struct rig rig = rig_up();
	size_t own = target_offset(rig.target, "own");
	pid_t tool = fork();
	int status;

	if (!tool) {
		attach_function(rig.skel->progs.entry, "f0", .bpf_cookie = 1, .ref_ctr_offset = own);
		attach_function(rig.skel->progs.leave, "f1", .bpf_cookie = 1, .retprobe = true);
		target_call(rig.target, "f0", 3);
		target_call(rig.target, "f1", 1);
		say_links();
		say("semaphore during %d", target_semaphore(rig.target, "own"));
		rig_say_hits(&rig);
		end();
	}
	waitpid(tool, &status, 0);
	say("tool %s %d", WIFEXITED(status) ? "exited" : "was killed",
	    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	if (end != end_by_exit)
		await_quiet(&rig);
	say("semaphore after %d", target_semaphore(rig.target, "own"));
	target_call(rig.target, "f0", 2);
	target_call(rig.target, "f1", 2);
	rig_down(&rig);
}

static void exit_open(void)
{
	left_open(end_by_exit);
}

static void _exit_open(void)
{
	left_open(end_by__exit);
}

static void killed_open(void)
{
	left_open(end_by_signal);
}

const struct scenario lifetime_scenarios[] = {
	{ "object-closed-first", object_closed_first },
	{ "link-disconnected", disconnected },
	{ "link-overwritten", overwritten },
	{ "reattached", reattached },
	{ "reloaded", reloaded },
	{ "exit-with-links", exit_open },
	{ "_exit-with-links", _exit_open },
	{ "killed-with-links", killed_open },
	{},
};
