// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Tools that end while links are being detached, and with others still attached. */
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "busy.h"
#include "detach_rig.h"

#define CLOSED 3
#define OPEN   4

static void end_by_exec(void)
{
	execl("/bin/true", "true", NULL);
}

static void be_the_tool(struct rig *rig, void (*end)(void))
{
	struct bpf_link *links[CLOSED + OPEN];
	struct hit_key key;
	int i;

	for (i = 0; i < CLOSED + OPEN; i++)
		links[i] = attach(rig->skel->progs.entry, -1, library_path(), 0, .func_name = "lib_f0",
				  .bpf_cookie = i);
	say_links();
	while (bpf_map_get_next_key(rig->hits, NULL, &key))
		sched_yield();
	for (i = 0; i < CLOSED; i++)
		bpf_link__destroy(links[i]);
	end();
	_exit(1);
}

/* Hits that come after the tool's end: none, in any case in the end. */
static __u64 late_hits(struct rig *rig, struct busy *busy, bool at_once)
{
	__u64 late;

	busy_late(busy);
	while ((late = counted(rig->hits, true)) && !at_once) {
		hits_clear(rig->hits);
		busy_late(busy);
	}
	return late;
}

/* A tool that ends well is through with it then; what others leave open is the kernel's, which need not be.
 */
static void ends(void (*end)(void), bool at_once)
{
	struct rig rig = rig_up();
	struct busy *busy = busy_process();
	bool some;
	__u64 late;
	int status;
	pid_t tool;

	busy_early(busy);
	tool = fork();
	if (!tool)
		be_the_tool(&rig, end);
	waitpid(tool, &status, 0);
	some = counted(rig.hits, false) > counted(rig.hits, true);
	late = late_hits(&rig, busy, at_once);
	say("tool %s", WIFEXITED(status) ? "exited" : "was killed");
	say("before %s, after %llu", some ? "some" : "none", late);
	hits_clear(rig.hits);
	busy_stop(busy);
	rig_down(&rig);
}

static void by_exit(void)
{
	const char *detach = getenv("UPSHIFT_DETACH");

	ends(end_by_exit, !detach || strcmp(detach, "async") != 0);
}

static void by__exit(void)
{
	ends(end_by__exit, false);
}

static void by_signal(void)
{
	ends(end_by_signal, false);
}

static void by_exec(void)
{
	ends(end_by_exec, false);
}

const struct scenario detach_end_scenarios[] = {
	{ "detach-exit", by_exit },
	{ "detach-_exit", by__exit },
	{ "detach-killed", by_signal },
	{ "detach-exec", by_exec },
	{},
};
