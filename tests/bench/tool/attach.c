// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * bench-attach WAY COUNT destroy|exit|kill: times an ordinary tool that attaches COUNT probes, and then
 * detaches them, exits with all of them attached, or is killed then.
 *
 * The tool is a child process. It is stopped for a look at what it holds while everything is attached.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "holds.h"
#include "probes.h"
#include "text.h"

struct times {
	double attach, first_event, detach, exit_began;
};

static void until_first_event(const struct probes *probes, struct target *target)
{
	target_tell(target, "%s %d\n", probes->way->verb, probes->count);
	while (!probes_tally(probes).events)
		;
}

static void hit_all(const struct probes *probes, struct target *target)
{
	target_tell(target, "%s %d\n", probes->way->verb, probes->count);
	if (target_answer(target) != probes->count)
		die("the target did not run into all probes");
}

static void attach_and_hit(struct probes *probes, struct target *target, struct times *times)
{
	double start = now();

	probes_attach(probes);
	/* As below: upshift may have put off part of the work until the tool looks. */
	probes_tally(probes);
	times->attach = now() - start;
	until_first_event(probes, target);
	times->first_event = now() - start;
	if (target_answer(target) != probes->count)
		die("the target did not run into all probes");
	probes_expect(probes, "while attached", 1);
}

static void detach_and_hit(struct probes *probes, struct target *target, struct times *times)
{
	double start = now();

	probes_detach(probes);
	/* A tool that looks at what came of it; upshift completes detaches here at the latest. */
	probes_tally(probes);
	times->detach = now() - start;
	hit_all(probes, target);
	probes_expect(probes, "after the detach", 1);
}

static void __attribute__((noreturn)) run_tool(char **argv, struct target *target, struct times *times)
{
	struct probes probes;

	probes_load(&probes, argv[1], target, number(argv[2]), false);
	attach_and_hit(&probes, target, times);
	raise(SIGSTOP);
	if (!strcmp(argv[3], "destroy"))
		detach_and_hit(&probes, target, times);
	times->exit_began = now();
	exit(0);
}

static void wait_for(pid_t tool, int *status)
{
	if (waitpid(tool, status, WUNTRACED) != tool)
		die("cannot wait for the tool");
	if (WIFSTOPPED(*status))
		return;
	if (!WIFEXITED(*status) || WEXITSTATUS(*status))
		die("the tool failed");
}

static struct times *shared_times(void)
{
	void *page =
		mmap(NULL, sizeof(struct times), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		die("no shared memory");
	return page;
}

static void print_holds(const struct holds *holds)
{
	printf("fds %d\nlinks %d\nmulti_links %d\npeak_kib %ld\n", holds->fds, holds->links,
	       holds->multi_links, holds->peak_kib);
}

static void print_times(const struct times *times, bool destroyed, double exited)
{
	printf("attach_s %.9f\nfirst_event_s %.9f\n", times->attach, times->first_event);
	if (destroyed)
		printf("detach_s %.9f\ntotal_s %.9f\n", times->detach, times->attach + times->detach);
	else
		printf("exit_s %.9f\n", exited - times->exit_began);
}

static void go_on(pid_t tool, const struct times *times, bool destroys)
{
	int status;

	kill(tool, SIGCONT);
	wait_for(tool, &status);
	print_times(times, destroys, now());
}

/* The kernel may go on with its links after the tool. */
static void kill_it(pid_t tool, struct target *target, int count)
{
	double start = now();

	kill(tool, SIGKILL);
	if (waitpid(tool, NULL, 0) != tool)
		die("cannot wait for the tool");
	printf("reaped_s %.9f\n", now() - start);
	text_await_clean(target, count);
	printf("gone_s %.9f\n", now() - start);
}

int main(int argc, char **argv)
{
	struct times *times = shared_times();
	struct target target;
	struct holds holds;
	int status;
	pid_t tool;

	if (argc != 4 || (strcmp(argv[3], "destroy") && strcmp(argv[3], "exit") && strcmp(argv[3], "kill")))
		die("usage: bench-attach WAY COUNT destroy|exit|kill");
	target_start(&target);
	tool = fork();
	if (!tool)
		run_tool(argv, &target, times);
	wait_for(tool, &status);
	if (!WIFSTOPPED(status))
		die("the tool ended early");
	holds = look_at(tool);
	if (!strcmp(argv[3], "kill"))
		kill_it(tool, &target, number(argv[2]));
	else
		go_on(tool, times, !strcmp(argv[3], "destroy"));
	print_holds(&holds);
	target_stop(&target);
	return 0;
}
