// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "callee.h"
#include "jobs.h"
#include "scenario.h"

/* From newer headers than Debian 12 has. */
#define TRACE_UPROBE_MULTI 48

/*
 * Was the program loaded for uprobe_multi links? Only then does the kernel get so far as to look at the path,
 * which is none. A program of that sort must not get onto a perf event: the kernel reads wild memory there.
 */
static const char *variant(int prog_fd)
{
	const char *path = "/";
	const unsigned long offset = 0;
	struct {
		__u32 prog_fd, target_fd, attach_type, flags;
		__aligned_u64 path, offsets, ref_ctr_offsets, cookies;
		__u32 count, multi_flags, pid;
	} attr = {
		.prog_fd = prog_fd,
		.attach_type = TRACE_UPROBE_MULTI,
		.path = (uintptr_t)path,
		.offsets = (uintptr_t)&offset,
		.count = 1,
	};

	if (syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr)) >= 0)
		die("a link to a directory");
	return errno == EBADF ? "multi" : "single";
}

static void send_programs(const char *argument)
{
	struct count_bpf *skel = count_bpf__open_and_load();

	(void)argument;
	if (!skel)
		die("cannot load");
	job_send_fd(bpf_program__fd(skel->progs.entry));
	job_send_fd(bpf_map__fd(skel->maps.hits));
	job_wait_for_end();
	count_bpf__destroy(skel);
}

/* Attaches the program that is pinned there to the target, at the offset in $PLACE. */
static void use_pinned(const char *path)
{
	size_t offset = strtoul(getenv("PLACE"), NULL, 0);
	int prog = bpf_obj_get(path), link = -1, perf;

	if (prog < 0)
		die("cannot get %s", path);
	if (!getenv("LD_PRELOAD")) {
		say("%s", variant(prog));
		if (!strcmp(variant(prog), "multi"))
			die("left alone: this program would be dangerous on a perf event");
	} else {
		say("preloaded");
	}
	perf = perf_open_uprobe(target_path(), offset, false, -1, 0);
	if (perf >= 0)
		link = perf_link(prog, perf, 9);
	if (link < 0)
		die("cannot attach the pinned program");
	say_links();
	say("ready");
	job_wait_for_end();
	close(perf);
	close(link);
}

const struct job jobs[] = {
	{ "@send-programs", send_programs },
	{ "@use-pinned", use_pinned },
	{ "@callee", callee_job },
	{},
};
