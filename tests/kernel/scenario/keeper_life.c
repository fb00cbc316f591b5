// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Tools that become something else: what they close is detached all the same, and exactly. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "keeper_rig.h"

enum { LINKS = 4, NOBODY = 65534, LOW_LIMIT = 64 };

static void must(bool done, const char *what)
{
	if (!done)
		die("%s", what);
}

static void nothing(void)
{
}

static void chroots(void)
{
	must(!chroot("/proc") && !chdir("/"), "chroot");
}

static void own_mounts(void)
{
	must(!unshare(CLONE_NEWNS) && !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "mount namespace");
}

static void pivots_root(void)
{
	own_mounts();
	must(!mount("tmpfs", "/tmp", "tmpfs", 0, NULL) && !mkdir("/tmp/old", 0700) &&
		     !syscall(SYS_pivot_root, "/tmp", "/tmp/old") && !chdir("/") &&
		     !umount2("/old", MNT_DETACH),
	     "pivot_root");
}

static void enters_namespace(void)
{
	const int own = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);

	must(!unshare(CLONE_NEWNS) && !setns(own, CLONE_NEWNS), "setns");
	close(own);
}

static void becomes_nobody(void)
{
	must(!setgroups(0, NULL) && !setgid(NOBODY) && !setuid(NOBODY), "setuid");
}

static void drops_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { 0 };

	must(!syscall(SYS_capset, &header, none), "capset");
}

/* Enough for a multi link, but neither for a perf event nor for a keeper. */
static void keeps_some(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const __u32 low = 1u << CAP_DAC_READ_SEARCH, high = 1u << (CAP_BPF - 32) | 1u << (CAP_PERFMON - 32);
	struct __user_cap_data_struct data[2] = { { .effective = low, .permitted = low },
						  { .effective = high, .permitted = high } };

	must(!prctl(PR_SET_KEEPCAPS, 1) && !setresuid(NOBODY, NOBODY, NOBODY) &&
		     !syscall(SYS_capset, &header, data),
	     "capset");
}

static void enters_user_namespace(void)
{
	must(!unshare(CLONE_NEWUSER), "user namespace");
}

static void lowers_limit(void)
{
	const struct rlimit low = { LOW_LIMIT, LOW_LIMIT };

	must(!setrlimit(RLIMIT_NOFILE, &low), "setrlimit");
}

/* As if the kernel did not know what takes a pin away. */
static void locks_up(void)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unlinkat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof(insns) / sizeof(*insns), .filter = insns };

	must(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program),
	     "seccomp");
}

/* ---- before the attach, and after ---------------------------------------------------------------- */

static void (*before)(void), (*after)(void);

/* Nothing asks the kernel anything between the close and the call: a link that were there would count it. */
static void changes(struct watch *watch)
{
	before();
	tool_attach(watch, LINKS);
	say_keeper();
	after();
	rig_call_all(&watch->rig, 1);
	bpf_link__destroy(watch->links[0]);
	target_call(watch->rig.target, target_functions[0], 1);
	close(bpf_link__fd(watch->links[1]));
	target_call(watch->rig.target, target_functions[1], 1);
	dup2(STDERR_FILENO, bpf_link__fd(watch->links[2]));
	target_call(watch->rig.target, target_functions[2], 1);
	tool_ready(watch);
	wait_to_be_killed();
}

static void change(void (*first)(void), void (*then)(void))
{
	struct watch watch;

	watch_up(&watch);
	before = first;
	after = then;
	tool_end(&watch, tool_start(&watch, changes), SIGKILL, "killed");
	watch_down(&watch);
}

#define CHANGE(name, first, then)    \
	static void name(void)       \
	{                            \
		change(first, then); \
	}

CHANGE(unchanged, nothing, nothing)
CHANGE(chrooted, nothing, chroots)
CHANGE(pivoted, nothing, pivots_root)
CHANGE(unshared, nothing, own_mounts)
CHANGE(entered, nothing, enters_namespace)
CHANGE(nobody, nothing, becomes_nobody)
CHANGE(without_capabilities, nothing, drops_capabilities)
CHANGE(with_few_capabilities, keeps_some, nothing)
CHANGE(in_user_namespace, nothing, enters_user_namespace)
CHANGE(locked_before, locks_up, nothing)
CHANGE(locked_after, nothing, locks_up)
CHANGE(limited_before, lowers_limit, nothing)
CHANGE(limited_after, nothing, lowers_limit)

/* ---- few file descriptors ------------------------------------------------------------------------ */

/* The keeper makes way: the tool gets as many as without. */
static void fills_up(struct watch *watch)
{
	int cnt = 0;

	lowers_limit();
	tool_attach(watch, LINKS);
	while (open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0)
		cnt++;
	say("at-least opened %d", cnt);
	rig_call_all(&watch->rig, 1);
	bpf_link__destroy(watch->links[0]);
	target_call(watch->rig.target, target_functions[0], 1);
	tool_ready(watch);
	wait_to_be_killed();
}

static void filled_up(void)
{
	struct watch watch;

	watch_up(&watch);
	tool_end(&watch, tool_start(&watch, fills_up), SIGKILL, "killed");
	watch_down(&watch);
}

/* ---- pins of the tool's own ---------------------------------------------------------------------- */

static char directory[] = "/tmp/upshift-test-XXXXXX", pin[sizeof(directory) + 8];

static void pins(struct watch *watch)
{
	tool_attach(watch, LINKS);
	must(!bpf_link__pin(watch->links[0], pin), "pin");
	bpf_link__destroy(watch->links[0]);
	rig_call_all(&watch->rig, 1);
	tool_ready(watch);
	wait_to_be_killed();
}

static void pinned(void)
{
	struct watch watch;
	pid_t tool;

	if (!mkdtemp(directory) || mount("bpf", directory, "bpf", 0, NULL))
		skip("this machine does not let the test mount a BPF file system");
	snprintf(pin, sizeof(pin), "%s/pin", directory);
	watch_up(&watch);
	tool = tool_start(&watch, pins);
	kill(tool, SIGKILL);
	waitpid(tool, NULL, 0);
	for (int i = 1; i < LINKS; i++)
		say("%s", link_goes(watch.seen->ids[i]) ? "gone" : "there");
	rig_call_all(&watch.rig, 1);
	unlink(pin);
	say("left: %s", left_behind(&watch));
	watch_down(&watch);
	umount2(directory, MNT_DETACH);
	rmdir(directory);
}

const struct scenario keeper_life_scenarios[] = {
	{ "keeper-unchanged", unchanged },
	{ "keeper-chroot", chrooted },
	{ "keeper-pivot_root", pivoted },
	{ "keeper-unshare", unshared },
	{ "keeper-setns", entered },
	{ "keeper-setuid", nobody },
	{ "keeper-capset", without_capabilities },
	{ "keeper-few-capabilities", with_few_capabilities },
	{ "keeper-user-namespace", in_user_namespace },
	{ "keeper-seccomp-before", locked_before },
	{ "keeper-seccomp-after", locked_after },
	{ "keeper-limit-before", limited_before },
	{ "keeper-limit-after", limited_after },
	{ "keeper-filled-up", filled_up },
	{ "keeper-own-pin", pinned },
	{},
};
