// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "callee.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "callee_shared.h"
#include "places.h"
#include "scenario.h"

TRACED_PLACES(own_places);

struct callee callee;

static pthread_t thread;
static const char *my_places = own_places;

static void call_places(const char *places, int first, int nr)
{
	long (*place)(long);

	for (; nr--; first++) {
		place = (long (*)(long))(places + (ptrdiff_t)first * PLACE_SIZE);
		place(1);
	}
}

const char *callee_path(void)
{
	static char path[PATH_MAX];

	strcpy(path, own_path());
	strcpy(strrchr(path, '/'), "/libplaces.so");
	return path;
}

const char *open_places(void **library)
{
	const char *places;

	*library = dlopen(callee_path(), RTLD_NOW | RTLD_LOCAL);
	places = *library ? dlsym(*library, "library_places") : NULL;
	if (!places)
		die("%s", dlerror());
	return places;
}

/* ---- in the callee ------------------------------------------------------------------------------- */

static void *work(void *arg)
{
	struct callee_shared *shared = callee.shared;
	void *library;

	shared->places = open_places(&library);
	shared->offset = file_offset(shared->places);
	shared_wake(&shared->done);
	while (callee.go->wait() && !shared->stop) {
		call_places(shared->places, shared->first, shared->nr);
		shared_wake(&shared->done);
	}
	return arg;
}

static void open_streams(void)
{
	callee.in = fdopen(callee.fds[0], "r");
	callee.out = fdopen(callee.fds[1], "w");
	if (!callee.in || !callee.out)
		die("fdopen");
}

static void map_shared(void)
{
	callee.shared =
		mmap(NULL, sizeof(*callee.shared), PROT_READ | PROT_WRITE, MAP_SHARED, callee.memory, 0);
	if (callee.shared == MAP_FAILED)
		die("mmap");
}

/* The numbers of its file descriptors, and the means. */
void callee_job(const char *argument)
{
	int number;

	if (sscanf(argument, "%d %d %d %d %d", &callee.memory, &callee.event, &callee.fds[0], &callee.fds[1],
		   &number) != 5)
		exit(2);
	callee.go = &ways_to_go[number];
	map_shared();
	open_streams();
	work(NULL);
}

static void keep_at_exec(int fd)
{
	fcntl(fd, F_SETFD, 0);
}

static void become_stranger(void)
{
	char argument[64];

	keep_at_exec(callee.memory);
	keep_at_exec(callee.event);
	keep_at_exec(callee.fds[0]);
	keep_at_exec(callee.fds[1]);
	snprintf(argument, sizeof(argument), "%d %d %d %d %d", callee.memory, callee.event, callee.fds[0],
		 callee.fds[1], (int)(callee.go - ways_to_go));
	unsetenv("LD_PRELOAD");
	execl(own_path(), own_path(), "@callee", argument, NULL);
	_exit(127);
}

static void be_process(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (callee.who == STRANGER)
		become_stranger();
	work(NULL);
	_exit(0);
}

/* ---- starting and ending it ---------------------------------------------------------------------- */

static void block_usr1(void)
{
	sigset_t usr1;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &usr1, NULL);
}

static void open_all(void)
{
	callee.memory = memfd_create("callee", MFD_CLOEXEC);
	callee.event = eventfd(0, EFD_CLOEXEC);
	if (callee.memory < 0 || callee.event < 0 || pipe2(callee.fds, O_CLOEXEC) ||
	    ftruncate(callee.memory, sizeof(*callee.shared)))
		die("no files for the callee");
	map_shared();
	open_streams();
	sem_init(&callee.shared->semaphore, 1, 0);
}

void callee_start(enum who who, const struct go *go)
{
	callee = (struct callee){ .who = who, .go = go, .pid = getpid() };
	if (who == MYSELF)
		return;
	block_usr1();
	open_all();
	if (who == THREAD) {
		if (pthread_create(&thread, NULL, work, NULL))
			die("cannot start a thread");
	} else {
		callee.pid = fork();
		if (!callee.pid)
			be_process();
	}
	shared_wait(&callee.shared->done, 0);
}

void callee_stop(void)
{
	if (callee.who == MYSELF)
		return;
	callee.shared->stop = true;
	callee_ready();
	callee.go->tell();
	if (callee.who == THREAD)
		pthread_join(thread, NULL);
	else
		waitpid(callee.pid, NULL, 0);
	fclose(callee.in);
	fclose(callee.out);
	close(callee.event);
	close(callee.memory);
	munmap(callee.shared, sizeof(*callee.shared));
}

/* ---- what it does -------------------------------------------------------------------------------- */

void callee_use(const char *places)
{
	my_places = places;
}

size_t callee_offset(void)
{
	return callee.who == MYSELF ? file_offset(my_places) : callee.shared->offset;
}

pid_t callee_pid(void)
{
	return callee.pid;
}

void callee_ready(void)
{
	if (callee.who != MYSELF && callee.go->ready)
		callee.go->ready();
}

void callee_call(int first, int nr)
{
	int done;

	if (callee.who == MYSELF) {
		call_places(my_places, first, nr);
		return;
	}
	done = atomic_load(&callee.shared->done);
	callee.shared->first = first;
	callee.shared->nr = nr;
	callee.go->tell();
	shared_wait(&callee.shared->done, done);
}

unsigned char callee_text(int place)
{
	const char *at =
		(callee.who == MYSELF ? my_places : callee.shared->places) + (ptrdiff_t)place * PLACE_SIZE;
	unsigned char byte = 0;
	struct iovec here = { &byte, 1 }, there = { (void *)at, 1 };

	if (process_vm_readv(callee.pid, &here, 1, &there, 1, 0) != 1)
		die("process_vm_readv");
	return byte;
}

size_t file_offset(const char *address)
{
	unsigned long start, end, offset;
	FILE *maps = fopen("/proc/self/maps", "re");
	size_t found = 0;
	char line[512];

	while (maps && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %*s %lx", &start, &end, &offset) == 3 &&
		    (unsigned long)address >= start && (unsigned long)address < end)
			found = (unsigned long)address - start + offset;
	if (!found)
		die("not in any file");
	fclose(maps);
	return found;
}

/* ---- busy loops ---------------------------------------------------------------------------------- */

#define MAX_HOGS 64

static pid_t hogs[MAX_HOGS];
static int nr_hogs;

void hogs_start(void)
{
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	for (nr_hogs = 0; nr_hogs < cpus && nr_hogs < MAX_HOGS; nr_hogs++) {
		hogs[nr_hogs] = fork();
		if (hogs[nr_hogs])
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			__asm__ volatile("");
	}
}

void hogs_stop(void)
{
	while (nr_hogs--) {
		kill(hogs[nr_hogs], SIGKILL);
		waitpid(hogs[nr_hogs], NULL, 0);
	}
}
