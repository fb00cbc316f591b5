// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <bpf/libbpf.h>
#include "probes.h"
#include "usdt.skel.h"
#include "ways.h"

#define COOKIE 7

static void load_usdt(struct probes *probes)
{
	struct usdt_bpf *skel = usdt_bpf__open_and_load();

	if (!skel)
		die("cannot load the program");
	probes->skel = skel;
	probes->tally = bpf_map__fd(skel->maps.tally);
}

static void attach_usdt(struct probes *probes)
{
	LIBBPF_OPTS(bpf_usdt_opts, opts, .usdt_cookie = COOKIE);
	struct usdt_bpf *skel = probes->skel;
	char name[32];

	snprintf(name, sizeof(name), "locations_%d", probes->count);
	*probes->links =
		bpf_program__attach_usdt(skel->progs.location, -1, target_path(), "bench", name, &opts);
	if (!*probes->links)
		die("cannot attach to %s", name);
}

static void detach_usdt(struct probes *probes)
{
	if (bpf_link__destroy(*probes->links))
		die("cannot detach");
}

static uint64_t cookies_usdt(const struct probes *probes)
{
	return (uint64_t)COOKIE * probes->count;
}

const struct way way_usdt = {
	.name = "usdt",
	.verb = "locations",
	.load = load_usdt,
	.attach = attach_usdt,
	.detach = detach_usdt,
	.cookies = cookies_usdt,
};
