// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>
#include "scenario.h"

struct rig rig_up(void)
{
	struct rig rig = { .skel = count_bpf__open_and_load() };

	if (!rig.skel)
		die("cannot load the programs");
	rig.hits = bpf_map__fd(rig.skel->maps.hits);
	rig.target = target_start("target");
	return rig;
}

void rig_say_hits(struct rig *rig)
{
	say_hits(rig->hits);
	hits_clear(rig->hits);
}

const char *const target_functions[NR_TARGET_FUNCTIONS] = { "f0", "f1", "f2", "f3" };

void rig_attach_many(struct rig *rig, struct bpf_link *links[], int nr)
{
	for (int i = 0; i < nr; i++)
		links[i] = attach_function(rig->skel->progs.entry, target_functions[i % NR_TARGET_FUNCTIONS],
					   .bpf_cookie = i);
}

void rig_call_all(struct rig *rig, int times)
{
	for (int i = 0; i < NR_TARGET_FUNCTIONS; i++)
		target_call(rig->target, target_functions[i], times);
}

void rig_down(struct rig *rig)
{
	say_hits(rig->hits);
	target_stop(rig->target);
	count_bpf__destroy(rig->skel);
}

struct bpf_link *must_attach(const struct bpf_program *prog, pid_t pid, const char *path, size_t offset,
			     const struct bpf_uprobe_opts *opts)
{
	struct bpf_link *link = bpf_program__attach_uprobe_opts(prog, pid, path, offset, opts);

	if (!link)
		die("cannot attach %s", bpf_program__name(prog));
	return link;
}

void destroy(struct bpf_link *link)
{
	bpf_link__destroy(link);
	settle();
}

void end_by_exit(void)
{
	exit(0);
}

void end_by__exit(void)
{
	_exit(0);
}

void end_by_signal(void)
{
	kill(getpid(), SIGKILL);
}

void need_own_mounts(void)
{
	pid_t child = fork();
	int status = 1;

	if (!child)
		_exit(unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	if (child < 0 || waitpid(child, &status, 0) != child || status)
		skip("this machine does not let the test have mounts of its own");
}
