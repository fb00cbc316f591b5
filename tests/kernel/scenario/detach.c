// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Many links that are detached at once, and what may not be seen of them afterwards. */
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "busy.h"
#include "functions.h"
#include "scenario.h"
#include "tally.skel.h"
#include "usdt.skel.h"

#define MANY 20

static const char *const functions[] = { "f0", "f1", "f2", "f3" };

static void attach_many(struct rig *rig, struct bpf_link **links, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		links[i] = attach_function(rig->skel->progs.entry, functions[i % 4], .bpf_cookie = i);
}

static void destroy_many(struct bpf_link **links, int nr)
{
	while (nr--)
		bpf_link__destroy(links[nr]);
}

static void call_all(struct rig *rig)
{
	int i;

	for (i = 0; i < 4; i++)
		target_call(rig->target, functions[i], 1);
}

/* Counts, and the map read right after the last link's end. */
static void many(void)
{
	struct bpf_link *links[MANY];
	struct rig rig = rig_up();

	attach_many(&rig, links, MANY);
	call_all(&rig);
	say_links();
	destroy_many(links, MANY);
	rig_say_hits(&rig);
	call_all(&rig);
	rig_down(&rig);
}

/* ---- what comes too late ------------------------------------------------------------------------- */

struct late {
	struct rig rig;
	struct busy *busy;
	struct bpf_link *links[2], *other;
	volatile int child_holds;
};

static cpu_set_t all_cpus;

/*
 * From here on, threads and processes that are made do not run before this one waits for something: what it
 * does not wait for is still to be done. Where that may not be asked for, it depends on chance.
 */
static void hold_back(void)
{
	const struct sched_param lowest = { .sched_priority = 1 };
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_getaffinity(0, sizeof(all_cpus), &all_cpus);
	sched_setaffinity(0, sizeof(one), &one);
	sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &lowest);
}

static void let_go(void)
{
	const struct sched_param none = { 0 };

	sched_setscheduler(0, SCHED_OTHER, &none);
	sched_setaffinity(0, sizeof(all_cpus), &all_cpus);
}

static __u64 counted(int map, bool with_one)
{
	struct hit_key key, *previous = NULL;
	struct hit_value value;
	__u64 count = 0;

	for (; !bpf_map_get_next_key(map, previous, &key); previous = &key)
		if (!bpf_map_lookup_elem(map, &key, &value))
			count += with_one ? value.sum : value.count;
	return count;
}

static void late_up(struct late *late)
{
	*late = (struct late){ .rig = rig_up() };
	late->busy = busy_process();
}

static void attach_busy(struct late *late)
{
	int i;

	busy_early(late->busy);
	for (i = 0; i < 2; i++)
		late->links[i] = attach(late->rig.skel->progs.entry, -1, library_path(), 0,
					.func_name = "lib_f0", .bpf_cookie = i);
	while (!counted(late->rig.hits, false))
		sched_yield();
}

static void say_late(struct late *late, const char *what)
{
	busy_late(late->busy);
	let_go();
	say("after %s: %llu", what, counted(late->rig.hits, true));
	hits_clear(late->rig.hits);
}

static void late_down(struct late *late)
{
	busy_stop(late->busy);
	rig_down(&late->rig);
}

struct way {
	const char *what;
	void (*go)(struct late *late);
};

static void run_ways(const struct way *ways)
{
	struct late late;
	int held;

	late_up(&late);
	for (; ways->what; ways++) {
		attach_busy(&late);
		late.child_holds = 0;
		hold_back();
		destroy_many(late.links, 2);
		ways->go(&late);
		held = link_fds();
		say("holds %d, child %d", held, late.child_holds);
		say_late(&late, ways->what);
	}
	late_down(&late);
}

static void reads_map(struct late *late)
{
	counted(late->rig.hits, true);
}

static void attaches(struct late *late)
{
	late->other = attach(late->rig.skel->progs.second, -1, library_path(), 0, .func_name = "lib_f1");
}

static void destroys_other(struct late *late)
{
	destroy(late->other);
}

static void before_calls(void)
{
	static const struct way ways[] = {
		{ "a map is read", reads_map },
		{ "an attach", attaches },
		{ "another destroy", destroys_other },
		{},
	};

	run_ways(ways);
}

/* ---- children ------------------------------------------------------------------------------------ */

static void ask_child(struct late *late, pid_t child)
{
	int status;

	if (!child)
		_exit(link_fds());
	waitpid(child, &status, 0);
	late->child_holds = WEXITSTATUS(status);
}

static void forks(struct late *late)
{
	ask_child(late, fork());
}

