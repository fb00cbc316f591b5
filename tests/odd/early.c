// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A library that calls what upshift interposes in its constructor and its destructor, and so, preloaded
 * behind upshift, before upshift's constructor and after its destructor. Says nothing if all is as the kernel
 * has it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CLOSED_FD = 1000 };

static void expect(const char *what, long result, int error)
{
	if ((error || result < 0) && !(result == -1 && errno == error))
		dprintf(2, "%s: %ld, errno %d instead of %d\n", what, result, errno, error);
}

static void files(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC), copy;

	expect("dup", copy = dup(fd), 0);
	expect("write", write(copy, "", 1), 0);
	expect("fcntl", fcntl(copy, F_GETFD), 0);
	expect("dup3", dup3(fd, copy, O_CLOEXEC), 0);
	expect("ioctl", ioctl(copy, FIONREAD, NULL), ENOTTY);
	expect("close", close(copy), 0);
	expect("close", syscall(SYS_close, fd), 0);
	expect("close", close(CLOSED_FD), EBADF);
	expect("close", syscall(SYS_close, CLOSED_FD), EBADF);
	expect("ioctl", ioctl(CLOSED_FD, FIONREAD, NULL), EBADF);
	expect("kill", kill(getpid(), 0), 0);
}

static void children(void)
{
	pid_t child = fork();

	if (!child)
		_exit(0);
	expect("wait", waitpid(child, NULL, 0), 0);
	child = vfork();
	if (!child)
		_exit(0);
	expect("wait", waitpid(child, NULL, 0), 0);
}

static long load(void)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_KPROBE,
				.insns = (uintptr_t)insns,
				.insn_cnt = 2,
				.license = (uintptr_t) "GPL" };

	return syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

/* On a function of this file that nobody calls. */
__attribute__((noinline, used)) static void traced(void)
{
	__asm__ volatile("nop");
}

static long open_uprobe(void)
{
	char text[16] = {};
	Dl_info own;
	int fd = open("/sys/bus/event_source/devices/uprobe/type", O_RDONLY | O_CLOEXEC);
	struct perf_event_attr attr = {
		.size = sizeof(attr),
	};

	dladdr((void *)traced, &own);
	attr.uprobe_path = (uintptr_t)own.dli_fname;
	attr.probe_offset = (uintptr_t)traced - (uintptr_t)own.dli_fbase;
	expect("read", read(fd, text, sizeof(text) - 1), 0);
	close(fd);
	attr.type = (uint32_t)atoi(text);
	return syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
}

/* The first BPF calls of the process, and its last. */
static void bpf(void)
{
	union bpf_attr attr = {};
	long prog, event;

	expect("bad command", syscall(SYS_bpf, 10000, &attr, sizeof(attr)), EINVAL);
	expect("load", prog = load(), 0);
	expect("perf_event_open", event = open_uprobe(), 0);
	expect("set", ioctl((int)event, PERF_EVENT_IOC_SET_BPF, prog), 0);
	expect("set again", ioctl((int)event, PERF_EVENT_IOC_SET_BPF, prog), EEXIST);
	expect("close", close((int)event), 0);
	expect("close", close((int)event), EBADF);
	expect("close", close((int)prog), 0);
}

static void all(void)
{
	const int before = errno;

	files();
	children();
	if (getenv("EARLY_BPF"))
		bpf();
	errno = before;
}

__attribute__((constructor)) static void early(void)
{
	all();
}

__attribute__((destructor)) static void late(void)
{
	all();
}
