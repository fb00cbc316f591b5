// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "helper.h"
#include "jobs.h"
#include "scenario.h"

struct helper helper_start(bool keep_preload, const char *job, const char *argument)
{
	struct helper helper;
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets))
		die("cannot make a socket pair");
	helper.pid = fork();
	if (helper.pid < 0)
		die("cannot fork");
	if (!helper.pid) {
		dup2(sockets[1], 0);
		dup2(sockets[1], 1);
		if (!keep_preload)
			unsetenv("LD_PRELOAD");
		execl("/proc/self/exe", own_path(), job, argument, NULL);
		_exit(127);
	}
	close(sockets[1]);
	helper.socket = high_fd(sockets[0]);
	close(sockets[0]);
	helper.lines = fdopen(helper.socket, "r");
	/* One byte at a time, so that a message with a file descriptor is left for recvmsg(). */
	setvbuf(helper.lines, NULL, _IONBF, 0);
	return helper;
}

void helper_line(struct helper *helper, char *line, size_t size)
{
	if (!fgets(line, size, helper->lines))
		die("the helper process does not answer");
	line[strcspn(line, "\n")] = '\0';
}

void helper_stop(struct helper *helper)
{
	shutdown(helper->socket, SHUT_RDWR);
	fclose(helper->lines);
	waitpid(helper->pid, NULL, 0);
}

int helper_receive_fd(struct helper *helper)
{
	char byte, control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))) = {};
	struct iovec iov = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	int fd = -1;

	if (recvmsg(helper->socket, &message, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&message))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	if (fd < 0)
		die("no file descriptor from the helper process");
	return fd;
}

void job_send_fd(int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))) = {};
	struct iovec iov = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	if (sendmsg(0, &message, 0) != 1)
		die("cannot send a file descriptor");
}

void job_wait_for_end(void)
{
	char byte;

	while (read(0, &byte, 1) > 0)
		;
}

bool helper_run(int argc, char **argv)
{
	const struct job *job;

	for (job = jobs; job->name; job++) {
		if (!strcmp(argv[1], job->name)) {
			job->run(argc > 2 ? argv[2] : NULL);
			return true;
		}
	}
	return false;
}
