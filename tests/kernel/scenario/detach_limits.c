// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What a detach takes of a tool's fds, memory and threads, and what it does where there is not enough. */
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "detach_rig.h"

static void some_rounds(struct rig *rig, int rounds)
{
	struct bpf_link *links[6];

	while (rounds--) {
		rig_attach_many(rig, links, 6);
		destroy_many(links, 6);
		settle();
	}
	await_threads();
}

/* Of threads, file descriptors and memory nothing stays. */
static void leaves_nothing(void)
{
	struct rig rig = rig_up();
	struct rlimit before, after;
	long memory;
	int fds;

	getrlimit(RLIMIT_NOFILE, &before);
	/* As it is for most: there may be numbers beyond it. */
	before.rlim_cur = 1024;
	setrlimit(RLIMIT_NOFILE, &before);
	some_rounds(&rig, 1);
	fds = fds_open();
	memory = status_number("VmSize:");
	some_rounds(&rig, 2);
	getrlimit(RLIMIT_NOFILE, &after);
	say("limit %s", memcmp(&before, &after, sizeof(before)) ? "another" : "as before");
	say("fds %d", fds_open() - fds);
	say("memory %s", status_number("VmSize:") - memory < 100 ? "as before" : "is lost");
	say("threads %ld", status_number("Threads:"));
	rig_down(&rig);
}

/* Joining the namespace that it is in already takes a process that shares its directories with nobody. */
static void joins_namespace(void)
{
	struct bpf_link *links[4];
	struct rig rig = rig_up();
	int namespace = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);

	rig_attach_many(&rig, links, 4);
	say_links();
	destroy_many(links, 4);
	say_result("setns", !setns(namespace, CLONE_NEWNS));
	close(namespace);
	rig_down(&rig);
}

/* So that RLIMIT_NOFILE is what it is. */
static void drop_cap_sys_resource(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		die("capget");
	data[0].effective &= ~(1u << CAP_SYS_RESOURCE);
	data[0].permitted &= ~(1u << CAP_SYS_RESOURCE);
	if (syscall(SYS_capset, &header, data))
		die("capset");
}

static void with_limit(rlim_t limit)
{
	const struct rlimit both = { limit, limit };
	struct late late;
	int i;

	late_up(&late);
	drop_cap_sys_resource();
	if (setrlimit(RLIMIT_NOFILE, &both))
		die("setrlimit");
	for (i = 0; i < 4; i++) {
		attach_busy(&late);
		if (!i)
			say_links();
		destroy_many(late.links, 2);
		settle();
		say_late(&late, "destroy");
	}
	say("holds %d", link_fds());
	late_down(&late);
}

static void limited(void)
{
	with_limit(200);
}

/* More than half is in use. */
static void more_limited(void)
{
	with_limit(24);
}

const struct scenario detach_limit_scenarios[] = {
	{ "detach-leaves-nothing", leaves_nothing },
	{ "detach-then-setns", joins_namespace },
	{ "detach-limited", limited },
	{ "detach-more-limited", more_limited },
	{},
};
