// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * What a program may do with the libc functions that upshift interposes, and ways to end. Prints what it saw.
 *
 *   tool WAY
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define CLOSED_FD 1000

static void say(const char *what, long result)
{
	int error = errno;

	printf("%s %ld %s\n", what, result, result < 0 ? strerrorname_np(error) : "");
	fflush(stdout);
}

static void fds(void)
{
	int pipes[2], flags = -1;

	say("pipe", pipe(pipes));
	say("dup", dup(pipes[0]));
	say("dup2", dup2(pipes[0], 20));
	say("dup2 itself", dup2(20, 20));
	say("dup2 closed", dup2(CLOSED_FD, 21));
	say("dup3", dup3(pipes[0], 22, O_CLOEXEC));
	say("dup3 itself", dup3(22, 22, 0));
	say("fcntl dup", fcntl(pipes[0], F_DUPFD, 30));
	say("fcntl getfd", fcntl(22, F_GETFD));
	say("fcntl closed", fcntl(CLOSED_FD, F_GETFL));
	say("fcntl setfl", fcntl(pipes[0], F_SETFL, O_NONBLOCK));
	say("fcntl getfl", fcntl(pipes[0], F_GETFL));
	say("ioctl", ioctl(pipes[0], FIONREAD, &flags));
	say("flags", flags);
	say("ioctl tty", ioctl(pipes[0], TIOCGWINSZ, &flags));
	say("ioctl closed", ioctl(CLOSED_FD, FIONREAD, &flags));
	say("close", close(22));
	say("close again", close(22));
	say("close range", close_range(20, 40, 0));
	say("close range turned", close_range(40, 20, 0));
	say("close none", close(-1));
	closefrom(3);
	say("after closefrom", fcntl(pipes[1], F_GETFD));
}

static void calls(void)
{
	int pipes[2];
	char text[8] = {};

	say("getppid", syscall(SYS_getppid) == getppid());
	say("syscall pipe", syscall(SYS_pipe2, pipes, 0));
	say("syscall write", syscall(SYS_write, pipes[1], "abc", 3));
	say("syscall read", syscall(SYS_read, pipes[0], text, 3));
	say("syscall dup", syscall(SYS_dup, pipes[0]));
	say("syscall dup3", syscall(SYS_dup3, pipes[0], 20, 0));
	say("syscall fcntl", syscall(SYS_fcntl, pipes[0], F_DUPFD, 30));
	say("syscall close", syscall(SYS_close, 20));
	say("syscall close again", syscall(SYS_close, 20));
	say("syscall close range", syscall(SYS_close_range, 3, ~0U, 0));
	say("no such call", syscall(100000));
	say("six arguments", syscall(SYS_mmap, 0, 0, 0, 0, -1, 0));
}

static void triggers(void)
{
	struct iovec iov = { "de", 2 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	int sockets[2];
	char text[16] = {}, *volatile nowhere = (char *)8;

	signal(SIGPIPE, SIG_IGN);
	socketpair(AF_UNIX, SOCK_STREAM, 0, sockets);
	say("write", write(sockets[0], "a", 1));
	say("writev", writev(sockets[0], &iov, 1));
	say("send", send(sockets[0], "b", 1, 0));
	say("sendto", sendto(sockets[0], "c", 1, MSG_NOSIGNAL, NULL, 0));
	say("sendmsg", sendmsg(sockets[0], &message, 0));
	say("read", read(sockets[1], text, sizeof(text)));
	puts(text);
	close(sockets[1]);
	say("write to nobody", write(sockets[0], "a", 1));
	say("send to nobody", send(sockets[0], "a", 1, MSG_NOSIGNAL));
	say("write closed", write(CLOSED_FD, "a", 1));
	say("write nowhere", write(1, nowhere, 1));
	say("kill", kill(getpid(), 0));
	say("kill nobody", kill(0x7ffffff0, 0));
	say("kill wrong", kill(getpid(), 1000));
}

static int status_of(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return status;
}

extern char **environ;

static void children(void)
{
	char *const argv[] = { "sh", "-c", "echo from a child; exit 3", NULL };
	char line[64] = {};
	FILE *stream;
	int result;
	pid_t pid;

	pid = fork();
	if (!pid)
		_exit(4);
	say("fork", status_of(pid));
	pid = vfork();
	if (!pid)
		_exit(5);
	say("vfork", status_of(pid));
	pid = vfork();
	if (!pid) {
		execv("/bin/sh", argv);
		_exit(127);
	}
	say("vfork and exec", status_of(pid));
	pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (!pid)
		_exit(6);
	say("clone", status_of(pid));
	result = posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ);
	say("spawned", status_of(pid));
	say("spawn", result);
	result = posix_spawnp(&pid, "sh", NULL, NULL, argv, environ);
	say("spawned by name", status_of(pid));
	say("spawnp", result);
	say("spawn nothing", posix_spawn(&pid, "/nonexistent", NULL, NULL, argv, environ));
	say("system", system("exit 7"));
	say("system nothing", system(NULL));
	stream = popen("echo by a pipe", "r");
	say("popen", stream && fgets(line, sizeof(line), stream));
	printf("%s", line);
	say("pclose", stream ? pclose(stream) : -1);
	say("popen wrong", popen("true", "wrong") ? 0 : -1);
	say("unshare", unshare(0));
	say("unshare wrong", unshare(1));
	say("setns closed", setns(CLOSED_FD, 0));
}

