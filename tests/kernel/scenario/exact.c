// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* A close that has returned counts no more, whoever is traced, and whatever sets it going. */
#include <dlfcn.h>
#include "exact_rig.h"

/* On the perf path. */
#define FEW 2

/* One by one, each followed by a call. */
static void rounds(struct exact *exact)
{
	for (int i = 0; i < exact->nr; i++) {
		callee_ready();
		bpf_link__destroy(exact->links[i]);
		callee_call(i, 1);
		exact_check(exact, i);
	}
}

/* ---- a tool that traces itself ------------------------------------------------------------------- */

/* It is mapped anew when all probes are there. */
static void of_library_opened_late(struct exact *exact, void *library, int nr)
{
	dlclose(library);
	for (int i = 0; i < nr; i++)
		exact->links[i] = exact_attach_one(exact, i);
	exact->nr = nr;
	callee_use(open_places(&library));
	callee_call(0, nr);
	rounds(exact);
	exact_say(exact, "library opened after the attach");
	dlclose(library);
}

static void of_itself(void)
{
	struct exact exact;
	void *library;
	int nr;

	exact_up(&exact);
	callee_start(MYSELF, NULL);
	nr = exact_rounds(&exact, FEW);
	exact_attach(&exact, nr);
	rounds(&exact);
	exact_say(&exact, "executable");
	callee_use(open_places(&library));
	exact_use(&exact, callee_path());
	exact_attach(&exact, nr);
	rounds(&exact);
	exact_say(&exact, "library");
	of_library_opened_late(&exact, library, nr);
	exact_down(&exact);
}

/* ---- others -------------------------------------------------------------------------------------- */

static void of_others(enum who who, bool busy)
{
	struct exact exact;
	int nr;

	if (busy)
		hogs_start();
	exact_up(&exact);
	nr = exact_rounds(&exact, FEW);
	for (const struct go *go = ways_to_go; go->name && !(who == THREAD && go->ready); go++) {
		callee_start(who, go);
		exact_use(&exact, callee_path());
		exact_attach(&exact, nr);
		rounds(&exact);
		exact_say(&exact, go->name);
		callee_stop();
	}
	exact_down(&exact);
	if (busy)
		hogs_stop();
}

static void of_thread(void)
{
	of_others(THREAD, false);
}

static void of_child(void)
{
	of_others(CHILD, false);
}

static void of_stranger(void)
{
	of_others(STRANGER, false);
}

static void of_busy_thread(void)
{
	of_others(THREAD, true);
}

static void of_busy_child(void)
{
	of_others(CHILD, true);
}

static void of_busy_stranger(void)
{
	of_others(STRANGER, true);
}

/* ---- what else shows that it is attached --------------------------------------------------------- */

/* Each round reads the map by bpf(), and waits thereby for handlers that may still be running. */
static void looked_up(void)
{
	struct exact exact;
	__u64 value;
	int nr;

	exact_up(&exact);
	nr = exact_rounds(&exact, 2 * FEW) / 2;
	callee_start(CHILD, &ways_to_go[0]);
	exact_use(&exact, callee_path());
	exact_attach(&exact, nr);
	for (int i = 0; i < nr; i++) {
		callee_ready();
		bpf_link__destroy(exact.links[i]);
		callee_call(i, 1);
		if (bpf_map_lookup_elem(bpf_map__fd(exact.skel->maps.counts), &i, &value))
			die("lookup");
		exact.late += value > 1;
		exact.lost += value < 1;
	}
	exact_say(&exact, "lookup");
	callee_stop();
	exact_down(&exact);
}

static void text_of(struct exact *exact, enum who who, int nr)
{
	unsigned char before;
	int attached = 0, left = 0;

	callee_start(who, &ways_to_go[0]);
	if (who != MYSELF)
		exact_use(exact, callee_path());
	before = callee_text(0);
	exact_attach(exact, nr);
	for (int i = 0; i < nr; i++) {
		attached += callee_text(i) != before;
		bpf_link__destroy(exact->links[i]);
		left += callee_text(i) != before;
	}
	say("breakpoints %s, left %d", attached == nr ? "in all" : "missing", left);
	callee_stop();
}

/* The target's text, for a tool that patches it, or compares it. */
static void text(void)
{
	struct exact exact;
	int nr;

	exact_up(&exact);
	nr = exact_rounds(&exact, FEW);
	text_of(&exact, MYSELF, nr);
	text_of(&exact, CHILD, nr);
	text_of(&exact, STRANGER, nr);
	exact_down(&exact);
}

const struct scenario exact_scenarios[] = {
	{ "exact-itself", of_itself },
	{ "exact-thread", of_thread },
	{ "exact-child", of_child },
	{ "exact-stranger", of_stranger },
	{ "exact-thread-busy", of_busy_thread },
	{ "exact-child-busy", of_busy_child },
	{ "exact-stranger-busy", of_busy_stranger },
	{ "exact-lookup", looked_up },
	{ "exact-text", text },
	{},
};
