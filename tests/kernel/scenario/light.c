// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Light skeletons: their programs and maps are made inside of the kernel. What upshift knows of such a
 * program is its fd at the attach.
 */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "light.lskel.h"
#include "multi_link.h"
#include "scenario.h"

struct light {
	struct light_bpf *skel;
	struct target *target;
	size_t f0;
};

static struct light up(void)
{
	struct light light = { .skel = light_bpf__open() };

	if (!light.skel || light_bpf__load(light.skel))
		die("cannot load the light skeleton");
	light.target = target_start("target");
	light.f0 = target_offset(light.target, "f0");
	return light;
}

static void down(struct light *light)
{
	say_hits(light->skel->maps.hits.map_fd);
	target_stop(light->target);
	light_bpf__destroy(light->skel);
}

static int must_open(struct light *light, bool retprobe)
{
	int fd = perf_open_uprobe(target_path(), light->f0, retprobe, -1, 0);

	if (fd < 0)
		die("cannot open a uprobe");
	return fd;
}

static void by_link(void)
{
	struct light light = up();
	int in = must_open(&light, false), out = must_open(&light, true);
	int in_link = perf_link(light.skel->progs.light_entry.prog_fd, in, 7);
	int out_link = perf_link(light.skel->progs.light_return.prog_fd, out, 8);

	say_result("entry", in_link >= 0);
	say_result("return", out_link >= 0);
	target_call(light.target, "f0", 2);
	say_links();
	close(in_link);
	close(in);
	settle();
	target_call(light.target, "f0", 1);
	close(out_link);
	close(out);
	settle();
	target_call(light.target, "f0", 1);
	down(&light);
}

static void by_ioctl(void)
{
	struct light light = up();
	int in = must_open(&light, false);

	say_result("set", !perf_set_bpf(in, light.skel->progs.light_entry.prog_fd));
	say_result("enable", !perf_enable(in));
	target_call(light.target, "f0", 2);
	say_links();
	close(in);
	settle();
	target_call(light.target, "f0", 1);
	down(&light);
}

/* The loader knows nothing of multi links, so these programs are none for them. */
static void by_multi_link(void)
{
	struct light light = up();
	struct multi_link_attr attr = {
		.prog_fd = light.skel->progs.light_entry.prog_fd,
		.attach_type = TRACE_UPROBE_MULTI,
		.path = (uintptr_t)target_path(),
		.offsets = (uintptr_t)&light.f0,
		.cnt = 1,
	};

	say_result("create", syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr)) >= 0);
	target_call(light.target, "f0", 1);
	down(&light);
}

const struct scenario light_scenarios[] = {
	{ "light-link", by_link },
	{ "light-ioctl", by_ioctl },
	{ "light-multi-link", by_multi_link },
	{},
};
