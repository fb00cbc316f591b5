// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "keeper_rig.h"

/* From newer headers than Debian 12 has. */
#define LINK_TYPE_UPROBE_MULTI 12
#define AT_ONCE                3 /* seconds: what a tool with many links may need to die, on a slow machine */
#define SOON                   20 /* the same for the kernel's workers, and for few links one by one */

static void nap(void)
{
	const struct timespec moment = { .tv_nsec = 5000000 };

	nanosleep(&moment, NULL);
}

/* ---- what there is before ------------------------------------------------------------------------ */

static void read_text(struct watch *watch, int function, unsigned char *text)
{
	const unsigned long address = who_address(target_pid(watch->rig.target), target_functions[function]);
	char path[32];
	int memory;

	snprintf(path, sizeof(path), "/proc/%d/mem", target_pid(watch->rig.target));
	memory = open(path, O_RDONLY | O_CLOEXEC);
	if (memory < 0 || pread(memory, text, TEXT, (off_t)address) != TEXT)
		die("cannot read the target's text");
	close(memory);
}

static bool is_upgraded(struct watch *watch)
{
	char buffer[512] __attribute__((aligned(8))) = {};
	struct bpf_link_info *info = (void *)buffer;
	struct bpf_link *link = attach_function(watch->rig.skel->progs.entry, "f0",
						.ref_ctr_offset = target_offset(watch->rig.target, "own"));
	__u32 size = sizeof(buffer);

	if (bpf_obj_get_info_by_fd(bpf_link__fd(link), info, &size))
		die("what link is it?");
	destroy(link);
	return info->type == LINK_TYPE_UPROBE_MULTI;
}

static bool keeps(void)
{
	const char *keep = getenv("UPSHIFT_KEEP");

	return !keep || strcmp(keep, "off") != 0;
}

void watch_up(struct watch *watch)
{
	*watch = (struct watch){ .rig = rig_up() };
	watch->seen =
		mmap(NULL, sizeof(*watch->seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	watch->kernel_log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (watch->seen == MAP_FAILED)
		die("no memory");
	if (watch->kernel_log >= 0)
		lseek(watch->kernel_log, 0, SEEK_END);
	watch->upgraded = is_upgraded(watch);
	watch->nr = watch->upgraded && keeps() ? MANY_LINKS : FEW_LINKS;
	for (int i = 0; i < NR_TARGET_FUNCTIONS; i++)
		read_text(watch, i, watch->text[i]);
}

void watch_down(struct watch *watch)
{
	munmap(watch->seen, sizeof(*watch->seen));
	if (watch->kernel_log >= 0)
		close(watch->kernel_log);
	rig_down(&watch->rig);
}

/* ---- the tool ------------------------------------------------------------------------------------ */

__u32 id_of(int link_fd)
{
	char buffer[512] __attribute__((aligned(8))) = {};
	struct bpf_link_info *info = (void *)buffer;
	__u32 size = sizeof(buffer);

	return bpf_obj_get_info_by_fd(link_fd, info, &size) ? 0 : info->id;
}

void tool_attach(struct watch *watch, int nr)
{
	const size_t semaphore = target_offset(watch->rig.target, "own");
	struct seen *seen = watch->seen;

	for (int i = 0; i < nr; i++) {
		watch->links[i] = attach_function(watch->rig.skel->progs.entry,
						  target_functions[i % NR_TARGET_FUNCTIONS], .bpf_cookie = i,
						  .ref_ctr_offset = semaphore);
		seen->ids[seen->nr] = id_of(bpf_link__fd(watch->links[i]));
		seen->nr++;
	}
}

void tool_attach_some(struct watch *watch)
{
	tool_attach(watch, watch->nr);
}

void tool_ready(struct watch *watch)
{
	atomic_store(&watch->seen->ready, true);
}

void wait_to_be_killed(void)
{
	for (;;)
		pause();
}

void say_keeper(void)
{
	say("link keeper=%s", keeper_fd() < 0 ? "no" : "yes");
}

static bool has_ended(pid_t tool)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)tool, &info, WEXITED | WNOHANG | WNOWAIT) || info.si_pid;
}

pid_t tool_start(struct watch *watch, void (*tool)(struct watch *watch))
{
	pid_t pid;

	atomic_store(&watch->seen->ready, false);
	atomic_store(&watch->seen->nr, 0);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		tool(watch);
		exit(0);
	}
	while (!atomic_load(&watch->seen->ready) && !has_ended(pid))
		nap();
	return pid;
}

/* ---- what is left -------------------------------------------------------------------------------- */

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool link_is_there(__u32 id)
{
	int fd = id ? bpf_link_get_fd_by_id(id) : -1;

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

bool link_goes(__u32 id)
{
	const double end = now() + SOON;

	while (link_is_there(id) && now() < end)
		nap();
	return !link_is_there(id);
}

static bool text_is_changed(struct watch *watch, int function)
{
	unsigned char text[TEXT];

	read_text(watch, function, text);
	return memcmp(text, watch->text[function], TEXT) != 0;
}

bool breakpoint_goes(struct watch *watch, int function)
{
	const double end = now() + SOON;

	while (text_is_changed(watch, function) && now() < end)
		nap();
	return !text_is_changed(watch, function);
}

static const char *still_there(struct watch *watch)
{
	for (int i = 0; i < watch->seen->nr; i++)
		if (link_is_there(watch->seen->ids[i]))
			return "a link";
	for (int i = 0; i < NR_TARGET_FUNCTIONS; i++)
		if (text_is_changed(watch, i))
			return "a breakpoint";
	return target_semaphore(watch->rig.target, "own") ? "a semaphore" : NULL;
}

bool kernel_complains(struct watch *watch)
{
	bool complains = false;
	char line[1024];
	ssize_t len;

	/* EPIPE: some lines came and went meanwhile. */
	while ((len = read(watch->kernel_log, line, sizeof(line) - 1)) > 0 || (len < 0 && errno == EPIPE)) {
		line[len > 0 ? len : 0] = '\0';
		complains = complains || strstr(line, "leaking uprobe");
	}
	return complains;
}

const char *left_behind(struct watch *watch)
{
	const double end = now() + SOON;
	const char *left;

	while ((left = still_there(watch)) && now() < end)
		nap();
	return kernel_complains(watch) ? "a complaint of the kernel's" : left ? left : "nothing";
}

static const char *how_it_ended(int status)
{
	static char text[64];

	if (WIFEXITED(status))
		snprintf(text, sizeof(text), "exits %d", WEXITSTATUS(status));
	else
		snprintf(text, sizeof(text), "dies of SIG%s", sigabbrev_np(WTERMSIG(status)));
	return text;
}

void tool_end(struct watch *watch, pid_t tool, int signal, const char *what)
{
	const double start = now();
	bool late;
	int status;

	if (signal)
		kill(tool, signal);
	if (waitpid(tool, &status, 0) != tool)
		die("no tool");
	late = watch->nr == MANY_LINKS && now() - start > AT_ONCE;
	say("%s: %s%s, left: %s", what, how_it_ended(status), late ? " late" : "", left_behind(watch));
}

/* ---- system calls that nobody sees --------------------------------------------------------------- */

long bare_call(long number, long a, long b, long c, long d, long e, long f)
{
#if defined(__x86_64__)
	register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b,
			 x2 __asm__("x2") = c, x3 __asm__("x3") = d, x4 __asm__("x4") = e,
			 x5 __asm__("x5") = f;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
#else
#error "write bare_call for this machine"
#endif
}

int bare_close(int fd)
{
	return (int)bare_call(SYS_close, fd, 0, 0, 0, 0, 0);
}
