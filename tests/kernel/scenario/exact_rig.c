// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "exact_rig.h"

#include <string.h>
#include <sys/mman.h>
#include "sandbox.h"

/* From newer headers than Debian 12 has. */
#define LINK_TYPE_UPROBE_MULTI 12

static int take_event(void *context, void *data, size_t size)
{
	struct exact *exact = context;

	(void)size;
	exact->events[*(__u32 *)data]++;
	return 0;
}

static size_t size_of_counts(void)
{
	return NR_PLACES * sizeof(__u64);
}

void exact_up(struct exact *exact)
{
	*exact = (struct exact){ .skel = exact_bpf__open_and_load(), .path = own_path() };
	if (!exact->skel)
		die("cannot load");
	exact->offset = file_offset(own_places);
	exact->counts = mmap(NULL, size_of_counts(), PROT_READ | PROT_WRITE, MAP_SHARED,
			     bpf_map__fd(exact->skel->maps.counts), 0);
	if (exact->counts == MAP_FAILED)
		die("mmap");
	exact->ring = ring_buffer__new(bpf_map__fd(exact->skel->maps.events), take_event, exact, NULL);
	if (!exact->ring)
		die("no ring buffer");
}

void exact_use(struct exact *exact, const char *path)
{
	exact->path = path;
	exact->offset = callee_offset();
}

void exact_down(struct exact *exact)
{
	ring_buffer__free(exact->ring);
	munmap((void *)exact->counts, size_of_counts());
	exact_bpf__destroy(exact->skel);
}

struct bpf_link *exact_attach_one(struct exact *exact, int place)
{
	return attach(exact->skel->progs.exact, -1, exact->path, exact->offset + (size_t)place * PLACE_SIZE,
		      .bpf_cookie = place);
}

static bool is_upgraded(struct bpf_link *link)
{
	char buffer[512] __attribute__((aligned(8))) = {};
	struct bpf_link_info *info = (void *)buffer;
	__u32 size = sizeof(buffer);

	say_link_type(bpf_link__fd(link));
	if (bpf_obj_get_info_by_fd(bpf_link__fd(link), info, &size))
		die("what link is it?");
	return info->type == LINK_TYPE_UPROBE_MULTI;
}

int exact_rounds(struct exact *exact, int few)
{
	struct bpf_link *link = exact_attach_one(exact, 0);
	const bool upgraded = is_upgraded(link);

	destroy(link);
	return upgraded ? NR_PLACES : few;
}

void exact_attach(struct exact *exact, int nr)
{
	exact->nr = nr;
	for (int i = 0; i < nr; i++)
		exact->links[i] = exact_attach_one(exact, i);
	exact_call(0, nr);
	ring_buffer__consume(exact->ring);
}

void exact_call(int first, int nr)
{
	callee_ready();
	callee_call(first, nr);
}

void exact_check(struct exact *exact, int place)
{
	exact->late += exact->counts[place] > 1;
	exact->lost += exact->counts[place] < 1;
	ring_buffer__consume(exact->ring);
	exact->late += exact->events[place] > 1;
	exact->lost += exact->events[place] < 1;
}

/* A wrong count that comes even later. */
static void look_up(struct exact *exact)
{
	const int map = bpf_map__fd(exact->skel->maps.counts);
	__u64 value;

	for (int i = 0; i < exact->nr; i++) {
		if (bpf_map_lookup_elem(map, &i, &value))
			die("lookup");
		exact->late += value > 1;
		exact->lost += value < 1;
		exact_check(exact, i);
	}
}

void exact_say(struct exact *exact, const char *what)
{
	look_up(exact);
	say("%s: late %d lost %d", what, exact->late, exact->lost);
	exact->late = exact->lost = 0;
	memset((void *)exact->counts, 0, size_of_counts());
	memset(exact->events, 0, sizeof(exact->events));
}