static void clones(struct late *late)
{
	ask_child(late, syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
}

static void vforks(struct late *late)
{
	pid_t child = vfork();

	if (!child) {
		/* The memory is the parent's. */
		late->child_holds = link_fds();
		execl("/bin/true", "true", NULL);
		_exit(127);
	}
	waitpid(child, NULL, 0);
}

static char *const no_arguments[] = { "true", NULL };

static void spawns(struct late *late)
{
	extern char **environ;
	pid_t child;

	(void)late;
	if (posix_spawn(&child, "/bin/true", NULL, NULL, no_arguments, environ))
		die("posix_spawn");
	waitpid(child, NULL, 0);
}

static void spawns_by_name(struct late *late)
{
	extern char **environ;
	pid_t child;

	(void)late;
	if (posix_spawnp(&child, "true", NULL, NULL, no_arguments, environ))
		die("posix_spawnp");
	waitpid(child, NULL, 0);
}

static void systems(struct late *late)
{
	(void)late;
	if (system("true"))
		die("system");
}

static void popens(struct late *late)
{
	(void)late;
	pclose(popen("true", "r"));
}

static void before_children(void)
{
	static const struct way ways[] = {
		{ "fork", forks },
		{ "clone", clones },
		{ "vfork", vforks },
		{ "posix_spawn", spawns },
		{ "posix_spawnp", spawns_by_name },
		{ "system", systems },
		{ "popen", popens },
		{},
	};

	run_ways(ways);
}

/* A child that lives on has none of the links, and keeps none of them. */
static void child_holds_none(void)
{
	struct bpf_link *links[8];
	struct rig rig = rig_up();
	int to[2], from[2];
	pid_t child;
	char byte;

	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		die("pipe2");
	attach_many(&rig, links, 8);
	call_all(&rig);
	say_links();
	destroy_many(links, 8);
	child = fork();
	if (!child) {
		close(to[1]);
		say("child holds %d", link_fds());
		close(from[1]);
		_exit(read(to[0], &byte, 1) ? 1 : 0);
	}
	close(to[0]);
	close(from[1]);
	if (read(from[0], &byte, 1))
		die("the child talks");
	say("parent holds %d", link_fds());
	call_all(&rig);
	close(to[1]);
	close(from[0]);
	waitpid(child, NULL, 0);
	rig_down(&rig);
}

/* ---- whole objects ------------------------------------------------------------------------------- */

/* From here to the end nothing is asked of the kernel. */
static void after_detach(void)
{
	struct late late;

	late_up(&late);
	attach_busy(&late);
	late.rig.skel->links.entry = late.links[0];
	late.rig.skel->links.second = late.links[1];
	hold_back();
	count_bpf__detach(late.rig.skel);
	say_late(&late, "detach");
	attach_busy(&late);
	late.rig.skel->links.entry = late.links[0];
	late.rig.hits = dup(late.rig.hits);
	hold_back();
	bpf_link__destroy(late.links[1]);
	count_bpf__destroy(late.rig.skel);
	late.rig.skel = NULL;
	say_late(&late, "destroy");
	say_hits(late.rig.hits);
	close(late.rig.hits);
	busy_stop(late.busy);
	target_stop(late.rig.target);
}

/* One link, of as many perf events as the probe has places. */
static void after_usdt(void)
{
	LIBBPF_OPTS(bpf_usdt_opts, opts, .usdt_cookie = 1);
	struct usdt_bpf *skel = usdt_bpf__open_and_load();
	struct busy *busy = busy_process();
	struct bpf_link *link;
	int hits, i;

	if (!skel)
		die("cannot load");
	hits = bpf_map__fd(skel->maps.hits);
	for (i = 0; i < 3; i++) {
		busy_early(busy);
		link = bpf_program__attach_usdt(skel->progs.usdt_bare, -1, library_path(), "upshift", "many",
						&opts);
		if (!link)
			die("cannot attach");
		while (!counted(hits, false))
			sched_yield();
		hold_back();
		bpf_link__destroy(link);
		busy_late(busy);
		let_go();
		say("after the link: %llu", counted(hits, true));
		hits_clear(hits);
	}
	busy_stop(busy);
	usdt_bpf__destroy(skel);
}

/* ---- tools that trace themselves ----------------------------------------------------------------- */

TRACED_FUNCTION(detach_self, 600)

static void count_myself(struct tally_bpf *skel, pid_t pid, const char *path, const char *function)
{
	struct busy *busy = busy_thread();
	struct bpf_link *link;
	int i;

	for (i = 0; i < 4; i++) {
		busy_early(busy);
		skel->bss->count = skel->bss->sum = 0;
		link = attach(skel->progs.tally, pid, path, 0, .func_name = function);
		detach_self(0);
		while (!*(volatile __u64 *)&skel->bss->count)
			sched_yield();
		hold_back();
		bpf_link__destroy(link);
		detach_self(1);
		busy_late(busy);
		let_go();
		say("%s: %llu", function, *(volatile __u64 *)&skel->bss->sum);
	}
	busy_stop(busy);
}

/* Without any call between the end of the link and the calls that are not to be counted. */
static void itself(void)
{
	struct tally_bpf *skel = tally_bpf__open_and_load();

	if (!skel)
		die("cannot load");
	count_myself(skel, 0, library_path(), "lib_f0");
	count_myself(skel, getpid(), library_path(), "lib_f0");
	count_myself(skel, -1, own_path(), "detach_self");
	tally_bpf__destroy(skel);
}

/* ---- threads and signals ------------------------------------------------------------------------- */

#define NR_THREADS 4
#define NR_TURNS   3

static struct rig shared_rig;
static pthread_mutex_t target_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t barrier;

static void call_locked(int number, int times)
{
	pthread_mutex_lock(&target_lock);
	target_call(shared_rig.target, functions[number], times);
	pthread_mutex_unlock(&target_lock);
}

/* Each thread counts on its own function, and sees nothing of its last link when it has the next one. */
static void *take_turns(void *arg)
{
	const int number = (int)(intptr_t)arg;
	struct bpf_link *link;
	int turn;

	pthread_barrier_wait(&barrier);
	for (turn = 0; turn < NR_TURNS; turn++) {
		link = attach_function(shared_rig.skel->progs.entry, functions[number],
				       .bpf_cookie = 10 * number + turn);
		call_locked(number, turn + 1);
		destroy(link);
		call_locked(number, 5);
	}
	return NULL;
}

static void in_threads(void)
{
	pthread_t threads[NR_THREADS];
	int i;

	shared_rig = rig_up();
	pthread_barrier_init(&barrier, NULL, NR_THREADS);
	for (i = 0; i < NR_THREADS; i++)
		if (pthread_create(&threads[i], NULL, take_turns, (void *)(intptr_t)i))
			die("cannot start a thread");
	for (i = 0; i < NR_THREADS; i++)
		pthread_join(threads[i], NULL);
	say_links();
	rig_down(&shared_rig);
}

/* A thread whose stack is gone as soon as it has ended. */
static void *destroy_one(void *link)
{
	bpf_link__destroy(link);
	return NULL;
}

static void by_ending_thread(void)
{
	const size_t size = 256 * 1024;
	struct bpf_link *links[4];
	struct rig rig = rig_up();
	pthread_attr_t attr;
	pthread_t thread;
	void *stack;
	int i;

	attach_many(&rig, links, 4);
	call_all(&rig);
	say_links();
	for (i = 0; i < 4; i++) {
		stack = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		pthread_attr_init(&attr);
		pthread_attr_setstack(&attr, stack, size);
		if (pthread_create(&thread, &attr, destroy_one, links[i]) || pthread_join(thread, NULL))
			die("cannot start a thread");
		munmap(stack, size);
	}
	settle();
	call_all(&rig);
	rig_down(&rig);
}

static long status_number(const char *name)
{
	FILE *status = fopen("/proc/self/status", "re");
	char line[128];
	long number = -1;

	while (status && fgets(line, sizeof(line), status))
		if (!strncmp(line, name, strlen(name)))
			number = strtol(line + strlen(name), NULL, 10);
	fclose(status);
	return number;
}

/* Until this one is the only one. */
static void await_threads(void)
{
	while (status_number("Threads:") != 1)
		sched_yield();
}

static volatile int handled, by_strangers;
static int fds_for_handler[4];

static void close_all(int signal)
{
	int i;

	(void)signal;
	handled++;
	by_strangers += gettid() != getpid();
	for (i = 0; i < 4; i++)
		close(fds_for_handler[i]);
}

/* While links are being detached, of which nobody but the tool's own thread gets to know. */
static void in_handler(void)
{
	struct bpf_link *links[8];
	struct rig rig = rig_up();
	sigset_t usr1;
	int i;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	signal(SIGUSR1, close_all);
	attach_many(&rig, links, 8);
	call_all(&rig);
	say_links();
	for (i = 0; i < 4; i++)
		fds_for_handler[i] = dup(bpf_link__fd(links[i]));
	destroy_many(links, 8);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	kill(getpid(), SIGUSR1);
	await_threads();
	say("while blocked: %d", handled);
	sigprocmask(SIG_UNBLOCK, &usr1, NULL);
	say("handled %d, by others %d", handled, by_strangers);
	settle();
	rig_say_hits(&rig);
	call_all(&rig);
	rig_down(&rig);
}

/* ---- what it takes ------------------------------------------------------------------------------- */

static void some_rounds(struct rig *rig, int rounds)
{
	struct bpf_link *links[6];

	while (rounds--) {
		attach_many(rig, links, 6);
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

	attach_many(&rig, links, 4);
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

const struct scenario detach_scenarios[] = {
	{ "detach-many", many },
	{ "detach-before-calls", before_calls },
	{ "detach-before-children", before_children },
	{ "detach-before-fork", child_holds_none },
	{ "detach-object", after_detach },
	{ "detach-usdt", after_usdt },
	{ "detach-itself", itself },
	{ "detach-threads", in_threads },
	{ "detach-by-ending-thread", by_ending_thread },
	{ "detach-in-handler", in_handler },
	{ "detach-leaves-nothing", leaves_nothing },
	{ "detach-then-setns", joins_namespace },
	{ "detach-limited", limited },
	{ "detach-more-limited", more_limited },
	{},
};
