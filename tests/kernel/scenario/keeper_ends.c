// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Tools that end in every way there is, with many links open: nothing is left of them, and at once. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "keeper_rig.h"

static void waits(struct watch *watch)
{
	tool_attach_some(watch);
	say_links();
	say_keeper();
	tool_ready(watch);
	wait_to_be_killed();
}

static void by_signal(struct watch *watch, int signal, const char *what)
{
	tool_end(watch, tool_start(watch, waits), signal, what);
}

static void killed(void)
{
	struct watch watch;

	watch_up(&watch);
	by_signal(&watch, SIGKILL, "SIGKILL");
	by_signal(&watch, SIGTERM, "SIGTERM");
	watch_down(&watch);
}

/* ---- by itself ----------------------------------------------------------------------------------- */

static void by_wild_access(void)
{
	raise(SIGSEGV);
}

static void by_raise(void)
{
	raise(SIGINT);
}

static void by_kill(void)
{
	kill(getpid(), SIGINT);
	pause();
}

static void by_quick_exit(void)
{
	quick_exit(3);
}

static void by_exit_group(void)
{
	syscall(SYS_exit_group, 4);
}

static void by__exit(void)
{
	_exit(5);
}

static void by_exec(void)
{
	execl("/bin/true", "true", NULL);
}

static void (*end)(void);

/* A half is detached, and the end comes right after; there is nothing to be dumped. */
static void ends(struct watch *watch)
{
	tool_attach_some(watch);
	for (int i = 0; i < watch->nr / 2; i++)
		bpf_link__destroy(watch->links[i]);
	tool_ready(watch);
	end();
}

static void ended(void)
{
	static const struct {
		const char *what;
		void (*end)(void);
	} ways[] = {
		{ "SIGSEGV", by_wild_access }, { "abort()", abort },
		{ "raise()", by_raise },       { "kill()", by_kill },
		{ "_exit()", by__exit },       { "exit_group()", by_exit_group },
		{ "exec()", by_exec },         { "quick_exit()", by_quick_exit },
	};
	struct watch watch;

	watch_up(&watch);
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		end = ways[i].end;
		tool_end(&watch, tool_start(&watch, ends), 0, ways[i].what);
	}
	watch_down(&watch);
}

/* ---- without memory ------------------------------------------------------------------------------ */

#define LIMIT   "33554432"
#define TOO_BIG (256ul << 20)

static char group[128];

static bool put(const char *file, const char *text)
{
	char path[192];
	bool done;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", group, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	if (fd >= 0)
		close(fd);
	return done;
}

/* Of either version, where the memory controller can be had without changing anything for others. */
static bool make_group(void)
{
	static const struct {
		const char *directory, *limit;
	} versions[] = {
		{ "/sys/fs/cgroup", "memory.max" },
		{ "/sys/fs/cgroup/memory", "memory.limit_in_bytes" },
	};

	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
		snprintf(group, sizeof(group), "%s/upshift-test-%d", versions[i].directory, getpid());
		if (mkdir(group, 0755))
			continue;
		if (put(versions[i].limit, LIMIT))
			return true;
		rmdir(group);
	}
	return false;
}

/* Written to the end, as a page that was only mapped is none. */
static void takes_too_much(struct watch *watch)
{
	char pid[16], *memory;

	tool_attach_some(watch);
	snprintf(pid, sizeof(pid), "%d", getpid());
	put("cgroup.procs", pid);
	tool_ready(watch);
	memory = mmap(NULL, TOO_BIG, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(memory, 1, TOO_BIG);
}

static void out_of_memory(void)
{
	struct watch watch;

	if (!make_group())
		skip("there is no cgroup with a limit of memory to be had");
	watch_up(&watch);
	tool_end(&watch, tool_start(&watch, takes_too_much), 0, "OOM");
	rmdir(group);
	watch_down(&watch);
}

/* ---- in the middle of something ------------------------------------------------------------------ */

enum { ROUNDS = 100, FEW_ROUNDS = 4, OPEN = 8, LONGEST_US = 20000 };

/* A file of its own: what the kernel cannot detach from it any more is nobody else's. */
static char copy[] = "/tmp/upshift-test-XXXXXX";

static void copy_target(void)
{
	int from = open(target_path(), O_RDONLY | O_CLOEXEC), to = mkstemp(copy);
	char buffer[4096];
	ssize_t len;

	while ((len = read(from, buffer, sizeof(buffer))) > 0)
		if (write(to, buffer, (size_t)len) != len)
			break;
	if (from < 0 || to < 0 || len || fchmod(to, 0700))
		die("cannot copy the target");
	close(from);
	close(to);
}

/* In the child that becomes it: its library is beside the original. */
static const char *path_of_copy(void)
{
	char *directory = strdup(target_path());

	*strrchr(directory, '/') = '\0';
	setenv("LD_LIBRARY_PATH", directory, 1);
	free(directory);
	return copy;
}

static void tool_goes_on(struct watch *watch)
{
	const int most = watch->upgraded ? OPEN : 2;
	const struct bpf_program *prog = watch->rig.skel->progs.entry;
	unsigned int seed = (unsigned int)getpid();
	struct seen *seen = watch->seen;
	struct bpf_link **link;

	tool_ready(watch);
	for (;;) {
		link = &watch->links[rand_r(&seed) % most];
		bpf_link__destroy(*link);
		*link = NULL;
		if (seen->nr == MOST_LINKS || rand_r(&seed) % 3 == 0)
			continue;
		*link = attach(prog, -1, copy, 0,
			       .func_name = target_functions[rand_r(&seed) % NR_TARGET_FUNCTIONS]);
		seen->ids[seen->nr++] = id_of(bpf_link__fd(*link));
	}
}

static void kill_at_random(struct watch *watch, unsigned int *seed)
{
	pid_t tool = tool_start(watch, tool_goes_on);

	usleep((useconds_t)rand_r(seed) % LONGEST_US);
	kill(tool, SIGKILL);
	waitpid(tool, NULL, 0);
	for (int i = 0; i < watch->seen->nr; i++)
		if (!link_goes(watch->seen->ids[i]))
			die("link %d of %d is left", i, watch->seen->nr);
}

/* Whoever is killed while the kernel takes a breakpoint out may leave it there, on perf events most of all.
 */
static void at_random(void)
{
	const unsigned int first = (unsigned int)getpid();
	unsigned int seed = first;
	struct watch watch;
	struct target *target;
	int clean = 0, rounds;

	watch_up(&watch);
	copy_target();
	target = target_start_in("copy", path_of_copy);
	rounds = watch.upgraded ? ROUNDS : FEW_ROUNDS;
	for (int i = 0; i < rounds; i++) {
		kill_at_random(&watch, &seed);
		clean += !kernel_complains(&watch);
	}
	target_stop(target);
	unlink(copy);
	if (watch.upgraded && clean * 2 < rounds)
		die("%d of %d rounds left something, seed %u", rounds - clean, rounds, first);
	watch_down(&watch);
}

const struct scenario keeper_end_scenarios[] = {
	{ "keeper-killed", killed },
	{ "keeper-ended", ended },
	{ "keeper-out-of-memory", out_of_memory },
	{ "keeper-at-random", at_random },
	{},
};
