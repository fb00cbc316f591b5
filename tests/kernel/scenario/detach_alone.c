// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* After a detach the process is one of one thread, whose privileges are what it says, and no file is in use.
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "exact_rig.h"

#define NOBODY 65534
/* On the perf path. */
#define FEW    2

static struct exact exact;

/* ---- each in a child of its own ------------------------------------------------------------------ */

static void attach_and_detach(int nr)
{
	for (int i = 0; i < nr; i++)
		exact.links[i] = exact_attach_one(&exact, i);
	for (int i = 0; i < nr; i++)
		bpf_link__destroy(exact.links[i]);
}

/* what() returns how much was wrong. */
static void in_children(const char *name, int children, int links, int (*what)(void))
{
	int wrong = 0, status;
	pid_t child;

	while (children--) {
		child = fork();
		if (!child) {
			attach_and_detach(links);
			_exit(what());
		}
		waitpid(child, &status, 0);
		wrong += WIFEXITED(status) ? WEXITSTATUS(status) : 1;
	}
	say("%s: wrong %d", name, wrong);
}

static int unshares(void)
{
	return unshare(CLONE_NEWUSER) != 0;
}

static int unshares_by_syscall(void)
{
	return syscall(SYS_unshare, CLONE_NEWUSER) != 0;
}

/* Threads in whose status this line says something else. */
static int threads_with(const char *name, const char *value)
{
	DIR *threads = opendir("/proc/self/task");
	struct dirent *entry;
	char path[300], line[128];
	int nr = 0;
	FILE *status;

	while ((entry = readdir(threads))) {
		snprintf(path, sizeof(path), "/proc/self/task/%s/status", entry->d_name);
		status = *entry->d_name == '.' ? NULL : fopen(path, "re");
		while (status && fgets(line, sizeof(line), status))
			nr += !strncmp(line, name, strlen(name)) && !strstr(line, value);
		if (status)
			fclose(status);
	}
	closedir(threads);
	return nr;
}

static int changes_user(void)
{
	if (setgid(NOBODY) || setuid(NOBODY))
		return 100;
	return threads_with("Uid:", "\t65534\t65534");
}

static int drops_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = {};

	if (syscall(SYS_capset, &header, none))
		return 100;
	return threads_with("CapEff:", "\t0000000000000000");
}

static void alone(void)
{
	int nr;

	exact_up(&exact);
	nr = exact_rounds(&exact, FEW);
	in_children("unshare", nr / 10 + 1, 1, unshares);
	in_children("unshare by syscall()", nr / 10 + 1, 1, unshares_by_syscall);
	in_children("setuid", 1, nr / 2, changes_user);
	in_children("capset by syscall()", 1, nr / 2, drops_capabilities);
	exact_down(&exact);
}

/* ---- file systems -------------------------------------------------------------------------------- */

static char mounted[] = "/tmp/upshift-test-XXXXXX";
static char copy[sizeof(mounted) + 8];

static void copy_places(void)
{
	int from = open(callee_path(), O_RDONLY | O_CLOEXEC);
	int to = open(copy, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	struct stat st;

	if (from < 0 || to < 0 || fstat(from, &st) ||
	    sendfile(to, from, NULL, (size_t)st.st_size) != st.st_size)
		die("cannot copy");
	close(from);
	close(to);
}

static int unmount_by_syscall(const char *path)
{
	return (int)syscall(SYS_umount2, path, 0);
}

static void unmount_after_detach(int (*unmount)(const char *path))
{
	if (mount("tmpfs", mounted, "tmpfs", 0, NULL))
		die("mount");
	copy_places();
	attach_and_detach(1);
	say_result("umount", !unmount(mounted));
	umount2(mounted, MNT_DETACH);
}

static void in_own_mounts(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		die("no mount namespace");
	exact_up(&exact);
	snprintf(copy, sizeof(copy), "%s/file", mounted);
	exact.path = copy;
	unmount_after_detach(umount);
	unmount_after_detach(unmount_by_syscall);
	exact_down(&exact);
	_exit(0);
}

static void unmounts(void)
{
	pid_t child;

	need_own_mounts();
	if (!mkdtemp(mounted))
		die("mkdtemp");
	child = fork();
	if (!child)
		in_own_mounts();
	waitpid(child, NULL, 0);
	rmdir(mounted);
}

const struct scenario detach_alone_scenarios[] = {
	{ "detach-then-alone", alone },
	{ "detach-then-umount", unmounts },
	{},
};