static pthread_barrier_t barrier;

static void *open_and_close(void *failures)
{
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < 2000; i++) {
		int fd = open("/dev/null", O_RDWR | O_CLOEXEC), copy = dup(fd);

		if (fd < 0 || copy < 0 || write(copy, "", 1) != 1 || close(fd) || close(copy))
			++*(int *)failures;
	}
	return NULL;
}

static void threads(void)
{
	int failures[8] = {}, sum = 0;
	pthread_t ids[8];

	pthread_barrier_init(&barrier, NULL, 8);
	for (int i = 0; i < 8; i++)
		pthread_create(&ids[i], NULL, open_and_close, &failures[i]);
	for (int i = 0; i < 8; i++) {
		pthread_join(ids[i], NULL);
		sum += failures[i];
	}
	say("failures", sum);
}

static void *exits_last(void *first)
{
	pthread_join(*(pthread_t *)first, NULL);
	puts("last thread");
	return NULL;
}

static void leader_exits(void)
{
	static pthread_t self;
	pthread_t other;

	self = pthread_self();
	pthread_create(&other, NULL, exits_last, &self);
	pthread_exit(NULL);
}

/* close() and write() are cancellation points. */
static void *writes_forever(void *fd)
{
	char page[4096] = {};

	for (;;)
		if (write(*(int *)fd, page, sizeof(page)) < 0)
			return NULL;
}

static void cancelled(void)
{
	pthread_t thread;
	int pipes[2], room = 1;
	void *result;

	if (pipe(pipes))
		abort();
	pthread_create(&thread, NULL, writes_forever, &pipes[1]);
	/* Until the pipe is full: then the thread is in the call, or about to be. */
	while (room < fcntl(pipes[0], F_GETPIPE_SZ))
		ioctl(pipes[0], FIONREAD, &room);
	pthread_cancel(thread);
	pthread_join(thread, &result);
	say("cancelled", result == PTHREAD_CANCELED);
}

static void handler(int number)
{
	int fd = dup(1);

	if (write(fd, "handler\n", 8) == 8)
		close(fd);
	(void)number;
}

static void signals(void)
{
	signal(SIGUSR1, handler);
	raise(SIGUSR1);
	say("kill", kill(getpid(), SIGUSR1));
}

static void at_exit(void)
{
	int fd = dup(1);

	puts("at exit");
	fflush(stdout);
	say("close at exit", close(fd));
}

static void exits(void)
{
	atexit(at_exit);
	exit(9);
}

static void no_fds(void)
{
	closefrom(0);
	_exit(dup(0) < 0 && errno == EBADF && close(1) < 0 ? 0 : 1);
}

static void limited(void)
{
	const struct rlimit limit = { 4, 4 };

	say("setrlimit", setrlimit(RLIMIT_NOFILE, &limit));
	say("dup", dup(0));
	say("dup", dup(0));
	say("fcntl", fcntl(0, F_DUPFD, 3));
	say("fork", status_of(fork() ?: (_exit(0), 0)));
}

static const struct {
	const char *name;
	void (*run)(void);
} ways[] = {
	{ "fds", fds },
	{ "calls", calls },
	{ "triggers", triggers },
	{ "children", children },
	{ "threads", threads },
	{ "leader-exits", leader_exits },
	{ "cancelled", cancelled },
	{ "signals", signals },
	{ "exits", exits },
	{ "aborts", abort },
	{ "no-fds", no_fds },
	{ "limited", limited },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(ways) / sizeof(*ways); i++)
		if (!strcmp(argv[1], ways[i].name)) {
			ways[i].run();
			return 0;
		}
	return 2;
}
