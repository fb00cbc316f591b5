// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * BPF tokens: a tool in a user namespace of its own, with a BPF file system that its privileged parent set up
 * for it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "newer.h"
#include "own_multi.skel.h"

/* In the namespace of its own; there, its parent's is covered. */
static const char mount_point[] = "/sys/fs/bpf";

static struct own_multi_bpf *open_with_token(const char *path)
{
	struct newer_open_opts opts = { .sz = sizeof(opts), .bpf_token_path = path };

	need_libbpf(1, 4, "bpf_token_path");
	return own_multi_bpf__open_opts((const void *)&opts);
}

static void no_token(void)
{
	static const char *const paths[] = { "/tmp", "/nonexistent/bpf", "/proc/version" };
	struct own_multi_bpf *skel;
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		skel = open_with_token(paths[i]);
		say_result("open", skel);
		if (skel)
			say("load %s", error_name(-own_multi_bpf__load(skel)));
		own_multi_bpf__destroy(skel);
	}
	/* Empty: none is to be made. */
	skel = open_with_token("");
	say("load %d", own_multi_bpf__load(skel));
	own_multi_bpf__destroy(skel);
}

/* ---- a namespace with a token -------------------------------------------------------------------- */

static void send_fd(int socket, int fd)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { .head = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	struct iovec data = { "x", 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};

	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	if (sendmsg(socket, &message, 0) != 1)
		die("cannot send a file descriptor");
}

static int receive_fd(int socket)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};
	int fd = -1;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) == 1 && message.msg_controllen)
		memcpy(&fd, CMSG_DATA(&control.head), sizeof(fd));
	return fd;
}

/* The parent: only it may delegate. */
static bool delegate(int socket)
{
	static const char *const options[] = { "delegate_cmds", "delegate_maps", "delegate_progs",
					       "delegate_attachs" };
	int fs = receive_fd(socket);
	bool ok = fs >= 0;
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(*options); i++)
		ok = ok && !fsconfig(fs, FSCONFIG_SET_STRING, options[i], "any", 0);
	ok = ok && !fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	close(fs);
	/* Nobody may be there: a child that got no namespace has left. */
	return send(socket, ok ? "y" : "n", 1, MSG_NOSIGNAL) == 1 && ok;
}

/* The child. */
static bool enter_namespace(int socket)
{
	int fs, mounted;
	char answer;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		return false;
	fs = fsopen("bpf", FSOPEN_CLOEXEC);
	send_fd(socket, fs);
	if (read(socket, &answer, 1) != 1 || answer != 'y')
		return false;
	mounted = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	close(fs);
	if (mounted < 0 || move_mount(mounted, "", AT_FDCWD, mount_point, MOVE_MOUNT_F_EMPTY_PATH))
		return false;
	close(mounted);
	return true;
}

static void trace_with_token(struct target *target, bool multi)
{
	struct own_multi_bpf *skel = open_with_token(mount_point);
	struct bpf_link *link;

	if (!skel || own_multi_bpf__load(skel))
		die("cannot load with the token");
	if (multi)
		link = attach_multi(skel->progs.own_entry, -1, target_path(), "many_a*", NULL);
	else
		link = try_attach(skel->progs.plain, -1, target_path(), 0, .func_name = "many_a1");
	say_result("attach", link);
	target_call(target, "many_a1", 2);
	target_call(target, "many_a2", 3);
	say_links();
	if (link)
		destroy(link);
	target_call(target, "many_a1", 1);
	say_hits(bpf_map__fd(skel->maps.hits));
	own_multi_bpf__destroy(skel);
}

/* By a tool that makes no token itself: one process outside of the namespace, and one inside. */
static void trace_both_sides(struct target *outside)
{
	struct count_bpf *skel = count_bpf__open();
	struct target *inside = target_start("inside");
	int err = count_bpf__load(skel);

	say("load %s", err ? error_name(-err) : "ok");
	if (!err) {
		attach_function(skel->progs.entry, "f0", .bpf_cookie = 1);
		attach_function(skel->progs.leave, "f1", .bpf_cookie = 2, .retprobe = true);
		target_call(outside, "f0", 3);
		target_call(inside, "f0", 2);
		target_call(outside, "f1", 1);
		target_call(inside, "f1", 4);
		say_links();
		say_hits(bpf_map__fd(skel->maps.hits));
	}
	target_stop(inside);
	count_bpf__destroy(skel);
}

static void trace_multi(struct target *target)
{
	trace_with_token(target, true);
}

static void trace_uprobe(struct target *target)
{
	trace_with_token(target, false);
}

static void be_the_tool(int socket, struct target *target, void (*trace)(struct target *target))
{
	if (!enter_namespace(socket))
		skip("this machine gives the test no user namespace with a BPF file system");
	trace(target);
	exit(0);
}

static void in_namespace(void (*trace)(struct target *target))
{
	struct target *target = target_start("target");
	int sockets[2], status;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets))
		die("no socket");
	child = fork();
	if (!child)
		be_the_tool(sockets[1], target, trace);
	close(sockets[1]);
	delegate(sockets[0]);
	close(sockets[0]);
	waitpid(child, &status, 0);
	target_stop(target);
	/* The child has said why. */
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

static void multi_in_namespace(void)
{
	need_libbpf(1, 4, "bpf_token_path");
	in_namespace(trace_multi);
}

static void uprobe_in_namespace(void)
{
	need_libbpf(1, 4, "bpf_token_path");
	in_namespace(trace_uprobe);
}

static void both_sides(void)
{
	if (libbpf_is(1, 4) && !getenv("UPSHIFT_TOKEN"))
		skip("libbpf from 1.4 on makes BPF tokens");
	in_namespace(trace_both_sides);
}

const struct scenario token_scenarios[] = {
	{ "token-none", no_token },
	{ "token-multi", multi_in_namespace },
	{ "token-uprobe", uprobe_in_namespace },
	{ "token-both-sides", both_sides },
	{},
};
