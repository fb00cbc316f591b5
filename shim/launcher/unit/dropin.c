// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "unit/dropin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/files.h"

#define UNITS "/etc/systemd/system"
/* How it is known again. */
#define MARK  "# Written by \"upshift enable"

static void directory_path(const char *unit, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, UNITS "/%s.d", unit);
}

void dropin_path(const char *unit, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, UNITS "/%s.d/" DROPIN_FILE, unit);
}

int dropin_exists(const char *root, const char *unit)
{
	char path[PATH_MAX], start[sizeof(MARK)] = "";
	FILE *file;

	dropin_path(unit, path);
	file = root_fopen(root, path);
	if (!file)
		return errno == ENOENT ? 0 : -errno;
	if (!fgets(start, sizeof(start), file))
		start[0] = '\0';
	fclose(file);
	return strcmp(start, MARK) != 0 ? -EEXIST : 1;
}

/** Opens the unit's directory below the root; what is missing of it is made. */
static int make_directory(const char *root, const char *unit)
{
	char path[PATH_MAX], part[PATH_MAX];
	int fd = root_open(root, "/", O_PATH | O_DIRECTORY), err;

	directory_path(unit, path);
	for (size_t start, end = 0; fd >= 0 && path[end];) {
		start = end + 1;
		end = start + strcspn(path + start, "/");
		snprintf(part, sizeof(part), "%.*s", (int)end, path);
		err = mkdirat(fd, part + start, 0755) && errno != EEXIST ? -errno : 0;
		close(fd);
		fd = err ? err : root_open(root, part, O_PATH | O_DIRECTORY);
	}
	return fd;
}

static int write_new(int directory, const char *name, const char *unit, const char *settings)
{
	const int fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	bool failed;

	if (!file)
		return -errno;
	fprintf(file, MARK " %s\"; \"upshift disable %s\" removes it.\n%s", unit, unit, settings);
	failed = fflush(file) || fsync(fd) || ferror(file);
	failed |= fclose(file) != 0;
	return failed ? -errno : 0;
}

int dropin_write(const char *root, const char *unit, const char *settings)
{
	const int directory = make_directory(root, unit);
	char name[64]; /* not one that systemd reads */
	int err;

	if (directory < 0)
		return directory;
	snprintf(name, sizeof(name), ".%s.%d", DROPIN_FILE, getpid());
	unlinkat(directory, name, 0);
	err = write_new(directory, name, unit, settings);
	if (!err && renameat(directory, name, directory, DROPIN_FILE))
		err = -errno;
	if (err)
		unlinkat(directory, name, 0);
	close(directory);
	return err;
}

int dropin_remove(const char *root, const char *unit)
{
	char path[PATH_MAX];
	int units = root_open(root, UNITS, O_PATH | O_DIRECTORY), directory, err = 0;

	directory_path(unit, path);
	directory = root_open(root, path, O_PATH | O_DIRECTORY);
	if (units < 0 || directory < 0)
		err = units < 0 ? units : directory;
	else if (unlinkat(directory, DROPIN_FILE, 0))
		err = -errno;
	else
		unlinkat(units, strrchr(path, '/') + 1, AT_REMOVEDIR);
	if (directory >= 0)
		close(directory);
	if (units >= 0)
		close(units);
	return err;
}
