// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The ways of naming the place to trace. */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/wait.h>
#include <unistd.h>
#include "scenario.h"

static void trace(struct rig *rig, struct bpf_link *link, const char *function)
{
	target_call(rig->target, function, 3);
	say_links();
	destroy(link);
	target_call(rig->target, function, 2);
	rig_down(rig);
}

static void by_offset(void)
{
	struct rig rig = rig_up();
	size_t offset = target_offset(rig.target, "f1");

	trace(&rig, attach(rig.skel->progs.entry, -1, target_path(), offset, .bpf_cookie = 1), "f1");
}

static void by_name_and_offset(void)
{
	struct rig rig = rig_up();

	trace(&rig, attach(rig.skel->progs.entry, -1, target_path(), 4, .func_name = "f_steps"), "f_steps");
}

/* Offset 0 of a file is no code, but may be asked for. */
static void offset_zero(void)
{
	struct rig rig = rig_up();

	trace(&rig, attach(rig.skel->progs.entry, -1, target_path(), 0, .bpf_cookie = 1), "f0");
}

static void library_function(void)
{
	struct rig rig = rig_up();

	trace(&rig, attach(rig.skel->progs.entry, -1, library_path(), 0, .func_name = "lib_f0"), "lib_f0");
}

/* A name without a slash is looked for, by libbpf, where the dynamic loader would. */
static void library_by_name(void)
{
	struct rig rig = rig_up();
	char *directory = strdup(library_path());

	*strrchr(directory, '/') = '\0';
	setenv("LD_LIBRARY_PATH", directory, 1);
	free(directory);
	trace(&rig, attach(rig.skel->progs.entry, -1, "libtarget.so", 0, .func_name = "lib_f1"), "lib_f1");
}

/* The way to a container's files. */
static void through_root(void)
{
	struct rig rig = rig_up();
	char path[4096];

	snprintf(path, sizeof(path), "/proc/%d/root%s", target_pid(rig.target), target_path());
	trace(&rig, attach(rig.skel->progs.entry, -1, path, 0, .func_name = "f0"), "f0");
}

static char container[] = "/tmp/upshift-test-XXXXXX";

/* In the child: a mount namespace in which alone there is a copy of the target. */
static const char *enter_container(void)
{
	static char path[64];
	int from = open(target_path(), O_RDONLY | O_CLOEXEC), to;

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", container, "tmpfs", 0, NULL))
		return "";
	snprintf(path, sizeof(path), "%s/target", container);
	to = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	while (sendfile(to, from, NULL, 1 << 20) > 0)
		;
	close(to);
	return path;
}

/* The path is none in the tool's own mount namespace. */
static void in_container(void)
{
	struct rig rig = rig_up();
	char path[128];

	need_own_mounts();
	if (!mkdtemp(container))
		die("mkdtemp");
	target_stop(rig.target);
	rig.target = target_start_in("contained", enter_container);
	snprintf(path, sizeof(path), "/proc/%d/root%s/target", target_pid(rig.target), container);
	say("outside %s", access(strstr(path, "/tmp"), F_OK) ? "absent" : "present");
	trace(&rig, attach(rig.skel->progs.entry, -1, path, 0, .func_name = "f0"), "f0");
	rmdir(container);
}

static void through_exe(void)
{
	struct rig rig = rig_up();
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/exe", target_pid(rig.target));
	trace(&rig, attach(rig.skel->progs.entry, -1, path, 0, .func_name = "f0"), "f0");
}

static void relative_path(void)
{
	struct rig rig = rig_up();
	char *directory = strdup(target_path());

	*strrchr(directory, '/') = '\0';
	if (chdir(directory))
		die("chdir");
	free(directory);
	trace(&rig, attach(rig.skel->progs.entry, -1, "./target", 0, .func_name = "f0"), "f0");
}

static void symbolic_link(void)
{
	struct rig rig = rig_up();
	char path[] = "/tmp/upshift-test-XXXXXX";
	struct bpf_link *link;

	if (!mkdtemp(path) || rmdir(path) || symlink(target_path(), path))
		die("cannot make a symbolic link");
	link = attach(rig.skel->progs.entry, -1, path, 0, .func_name = "f0");
	unlink(path);
	trace(&rig, link, "f0");
}

/* libbpf finds the version in the symbol table; the section has no '@'. */
static void versioned_name(void)
{
	struct rig rig = rig_up();

	trace(&rig, attach(rig.skel->progs.entry, -1, library_path(), 0, .func_name = "lib_once@@UPSHIFT_1"),
	      "lib_once");
}

static void bad_names(void)
{
	struct rig rig = rig_up();
	struct bpf_program *prog = rig.skel->progs.entry;

	say_result("missing", try_attach(prog, -1, target_path(), 0, .func_name = "no_such_function"));
	say_result("ambiguous", try_attach(prog, -1, library_path(), 0, .func_name = "lib_twice"));
	say_result("no-library", try_attach(prog, -1, "libnone.so", 0, .func_name = "f0"));
	say_links();
	rig_down(&rig);
}

const struct scenario place_scenarios[] = {
	{ "by-offset", by_offset },
	{ "by-name-and-offset", by_name_and_offset },
	{ "offset-zero", offset_zero },
	{ "library-function", library_function },
	{ "library-by-name", library_by_name },
	{ "through-proc-root", through_root },
	{ "through-proc-root-container", in_container },
	{ "through-proc-exe", through_exe },
	{ "relative-path", relative_path },
	{ "symbolic-link", symbolic_link },
	{ "versioned-name", versioned_name },
	{ "bad-names", bad_names },
	{},
};
