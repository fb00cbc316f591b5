// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Links and programs in a BPF file system, and programs that come from other processes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>
#include "helper.h"
#include "scenario.h"

static char bpffs[] = "/tmp/upshift-test-XXXXXX";
static char pin[sizeof(bpffs) + 16];
static pid_t mounted_by;

static void unmount(void)
{
	if (getpid() != mounted_by)
		return;
	umount2(bpffs, MNT_DETACH);
	rmdir(bpffs);
}

/* One of its own, so that nothing depends on, or is left in, the machine's. */
static void mount_bpffs(void)
{
	if (!mkdtemp(bpffs))
		die("cannot make %s", bpffs);
	mounted_by = getpid();
	if (mount("bpf", bpffs, "bpf", 0, NULL)) {
		rmdir(bpffs);
		skip("this machine does not let the test mount a BPF file system");
	}
	atexit(unmount);
	snprintf(pin, sizeof(pin), "%s/pin", bpffs);
}

/* Pins the link, and lets go of it. */
static void pin_link(struct bpf_link *link)
{
	if (bpf_link__pin(link, pin))
		die("cannot pin the link");
	/* What has a pin is only closed, not detached. */
	destroy(link);
}

static void use_pinned_link(struct rig *rig)
{
	struct bpf_link *link;

	target_call(rig->target, "f0", 2);
	link = bpf_link__open(pin);
	if (!link)
		die("cannot open the pinned link");
	say_links();
	if (bpf_link__unpin(link))
		die("cannot unpin the link");
	target_call(rig->target, "f0", 1);
	rig_say_hits(rig);
	destroy(link);
	target_call(rig->target, "f0", 5);
}

static void pinned_link(void)
{
	struct rig rig = rig_up();
	struct bpf_link *link;

	mount_bpffs();
	link = attach_function(rig.skel->progs.entry, "f0", .bpf_cookie = 1);
	target_call(rig.target, "f0", 1);
	pin_link(link);
	use_pinned_link(&rig);
	rig_down(&rig);
}

/* The tool that pinned it is gone. */
static void pinned_link_of_another(void)
{
	struct rig rig = rig_up();
	pid_t tool;

	mount_bpffs();
	tool = fork();
	if (!tool) {
		pin_link(attach_function(rig.skel->progs.entry, "f0", .bpf_cookie = 1));
		exit(0);
	}
	waitpid(tool, NULL, 0);
	use_pinned_link(&rig);
	rig_down(&rig);
}

/* By its number, as "bpftool link" would find it. */
static void link_by_id(void)
{
	struct rig rig = rig_up();
	struct bpf_link *link = attach_function(rig.skel->progs.entry, "f0", .bpf_cookie = 1);
	struct bpf_link_info info = {};
	__u32 size = sizeof(info);
	int fd;

	if (bpf_obj_get_info_by_fd(bpf_link__fd(link), &info, &size))
		die("no information about the link");
	fd = bpf_link_get_fd_by_id(info.id);
	say_links();
	destroy(link);
	target_call(rig.target, "f0", 2);
	close(fd);
	settle();
	target_call(rig.target, "f0", 1);
	rig_down(&rig);
}

static void attach_fd(struct rig *rig, int prog)
{
	int perf = perf_open_uprobe(target_path(), target_offset(rig->target, "f0"), false, -1, 0);
	int link = perf_link(prog, perf, 9);

	if (perf < 0 || link < 0)
		die("cannot attach");
	perf_enable(perf);
	target_call(rig->target, "f0", 3);
	say_links();
	close(perf);
	close(link);
	settle();
	target_call(rig->target, "f0", 2);
}

static void pinned_program(void)
{
	struct rig rig = rig_up();
	int prog;

	mount_bpffs();
	rig.hits = dup(rig.hits);
	if (bpf_program__pin(rig.skel->progs.entry, pin))
		die("cannot pin the program");
	count_bpf__destroy(rig.skel);
	rig.skel = NULL;
	prog = bpf_obj_get(pin);
	attach_fd(&rig, prog);
	close(prog);
	rig_down(&rig);
	close(rig.hits);
}

static void pinned_program_for(bool keep_preload)
{
	struct rig rig = rig_up();
	struct helper helper;
	char line[128];

	mount_bpffs();
	if (bpf_program__pin(rig.skel->progs.entry, pin))
		die("cannot pin the program");
	snprintf(line, sizeof(line), "%zu", target_offset(rig.target, "f0"));
	setenv("PLACE", line, 1);
	helper = helper_start(keep_preload, "@use-pinned", pin);
	helper_line(&helper, line, sizeof(line));
	/* A process without the preload tells the program's variant; the other one does not ask. */
	say("program %s", keep_preload ? "used" : line);
	do {
		helper_line(&helper, line, sizeof(line));
		if (!strncmp(line, "link", 4))
			say("%s", line);
	} while (strcmp(line, "ready"));
	target_call(rig.target, "f0", 3);
	helper_stop(&helper);
	target_call(rig.target, "f0", 2);
	rig_down(&rig);
}

static void pinned_program_preloaded(void)
{
	pinned_program_for(true);
}

static void pinned_program_plain(void)
{
	pinned_program_for(false);
}

/* The sender is no process of this tool: nobody here saw the program's load. */
static void received_program(void)
{
	struct helper helper = helper_start(false, "@send-programs", NULL);
	struct rig rig = {};
	int prog;

	prog = helper_receive_fd(&helper);
	rig.hits = helper_receive_fd(&helper);
	rig.target = target_start("target");
	attach_fd(&rig, prog);
	rig_down(&rig);
	close(prog);
	close(rig.hits);
	helper_stop(&helper);
}

const struct scenario pin_scenarios[] = {
	{ "pinned-link", pinned_link },
	{ "pinned-link-of-another", pinned_link_of_another },
	{ "link-by-id", link_by_id },
	{ "pinned-program", pinned_program },
	{ "pinned-program-elsewhere", pinned_program_preloaded },
	{ "pinned-program-elsewhere-plain", pinned_program_plain },
	{ "received-program", received_program },
	{},
};
