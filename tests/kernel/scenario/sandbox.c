// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Tools that take something from themselves before or after an attach: fds, directories, privileges,
 * namespaces. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "sandbox.h"
#include "scenario.h"

#define NOBODY               65534
/* From newer headers than Debian 12 has. */
#define LINK_TYPE_PERF_EVENT 7

struct place place_of_f0(struct rig *rig)
{
	return (struct place){ .type = perf_uprobe_type(),
			       .path = target_path(),
			       .offset = target_offset(rig->target, "f0") };
}

int open_place(const struct place *place)
{
	struct perf_event_attr attr = {
		.type = place->type,
		.size = sizeof(attr),
		.sample_period = 1,
		.wakeup_events = 1,
		.uprobe_path = (uintptr_t)place->path,
		.probe_offset = place->offset,
	};

	return syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
}

void say_link_type(int link)
{
	char buffer[512] __attribute__((aligned(8))) = {};
	struct bpf_link_info *info = (void *)buffer;
	__u32 size = sizeof(buffer);

	if (bpf_obj_get_info_by_fd(link, info, &size))
		die("what link is it?");
	say("link %s=1", info->type == LINK_TYPE_PERF_EVENT ? "perf_event" : "uprobe_multi");
}

void in_descendants(struct rig *rig, void (*what)(struct rig *rig))
{
	int pipes[2], status;
	pid_t child;
	char byte;

	if (pipe2(pipes, O_CLOEXEC))
		die("pipe2");
	child = fork();
	if (!child) {
		close(pipes[0]);
		what(rig);
		exit(0);
	}
	close(pipes[1]);
	waitpid(child, &status, 0);
	while (read(pipes[0], &byte, 1) > 0)
		;
	close(pipes[0]);
	if (status)
		say("status 0x%x", status);
}

void run_in_descendants(void (*what)(struct rig *rig))
{
	struct rig rig = rig_up();

	in_descendants(&rig, what);
	target_call(rig.target, "f0", 1);
	rig_down(&rig);
}

struct bpf_link *attach_f0(struct rig *rig, int cookie)
{
	return attach_function(rig->skel->progs.entry, "f0", .bpf_cookie = cookie);
}

/* A link by hand, for where libbpf does not find what it wants to read. */
static void link_place(struct rig *rig, const struct place *place, int cookie)
{
	int event = open_place(place), link = -1;

	if (event >= 0)
		link = perf_link(bpf_program__fd(rig->skel->progs.entry), event, cookie);
	say_result("attach", link >= 0);
	if (link < 0)
		return;
	say_link_type(link);
	target_call(rig->target, "f0", cookie);
	close(link);
	close(event);
	settle();
	target_call(rig->target, "f0", 1);
}

/* ---- directories ---- */

static void own_mounts(void)
{
	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		die("no mount namespace");
}

static void cover(const char *directory)
{
	if (mount("tmpfs", directory, "tmpfs", 0, NULL))
		die("cannot mount over %s", directory);
}

static void hide(struct rig *rig, const char *one, const char *other)
{
	const struct place place = place_of_f0(rig);

	own_mounts();
	cover(one);
	if (other)
		cover(other);
	link_place(rig, &place, 2);
	/* By libbpf, with all that it reads. */
	LIBBPF_OPTS(bpf_uprobe_opts, opts, .bpf_cookie = 3);
	struct bpf_link *link =
		bpf_program__attach_uprobe_opts(rig->skel->progs.entry, -1, place.path, place.offset, &opts);

	say_result("libbpf", link);
	if (!link)
		return;
	target_call(rig->target, "f0", 2);
	bpf_link__destroy(link);
	settle();
}

static void hide_proc(struct rig *rig)
{
	hide(rig, "/proc", NULL);
}

static void hide_sys(struct rig *rig)
{
	hide(rig, "/sys", NULL);
}

static void hide_both(struct rig *rig)
{
	hide(rig, "/proc", "/sys");
}

static void hidden(void)
{
	struct rig rig;

	need_own_mounts();
	rig = rig_up();
	in_descendants(&rig, hide_proc);
	in_descendants(&rig, hide_sys);
	in_descendants(&rig, hide_both);
	rig_down(&rig);
}

