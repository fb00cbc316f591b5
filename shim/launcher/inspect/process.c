// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "inspect/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static FILE *open_proc(pid_t pid, const char *name)
{
	char path[64];

	if (snprintf(path, sizeof(path), "/proc/%d/%s", pid, name) >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	return fopen(path, "re");
}

static bool is_library(const char *path, const char *name)
{
	const char *file = strrchr(path, '/');

	return file && !strncmp(file + 1, name, strlen(name));
}

static int read_maps(struct process *process)
{
	FILE *maps = open_proc(process->pid, "maps");
	char *line = NULL;
	size_t room = 0;
	int err;

	if (!maps)
		return errno;
	errno = 0;
	while (getline(&line, &room, maps) > 0) {
		const char *path = strchr(line, '/');

		line[strcspn(line, "\n")] = '\0';
		if (!path)
			continue;
		if (is_library(path, "libupshift.so"))
			snprintf(process->preload, sizeof(process->preload), "%s", path);
		else if (is_library(path, "libbpf.so"))
			snprintf(process->libbpf, sizeof(process->libbpf), "%s", path);
		process->bcc |= is_library(path, "libbcc");
	}
	err = errno; /* opening may be allowed, and reading not */
	free(line);
	fclose(maps);
	return err;
}

static bool add_variable(struct process *process, const char *text)
{
	char **variables = reallocarray(process->variables, process->variable_cnt + 1, sizeof(*variables));

	if (!variables)
		return false;
	process->variables = variables;
	variables[process->variable_cnt] = strdup(text);
	return variables[process->variable_cnt] && ++process->variable_cnt;
}

static void read_environment(struct process *process)
{
	FILE *environment = open_proc(process->pid, "environ");
	char *text = NULL;
	size_t room = 0;

	while (environment && getdelim(&text, &room, '\0', environment) > 0)
		if (!strncmp(text, "UPSHIFT", strlen("UPSHIFT")) || !strncmp(text, "LD_PRELOAD=", 11))
			add_variable(process, text);
	process->environment_known = environment && !ferror(environment);
	free(text);
	if (environment)
		fclose(environment);
}

static void count_link(struct process *process, const char *type)
{
	struct process_links *links = process->links;
	size_t i;

	for (i = 0; i < process->link_types; i++) {
		if (!strcmp(links[i].type, type)) {
			links[i].cnt++;
			return;
		}
	}
	links = reallocarray(links, i + 1, sizeof(*links));
	if (!links)
		return;
	process->links = links;
	process->link_types++;
	snprintf(links[i].type, sizeof(links[i].type), "%s", type);
	links[i].cnt = 1;
}

/** The ids of the links that were seen: several fds may hold the same one. */
struct ids {
	unsigned int *ids;
	size_t cnt;
};

static bool is_new(struct ids *seen, unsigned int id)
{
	unsigned int *ids;

	for (size_t i = 0; i < seen->cnt; i++)
		if (seen->ids[i] == id)
			return false;
	ids = reallocarray(seen->ids, seen->cnt + 1, sizeof(*ids));
	if (ids) {
		seen->ids = ids;
		ids[seen->cnt++] = id;
	}
	return true;
}

static void read_link(struct process *process, const char *fd, struct ids *seen)
{
	char name[32 + NAME_MAX], line[256], type[32] = "";
	unsigned int id = 0;
	FILE *info;

	snprintf(name, sizeof(name), "fdinfo/%s", fd);
	info = open_proc(process->pid, name);
	while (info && fgets(line, sizeof(line), info)) {
		sscanf(line, "link_type: %31s", type);
		sscanf(line, "link_id: %u", &id);
	}
	if (info)
		fclose(info);
	if (type[0] && is_new(seen, id))
		count_link(process, type);
}

static void read_fd(struct process *process, int directory, const char *fd, struct ids *seen)
{
	char target[64];
	const ssize_t len = readlinkat(directory, fd, target, sizeof(target) - 1);

	if (len < 0)
		return;
	target[len] = '\0';
	process->fds++;
	process->perf_events += !strcmp(target, "anon_inode:[perf_event]");
	process->programs += !strcmp(target, "anon_inode:bpf-prog");
	process->maps += !strcmp(target, "anon_inode:bpf-map");
	if (!strncmp(target, "anon_inode:bpf", strlen("anon_inode:bpf")) && strstr(target, "link"))
		read_link(process, fd, seen);
}

static int read_fds(struct process *process)
{
	struct ids seen = { 0 };
	struct dirent *entry;
	char path[64];
	DIR *fds;

	snprintf(path, sizeof(path), "/proc/%d/fd", process->pid);
	fds = opendir(path);
	if (!fds)
		return errno;
	while ((entry = readdir(fds)))
		if (entry->d_name[0] != '.')
			read_fd(process, dirfd(fds), entry->d_name, &seen);
	closedir(fds);
	free(seen.ids);
	return 0;
}

const char *inspect_process(struct process *process, pid_t pid)
{
	char path[64];
	ssize_t len;
	int err;

	process->pid = pid;
	snprintf(path, sizeof(path), "/proc/%d", pid);
	if (access(path, F_OK))
		return "no such process";
	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	len = readlink(path, process->executable, sizeof(process->executable) - 1);
	if (len < 0)
		return errno == ENOENT ? "it has no executable: a thread of the kernel, or it has ended" :
					 "only its owner and root may look at it";
	process->executable[len] = '\0';
	err = read_maps(process);
	if (!err)
		err = read_fds(process);
	read_environment(process);
	return !err                          ? NULL :
	       err == EACCES || err == EPERM ? "only its owner and root may look at it" :
					       strerror(err);
}

void inspect_process_free(struct process *process)
{
	for (size_t i = 0; i < process->variable_cnt; i++)
		free(process->variables[i]);
	free(process->variables);
	free(process->links);
}
