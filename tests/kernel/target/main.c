// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The traced process. It does what its standard input says, a line at a time, and answers each line with one
 * line, so that whoever drives it knows when a call has happened:
 *
 *   call NAME N    call a function N times, with the arguments 1 to N
 *   tcall NAME N   the same in a second thread
 *   fork NAME N    the same in a child; answers the child's pid, after its end
 *   unwind NAME N  a child unwinds its stack through f_unwound (whatever NAME), N calls; answers how it ends
 *   tid            the second thread's id
 *   addresses      NAME=ADDRESS of everything there is
 *   semaphore NAME its value
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "functions.h"
#include "unwound.h"

TRACED_FUNCTION(f0, 100)
TRACED_FUNCTION(f1, 200)
TRACED_FUNCTION(f2, 300)
TRACED_FUNCTION(f3, 400)
TRACED_FUNCTION(many_a1, 11)
TRACED_FUNCTION(many_a2, 12)
TRACED_FUNCTION(many_b1, 21)
TRACED_FUNCTION(many_b2, 22)

/* Four bytes in is an instruction on every machine; what a compiler begins a function with is its own choice.
 */
long f_steps(long arg);
#if defined(__x86_64__)
#define STEPS "nop; nop; nop; nop; leaq 500(%rdi), %rax; ret"
#define TRAP  "int3"
#elif defined(__aarch64__)
#define STEPS "nop; add x0, x0, #500; ret"
#define TRAP  "brk #5"
#else
#error "write f_steps for this machine"
#endif
__asm__(".pushsection .text; .globl f_steps; .type f_steps, %function; f_steps: " STEPS
	"; .size f_steps, . - f_steps; .popsection");

/* What the kernel refuses to trace, as it uses it itself. Nobody calls it. */
long breakpoint(long arg);
__asm__(".pushsection .text; .globl breakpoint; .type breakpoint, %function; breakpoint: " TRAP
	"; .size breakpoint, . - breakpoint; .popsection");

/* Gets a text; the sum of its bytes is known: 'a' + 'b' + 'c'. */
TRACED long f_text(const char *text);
long f_text(const char *text)
{
	__asm__ volatile("" : "+r"(text) : : "memory");
	return (long)strlen(text);
}

static long call_f_text(long arg)
{
	(void)arg;
	return f_text("abc");
}

/* Semaphores as USDT probes have them, for uprobes that name them by themselves. In a section of the file. */
#define SEMAPHORE __attribute__((section(".probes")))
static unsigned short own_semaphore SEMAPHORE;
static unsigned short other_semaphore SEMAPHORE;

static const struct function {
	const char *name;
	long (*call)(long arg);
	void *address;
} functions[] = {
	{ "f0", f0, f0 },
	{ "f1", f1, f1 },
	{ "f2", f2, f2 },
	{ "f3", f3, f3 },
	{ "f_steps", f_steps, f_steps },
	{ "breakpoint", breakpoint, breakpoint },
	{ "f_text", call_f_text, f_text },
	{ "f_unwound", f_unwound, f_unwound },
	{ "many_a1", many_a1, many_a1 },
	{ "many_a2", many_a2, many_a2 },
	{ "many_b1", many_b1, many_b1 },
	{ "many_b2", many_b2, many_b2 },
	{ "lib_f0", lib_f0, lib_f0 },
	{ "lib_f1", lib_f1, lib_f1 },
	{ "lib_once", lib_once, lib_once },
	{ "lib_twice", lib_twice, lib_twice },
	{ "lib_usdt", lib_usdt, lib_usdt },
};

#define NR_FUNCTIONS (sizeof(functions) / sizeof(*functions))

static void call(const char *name, long times)
{
	size_t i;
	long n;

	for (i = 0; i < NR_FUNCTIONS; i++)
		if (!strcmp(functions[i].name, name))
			for (n = 1; n <= times; n++)
				functions[i].call(n);
}

/* The second thread's next piece of work. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pid_t tid;
	const char *name; /* NULL: nothing to do */
	long times;
} work = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static void *second_thread(void *arg)
{
	pthread_mutex_lock(&work.lock);
	work.tid = gettid();
	for (;;) {
		pthread_cond_broadcast(&work.changed);
		while (!work.name)
			pthread_cond_wait(&work.changed, &work.lock);
		call(work.name, work.times);
		work.name = NULL;
	}
	return arg;
}

static pid_t second_tid(void)
{
	pthread_t thread;

	pthread_mutex_lock(&work.lock);
	if (!work.tid) {
		if (pthread_create(&thread, NULL, second_thread, NULL))
			abort();
		while (!work.tid)
			pthread_cond_wait(&work.changed, &work.lock);
	}
	pthread_mutex_unlock(&work.lock);
	return work.tid;
}

static void call_in_thread(const char *name, long times)
{
	second_tid();
	pthread_mutex_lock(&work.lock);
	work.name = name;
	work.times = times;
	pthread_cond_broadcast(&work.changed);
	while (work.name)
		pthread_cond_wait(&work.changed, &work.lock);
	pthread_mutex_unlock(&work.lock);
}

static pid_t call_in_child(const char *name, long times)
{
	pid_t pid = fork();

	if (!pid) {
		call(name, times);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	return pid;
}

static unsigned short *semaphore(const char *name)
{
	if (!strcmp(name, "own"))
		return &own_semaphore;
	if (!strcmp(name, "other"))
		return &other_semaphore;
	return lib_semaphore(name);
}

static void answer_addresses(void)
{
	size_t i;

	for (i = 0; i < NR_FUNCTIONS; i++)
		printf("%s=%lx ", functions[i].name, (unsigned long)functions[i].address);
	printf("own=%lx other=%lx one=%lx many=%lx\n", (unsigned long)&own_semaphore,
	       (unsigned long)&other_semaphore, (unsigned long)semaphore("one"),
	       (unsigned long)semaphore("many"));
}

int main(void)
{
	char line[128], verb[16], name[32];
	long times;

	remember_text();
	while (fgets(line, sizeof(line), stdin)) {
		times = 1;
		if (sscanf(line, "%15s %31s %ld", verb, name, &times) < 1)
			continue;
		if (!strcmp(verb, "call")) {
			call(name, times);
			puts("ok");
		} else if (!strcmp(verb, "tcall")) {
			call_in_thread(name, times);
			puts("ok");
		} else if (!strcmp(verb, "fork")) {
			printf("%d\n", call_in_child(name, times));
		} else if (!strcmp(verb, "unwind")) {
			say_how_child_unwinds(times);
		} else if (!strcmp(verb, "tid")) {
			printf("%d\n", second_tid());
		} else if (!strcmp(verb, "addresses")) {
			answer_addresses();
		} else if (!strcmp(verb, "semaphore")) {
			printf("%u\n", *(volatile unsigned short *)semaphore(name));
		} else {
			return 1;
		}
		fflush(stdout);
	}
	return 0;
}
