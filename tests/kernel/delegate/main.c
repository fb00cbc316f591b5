// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Becomes a command that runs as tools in a container do: in user and mount namespaces of its own, without
 * any privilege outside of them, and with a BPF file system that root delegates from.
 *
 *   delegate UID DIRECTORY OPTION=VALUE... -- COMMAND [ARGUMENT...]
 *
 * UID is who the command is outside; inside it is root. DIRECTORY is where the BPF file system is mounted
 * there, and each OPTION one of delegate_cmds, delegate_maps, delegate_progs and delegate_attachs.
 *
 * The file system belongs to the namespace of who opens it (fsopen), but only root outside of all namespaces
 * may delegate: so this process opens and mounts it, and a child that has stayed outside sets the options.
 */
#include <err.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FAILED = 77 /* as of tests that are skipped */, NOT_FOUND = 127 };

/* ---- outside ------------------------------------------------------------------------------------- */

static int fd_of_parent(int number)
{
	const int parent = (int)syscall(SYS_pidfd_open, getppid(), 0);
	const int fd = parent < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, parent, number, 0);

	if (fd < 0)
		err(FAILED, "no fd of the parent");
	return fd;
}

static void set_option(int fs, char *option)
{
	char *value = strchr(option, '=');

	if (!value)
		errx(FAILED, "%s: it has no value", option);
	*value++ = '\0';
	if (fsconfig(fs, FSCONFIG_SET_STRING, option, value, 0))
		err(FAILED, "%s=%s", option, value);
}

/* Waits for the number of the fd in the parent that is the file system. */
static void delegate(int numbers, char **options)
{
	int number, fs;

	if (read(numbers, &number, sizeof(number)) != sizeof(number))
		exit(FAILED); /* the parent has said why */
	fs = fd_of_parent(number);
	for (; strcmp(*options, "--") != 0; options++)
		set_option(fs, *options);
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		err(FAILED, "no BPF file system");
	exit(0);
}

/* ---- inside -------------------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 0))) static void write_to(const char *path, const char *format,
							   unsigned int id)
{
	const int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || dprintf(fd, format, id) < 0)
		err(FAILED, "%s", path);
	close(fd);
}

static void enter_namespaces(unsigned int id)
{
	if (setgroups(0, NULL) || setresgid(id, id, id) || setresuid(id, id, id) ||
	    prctl(PR_SET_DUMPABLE, 1) || unshare(CLONE_NEWUSER | CLONE_NEWNS))
		err(FAILED, "no namespaces");
	write_to("/proc/self/setgroups", "deny", 0);
	write_to("/proc/self/uid_map", "0 %u 1", id);
	write_to("/proc/self/gid_map", "0 %u 1", id);
}

static int open_bpffs(int numbers)
{
	const int fs = fsopen("bpf", FSOPEN_CLOEXEC);

	if (fs < 0 || write(numbers, &fs, sizeof(fs)) != sizeof(fs))
		err(FAILED, "fsopen");
	return fs;
}

static void mount_bpffs(int fs, const char *directory)
{
	const int mounted = fsmount(fs, FSMOUNT_CLOEXEC, 0);

	if (mounted < 0 || move_mount(mounted, "", AT_FDCWD, directory, MOVE_MOUNT_F_EMPTY_PATH))
		err(FAILED, "%s", directory);
	close(mounted);
	close(fs);
}

static char **after_options(char **arguments)
{
	while (*arguments && strcmp(*arguments, "--") != 0)
		arguments++;
	return *arguments ? arguments + 1 : arguments;
}

int main(int argc, char **argv)
{
	char **command = argc > 3 ? after_options(argv + 3) : argv + argc;
	int numbers[2], status, fs;
	pid_t outside;

	if (!*command)
		errx(FAILED, "usage: delegate UID DIRECTORY OPTION=VALUE... -- COMMAND [ARGUMENT...]");
	if (pipe2(numbers, O_CLOEXEC))
		err(FAILED, "pipe");
	outside = fork();
	if (!outside) {
		close(numbers[1]);
		delegate(numbers[0], argv + 3);
	}
	close(numbers[0]);
	enter_namespaces((unsigned int)atoi(argv[1]));
	fs = open_bpffs(numbers[1]);
	close(numbers[1]);
	if (waitpid(outside, &status, 0) != outside || status)
		return FAILED;
	mount_bpffs(fs, argv[2]);
	execvp(command[0], command);
	err(NOT_FOUND, "%s", command[0]);
}
