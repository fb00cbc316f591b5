// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The functions of the target: by libbpf one by one, and all in one link without it. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "probes.h"
#include "uapi.h"
#include "uprobe.skel.h"
#include "ways.h"

static struct bpf_program *chosen(const struct probes *probes)
{
	struct uprobe_bpf *skel = probes->skel;

	return probes->at_return ? skel->progs.leave : skel->progs.entry;
}

static void load_for(struct probes *probes, enum bpf_attach_type type)
{
	struct uprobe_bpf *skel = uprobe_bpf__open();

	if (!skel)
		die("cannot open the programs");
	probes->skel = skel;
	if (type)
		bpf_program__set_expected_attach_type(chosen(probes), type);
	if (uprobe_bpf__load(skel))
		die("cannot load the programs");
	probes->tally = bpf_map__fd(skel->maps.tally);
}

static uint64_t sum_of_indices(const struct probes *probes)
{
	return (uint64_t)probes->count * (probes->count - 1) / 2;
}

static void load_single(struct probes *probes)
{
	load_for(probes, 0);
}

static void attach_single(struct probes *probes)
{
	const struct bpf_program *prog = chosen(probes);
	int i;

	for (i = 0; i < probes->count; i++) {
		LIBBPF_OPTS(bpf_uprobe_opts, opts, .bpf_cookie = i, .retprobe = probes->at_return);

		probes->links[i] =
			bpf_program__attach_uprobe_opts(prog, -1, target_path(), probes->offsets[i], &opts);
		if (!probes->links[i])
			die("cannot attach probe %d", i);
	}
}

static void detach_single(struct probes *probes)
{
	int i;

	for (i = 0; i < probes->count; i++)
		if (bpf_link__destroy(probes->links[i]))
			die("cannot detach probe %d", i);
}

const struct way way_single = {
	.name = "single",
	.verb = "call",
	.load = load_single,
	.attach = attach_single,
	.detach = detach_single,
	.cookies = sum_of_indices,
};

static void load_multi(struct probes *probes)
{
	load_for(probes, (enum bpf_attach_type)UAPI_BPF_TRACE_UPROBE_MULTI);
}

/* The system's libbpf may be too old to have a call for it. */
static void attach_multi(struct probes *probes)
{
	__u64 *cookies = calloc(probes->count, sizeof(*cookies));
	struct uapi_link_create attr = {
		.prog_fd = bpf_program__fd(chosen(probes)),
		.attach_type = UAPI_BPF_TRACE_UPROBE_MULTI,
		.uprobe_multi = {
			.path = (uintptr_t)target_path(),
			.offsets = (uintptr_t)probes->offsets,
			.cookies = (uintptr_t)cookies,
			.cnt = probes->count,
			.flags = probes->at_return ? UAPI_BPF_F_UPROBE_MULTI_RETURN : 0,
		},
	};
	int i;

	for (i = 0; i < probes->count; i++)
		cookies[i] = i;
	probes->multi_fd = syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));
	if (probes->multi_fd < 0)
		die("cannot create a uprobe_multi link");
	free(cookies);
}

static void detach_multi(struct probes *probes)
{
	close(probes->multi_fd);
}

const struct way way_multi = {
	.name = "multi",
	.verb = "call",
	.load = load_multi,
	.attach = attach_multi,
	.detach = detach_multi,
	.cookies = sum_of_indices,
};