/* The attach before, and one after, by the path that the target has there. */
static void into_chroot(struct rig *rig)
{
	struct place place = place_of_f0(rig);
	struct bpf_link *link = attach_f0(rig, 1);
	int file;

	own_mounts();
	cover("/run");
	file = open("/run/target", O_CREAT | O_WRONLY | O_CLOEXEC, 0700);
	close(file);
	if (file < 0 || mount(target_path(), "/run/target", NULL, MS_BIND, NULL) || chroot("/run") ||
	    chdir("/"))
		die("chroot");
	target_call(rig->target, "f0", 1);
	place.path = "/target";
	link_place(rig, &place, 2);
	bpf_link__destroy(link);
	settle();
	target_call(rig->target, "f0", 1);
	place.path = "/gone";
	link_place(rig, &place, 3);
}

static void chrooted(void)
{
	need_own_mounts();
	run_in_descendants(into_chroot);
}

/* ---- privileges ---- */

/* Nobody, with these capabilities. */
static void become_nobody(__u32 low, __u32 high)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { .effective = low, .permitted = low },
						  { .effective = high, .permitted = high } };

	if (prctl(PR_SET_KEEPCAPS, 1) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY) || syscall(SYS_capset, &header, data))
		die("cannot become nobody");
}

/* The fd of a program is enough for a uprobe_multi link, but not for a perf event. */
static void drops_all(struct rig *rig)
{
	const struct place place = place_of_f0(rig);
	struct bpf_link *link = attach_f0(rig, 1), *again;

	say_links();
	become_nobody(0, 0);
	target_call(rig->target, "f0", 2);
	again = try_attach(rig->skel->progs.entry, -1, place.path, place.offset, .bpf_cookie = 2);
	if (!again && errno != EACCES)
		say_result("again", false);
	say("at-least attaches-as-nobody %d", !!again);
	bpf_link__destroy(again);
	bpf_link__destroy(link);
	settle();
	target_call(rig->target, "f0", 1);
}

/* What a service manager gives a tool; without its file's capabilities, as the target is readable to all. */
static void keeps_some(struct rig *rig)
{
	struct bpf_link *link, *before = attach_f0(rig, 1);

	become_nobody(1u << CAP_SYS_ADMIN | 1u << CAP_DAC_READ_SEARCH,
		      1u << (CAP_BPF - 32) | 1u << (CAP_PERFMON - 32));
	link = attach_f0(rig, 2);
	target_call(rig->target, "f0", 2);
	say("dumpable %d", prctl(PR_GET_DUMPABLE));
	say_link_type(bpf_link__fd(before));
	say_link_type(bpf_link__fd(link));
	bpf_link__destroy(before);
	bpf_link__destroy(link);
	settle();
	target_call(rig->target, "f0", 1);
}

static void is_not_dumpable(struct rig *rig)
{
	struct bpf_link *link;

	prctl(PR_SET_DUMPABLE, 0);
	link = attach_f0(rig, 1);
	target_call(rig->target, "f0", 2);
	say_links();
	bpf_link__destroy(link);
	settle();
	target_call(rig->target, "f0", 1);
}

static void privileges_dropped(void)
{
	run_in_descendants(drops_all);
}

static void privileges_kept(void)
{
	run_in_descendants(keeps_some);
}

static void not_dumpable(void)
{
	run_in_descendants(is_not_dumpable);
}

/* ---- process ids ---- */

/* The first process of a pid namespace, where /proc has the ids of another. */
static void first_process(struct rig *rig)
{
	const struct place place = place_of_f0(rig);
	struct bpf_link *link, *other;

	say("pid %d", getpid());
	link = attach_f0(rig, 1);
	target_call(rig->target, "f0", 2);
	other = try_attach(rig->skel->progs.entry, target_pid(rig->target), place.path, place.offset);
	say_result("outer id", other);
	other = try_attach(rig->skel->progs.entry, getpid(), place.path, place.offset, .bpf_cookie = 2);
	say_result("own id", other);
	target_call(rig->target, "f0", 2);
	say_link_type(bpf_link__fd(link));
	bpf_link__destroy(other);
	bpf_link__destroy(link);
	settle();
	target_call(rig->target, "f0", 1);
}

static void pid_namespace(struct rig *rig)
{
	if (unshare(CLONE_NEWPID))
		die("no pid namespace");
	in_descendants(rig, first_process);
}

static void pids_of_its_own(void)
{
	run_in_descendants(pid_namespace);
}

const struct scenario sandbox_scenarios[] = {
	{ "proc-and-sys-hidden", hidden },
	{ "chroot-after-attach", chrooted },
	{ "privileges-dropped", privileges_dropped },
	{ "privileges-kept", privileges_kept },
	{ "not-dumpable", not_dumpable },
	{ "pid-namespace", pids_of_its_own },
	{},
};
