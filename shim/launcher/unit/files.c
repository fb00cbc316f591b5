// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "unit/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* systemd.unit(5), "Unit File Load Path": the first that has a file of a name wins. */
static const char *const directories[] = {
	"/etc/systemd/system.control",   "/run/systemd/system.control",  "/run/systemd/transient",
	"/run/systemd/generator.early",  "/etc/systemd/system",          "/etc/systemd/system.attached",
	"/run/systemd/system",           "/run/systemd/system.attached", "/run/systemd/generator",
	"/usr/local/lib/systemd/system", "/usr/lib/systemd/system",      "/lib/systemd/system",
	"/run/systemd/generator.late",
};

enum { DIRECTORIES = sizeof(directories) / sizeof(directories[0]) };

int root_open(const char *root, const char *path, int flags)
{
	struct open_how how = { .flags = (unsigned int)(flags | O_CLOEXEC), .resolve = RESOLVE_IN_ROOT };
	int root_fd, fd;

	if (!strcmp(root, "/")) {
		fd = open(path, flags | O_CLOEXEC);
		return fd < 0 ? -errno : fd;
	}
	root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root_fd < 0)
		return -errno;
	fd = (int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
	if (fd < 0)
		fd = -errno;
	close(root_fd);
	return fd;
}

FILE *root_fopen(const char *root, const char *path)
{
	const int fd = root_open(root, path, O_RDONLY);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "re");

	if (fd < 0)
		errno = -fd;
	else if (!file)
		close(fd);
	return file;
}

/** Where a symbolic link in a directory leads: 1; 0 for what is none; or a negative errno. */
static int link_target(const char *root, const char *directory, const char *name, char target[PATH_MAX])
{
	const int fd = root_open(root, directory, O_PATH | O_DIRECTORY);
	ssize_t len;
	int err;

	if (fd < 0)
		return fd;
	len = readlinkat(fd, name, target, PATH_MAX - 1);
	err = errno;
	if (len < 0 && err == EINVAL)
		err = 0;
	close(fd);
	target[len < 0 ? 0 : len] = '\0';
	return len < 0 ? -err : 1;
}

/** An alias: a link to a unit of another name, which need not be in the same directory. */
static const char *alias_of(const char *name, char *target)
{
	char template[UNIT_NAME_SIZE];
	const char *base = basename(target);

	if (!strcmp(base, name) || !unit_name_is_valid(base))
		return NULL;
	/* systemctl enable foo@bar makes such a link: it is no other unit. */
	return unit_name_template(name, template) && !strcmp(template, base) ? NULL : base;
}

static int append(struct unit_files *files, const char *directory, const char *name)
{
	char **paths = reallocarray(files->paths, files->cnt + 1, sizeof(*paths));

	if (!paths)
		return -ENOMEM;
	files->paths = paths;
	if (asprintf(&paths[files->cnt], "%s/%s", directory, name) < 0)
		return -ENOMEM;
	files->cnt++;
	return 0;
}

/**
 * The file of the unit itself: 1, 0 if there is none, or a negative errno. An alias, of which there are at
 * most so many in a row, changes files->name.
 */
static int find_unit(const char *root, const char *name, struct unit_files *files, int aliases)
{
	char target[PATH_MAX];
	const char *alias;
	int err;

	for (int i = 0; i < DIRECTORIES; i++) {
		err = link_target(root, directories[i], name, target);
		if (err == -ENOENT || err == -ENOTDIR)
			continue;
		if (err < 0)
			return err;
		files->masked = err && !strcmp(target, "/dev/null");
		alias = aliases && err && !files->masked ? alias_of(name, target) : NULL;
		if (alias) {
			snprintf(files->name, sizeof(files->name), "%s", alias);
			return find_unit(root, files->name, files, aliases - 1);
		}
		err = append(files, directories[i], name);
		return err ? err : 1;
	}
	return 0;
}

static bool has_file_name(const struct unit_files *files, const char *name)
{
	for (size_t i = files->found; i < files->cnt; i++)
		if (!strcmp(strrchr(files->paths[i], '/') + 1, name))
			return true;
	return false;
}

/** What is in DIRECTORY/NAME.d, unless a file of that name was found before. */
static int add_drop_ins_of(const char *root, const char *directory, const char *name,
			   struct unit_files *files)
{
	char path[PATH_MAX];
	struct dirent *entry;
	const char *suffix;
	int fd, err = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s.d", directory, name);
	fd = root_open(root, path, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return fd == -ENOENT || fd == -ENOTDIR ? 0 : fd;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	while (!err && (entry = readdir(dir))) {
		suffix = strrchr(entry->d_name, '.');
		if (suffix && suffix != entry->d_name && !strcmp(suffix, ".conf") &&
		    !has_file_name(files, entry->d_name))
			err = append(files, path, entry->d_name);
	}
	closedir(dir);
	return err;
}

/** Those of the unit, of its template and of all prefixes of its name. */
static int add_drop_ins(const char *root, const char *directory, const char *name, struct unit_files *files)
{
	char other[UNIT_NAME_SIZE];
	int err = add_drop_ins_of(root, directory, name, files);

	if (!err && unit_name_template(name, other))
		err = add_drop_ins(root, directory, other, files);
	if (!err && unit_name_shorten(name, other))
		err = add_drop_ins(root, directory, other, files);
	return err;
}

static int by_file_name(const void *left, const void *right)
{
	return strcmp(strrchr(*(char *const *)left, '/'), strrchr(*(char *const *)right, '/'));
}

int unit_files_read(const char *root, const char *name, struct unit_files *files)
{
	char template[UNIT_NAME_SIZE];
	int err;

	*files = (struct unit_files){ 0 };
	snprintf(files->name, sizeof(files->name), "%s", name);
	err = find_unit(root, name, files, 8);
	if (!err && unit_name_template(files->name, template))
		err = find_unit(root, template, files, 0);
	files->found = err > 0;
	for (int i = 0; i < DIRECTORIES && err >= 0; i++) {
		err = add_drop_ins(root, directories[i], files->name, files);
		if (!err && strcmp(name, files->name) != 0)
			err = add_drop_ins(root, directories[i], name, files);
	}
	for (int i = 0; i < DIRECTORIES && err >= 0; i++)
		err = add_drop_ins_of(root, directories[i], "service", files);
	if (err < 0) {
		unit_files_free(files);
		return err;
	}
	if (files->cnt)
		qsort(files->paths + files->found, files->cnt - files->found, sizeof(*files->paths),
		      by_file_name);
	return 0;
}

void unit_files_free(struct unit_files *files)
{
	for (size_t i = 0; i < files->cnt; i++)
		free(files->paths[i]);
	free(files->paths);
	*files = (struct unit_files){ 0 };
}
