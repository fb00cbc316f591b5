// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Many links that are detached at once, whole objects, and tools that trace themselves: nothing is counted
 * afterwards.
 */
#include <sched.h>
#include <unistd.h>
#include "busy.h"
#include "detach_rig.h"
#include "functions.h"
#include "tally.skel.h"
#include "usdt.skel.h"

#define MANY 20

/* Counts, and the map read right after the last link's end. */
static void many(void)
{
	struct bpf_link *links[MANY];
	struct rig rig = rig_up();

	rig_attach_many(&rig, links, MANY);
	rig_call_all(&rig, 1);
	say_links();
	destroy_many(links, MANY);
	rig_say_hits(&rig);
	rig_call_all(&rig, 1);
	rig_down(&rig);
}

/* ---- whole objects ------------------------------------------------------------------------------- */

/* From here to the end nothing is asked of the kernel. */
static void after_detach(void)
{
	struct late late;

	late_up(&late);
	attach_busy(&late);
	late.rig.skel->links.entry = late.links[0];
	late.rig.skel->links.second = late.links[1];
	hold_back();
	count_bpf__detach(late.rig.skel);
	say_late(&late, "detach");
	attach_busy(&late);
	late.rig.skel->links.entry = late.links[0];
	late.rig.hits = dup(late.rig.hits);
	hold_back();
	bpf_link__destroy(late.links[1]);
	count_bpf__destroy(late.rig.skel);
	late.rig.skel = NULL;
	say_late(&late, "destroy");
	say_hits(late.rig.hits);
	close(late.rig.hits);
	busy_stop(late.busy);
	target_stop(late.rig.target);
}

/* One link, of as many perf events as the probe has places. */
static void after_usdt(void)
{
	LIBBPF_OPTS(bpf_usdt_opts, opts, .usdt_cookie = 1);
	struct usdt_bpf *skel = usdt_up();
	struct busy *busy = busy_process();
	struct bpf_link *link;
	int hits, i;

	if (!skel)
		die("cannot load");
	hits = bpf_map__fd(skel->maps.hits);
	for (i = 0; i < 3; i++) {
		busy_early(busy);
		link = bpf_program__attach_usdt(skel->progs.usdt_bare, -1, library_path(), "upshift", "many",
						&opts);
		if (!link)
			die("cannot attach");
		while (!counted(hits, false))
			sched_yield();
		hold_back();
		bpf_link__destroy(link);
		busy_late(busy);
		let_go();
		say("after the link: %llu", counted(hits, true));
		hits_clear(hits);
	}
	busy_stop(busy);
	usdt_bpf__destroy(skel);
}

/* ---- tools that trace themselves ----------------------------------------------------------------- */

TRACED_FUNCTION(detach_self, 600)

static void count_myself(struct tally_bpf *skel, pid_t pid, const char *path, const char *function)
{
	struct busy *busy = busy_thread();
	struct bpf_link *link;
	int i;

	for (i = 0; i < 4; i++) {
		busy_early(busy);
		skel->bss->count = skel->bss->sum = 0;
		link = attach(skel->progs.tally, pid, path, 0, .func_name = function);
		detach_self(0);
		while (!*(volatile __u64 *)&skel->bss->count)
			sched_yield();
		hold_back();
		bpf_link__destroy(link);
		detach_self(1);
		busy_late(busy);
		let_go();
		say("%s: %llu", function, *(volatile __u64 *)&skel->bss->sum);
	}
	busy_stop(busy);
}

/* Without any call between the end of the link and the calls that are not to be counted. */
static void itself(void)
{
	struct tally_bpf *skel = tally_bpf__open_and_load();

	if (!skel)
		die("cannot load");
	count_myself(skel, 0, library_path(), "lib_f0");
	count_myself(skel, getpid(), library_path(), "lib_f0");
	count_myself(skel, -1, own_path(), "detach_self");
	tally_bpf__destroy(skel);
}

const struct scenario detach_scenarios[] = {
	{ "detach-many", many },
	{ "detach-object", after_detach },
	{ "detach-usdt", after_usdt },
	{ "detach-itself", itself },
	{},
};
