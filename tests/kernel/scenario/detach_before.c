// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Calls and children that come after a detach: it is complete before. */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "detach_rig.h"

struct way {
	const char *what;
	void (*go)(struct late *late);
};

static void run_ways(const struct way *ways)
{
	struct late late;
	int held;

	late_up(&late);
	for (; ways->what; ways++) {
		attach_busy(&late);
		late.child_holds = 0;
		hold_back();
		destroy_many(late.links, 2);
		ways->go(&late);
		held = link_fds();
		say("holds %d, child %d", held, late.child_holds);
		say_late(&late, ways->what);
	}
	late_down(&late);
}

static void reads_map(struct late *late)
{
	counted(late->rig.hits, true);
}

static void attaches(struct late *late)
{
	late->other = attach(late->rig.skel->progs.second, -1, library_path(), 0, .func_name = "lib_f1");
}

static void destroys_other(struct late *late)
{
	destroy(late->other);
}

static void before_calls(void)
{
	static const struct way ways[] = {
		{ "a map is read", reads_map },
		{ "an attach", attaches },
		{ "another destroy", destroys_other },
		{},
	};

	run_ways(ways);
}

/* ---- children ------------------------------------------------------------------------------------ */

static void ask_child(struct late *late, pid_t child)
{
	int status;

	if (!child)
		_exit(link_fds());
	waitpid(child, &status, 0);
	late->child_holds = WEXITSTATUS(status);
}

static void forks(struct late *late)
{
	ask_child(late, fork());
}

static void clones(struct late *late)
{
	ask_child(late, syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
}

static void vforks(struct late *late)
{
	pid_t child = vfork();

	if (!child) {
		/* The memory is the parent's. */
		late->child_holds = link_fds();
		execl("/bin/true", "true", NULL);
		_exit(127);
	}
	waitpid(child, NULL, 0);
}

static char *const no_arguments[] = { "true", NULL };

static void spawns(struct late *late)
{
	extern char **environ;
	pid_t child;

	(void)late;
	if (posix_spawn(&child, "/bin/true", NULL, NULL, no_arguments, environ))
		die("posix_spawn");
	waitpid(child, NULL, 0);
}

static void spawns_by_name(struct late *late)
{
	extern char **environ;
	pid_t child;

	(void)late;
	if (posix_spawnp(&child, "true", NULL, NULL, no_arguments, environ))
		die("posix_spawnp");
	waitpid(child, NULL, 0);
}

static void systems(struct late *late)
{
	(void)late;
	if (system("true"))
		die("system");
}

static void popens(struct late *late)
{
	(void)late;
	pclose(popen("true", "r"));
}

static void before_children(void)
{
	static const struct way ways[] = {
		{ "fork", forks },
		{ "clone", clones },
		{ "vfork", vforks },
		{ "posix_spawn", spawns },
		{ "posix_spawnp", spawns_by_name },
		{ "system", systems },
		{ "popen", popens },
		{},
	};

	run_ways(ways);
}

/* A child that lives on has none of the links, and keeps none of them. */
static void child_holds_none(void)
{
	struct bpf_link *links[8];
	struct rig rig = rig_up();
	int to[2], from[2];
	pid_t child;
	char byte;

	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		die("pipe2");
	rig_attach_many(&rig, links, 8);
	rig_call_all(&rig, 1);
	say_links();
	destroy_many(links, 8);
	child = fork();
	if (!child) {
		close(to[1]);
		say("child holds %d", link_fds());
		close(from[1]);
		_exit(read(to[0], &byte, 1) ? 1 : 0);
	}
	close(to[0]);
	close(from[1]);
	if (read(from[0], &byte, 1))
		die("the child talks");
	say("parent holds %d", link_fds());
	rig_call_all(&rig, 1);
	close(to[1]);
	close(from[0]);
	waitpid(child, NULL, 0);
	rig_down(&rig);
}

const struct scenario detach_before_scenarios[] = {
	{ "detach-before-calls", before_calls },
	{ "detach-before-children", before_children },
	{ "detach-before-fork", child_holds_none },
	{},
};
