// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "elf/executable.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "elf/image.h"
#include "elf/reach.h"

/* This program's own ELF header; the linker makes the symbol. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

enum {
	SCRIPT_LINE = 256, /* BINPRM_BUF_SIZE: the kernel reads no further */
	SCRIPT_DEPTH = 5,  /* of scripts whose interpreters are scripts; the kernel gives up as well */
};

/** Can it be executed? 0 or -errno. */
static int runnable(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EACCES;
	return access(path, X_OK) ? -errno : 0;
}

/** As execvp() looks for it: goes on past what may not be run, and remembers it. */
static int find(const char *name, char path[PATH_MAX])
{
	const char *dirs = getenv("PATH");
	int err = -ENOENT, each;

	if (!*name)
		return -ENOENT;
	if (strchr(name, '/')) {
		if (snprintf(path, PATH_MAX, "%s", name) >= PATH_MAX)
			return -ENAMETOOLONG;
		return runnable(path);
	}
	for (const char *dir = dirs ? dirs : "/bin:/usr/bin"; dir; dir = *dir ? dir + 1 : NULL) {
		const int len = (int)strcspn(dir, ":");

		if (snprintf(path, PATH_MAX, "%.*s%s%s", len, dir, len ? "/" : "", name) < PATH_MAX) {
			each = runnable(path);
			if (!each)
				return 0;
			if (each == -EACCES)
				err = each;
		}
		dir += len;
	}
	return err;
}

/** The word that the text starts with, ended in place; *rest is what comes after it. */
static char *next_word(char *text, char **rest)
{
	char *word = text + strspn(text, " \t"), *end = word + strcspn(word, " \t");

	*rest = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

/** The program that env(1) would run with these arguments: past its options and variables. */
static const char *behind_env(char *arguments)
{
	char *word, *rest = arguments;

	do {
		word = next_word(rest, &rest);
		if (!strncmp(word, "-S", 2) && word[2])
			word += 2;
		if (!strcmp(word, "-u") || !strcmp(word, "-C")) {
			next_word(rest, &rest);
			continue;
		}
	} while (*word && (*word == '-' || strchr(word, '=')));
	return word;
}

/** From the first line of a script. */
static void read_interpreter(struct executable *executable, char line[])
{
	char found[PATH_MAX], *rest;
	const char *name;

	line[strcspn(line, "\r\n")] = '\0';
	name = next_word(line + 2, &rest);
	if (!strcmp(basename(name), "env")) {
		name = behind_env(rest);
		if (find(name, found))
			return;
		name = found;
	}
	snprintf(executable->interpreter, sizeof(executable->interpreter), "%s", name);
}

static bool see_dynamic(void *context, int64_t tag, const char *text)
{
	struct executable *executable = context;

	/* Without PT_INTERP: a library, or the dynamic loader itself, called by name. */
	executable->dynamic |= tag == DT_NEEDED || tag == DT_SONAME;
	(void)text;
	return true;
}

/** Go's own code makes system calls without libc; a libbpf in it, through cgo, does not. */
static bool built_by_go(const struct elf_image *image)
{
	GElf_Shdr shdr;

	for (Elf_Scn *section = elf_nextscn(image->elf, NULL); section;
	     section = elf_nextscn(image->elf, section)) {
		const char *name = gelf_getshdr(section, &shdr) ? elf_image_name(image, &shdr) : "";

		if (!strcmp(name, ".go.buildinfo") || !strcmp(name, ".note.go.buildid"))
			return reach_of_image(image) == REACH_NONE;
	}
	return false;
}

static void read_elf(const struct elf_image *image, struct executable *executable)
{
	size_t segments = 0;

	executable->kind = EXECUTABLE_ELF;
	executable->foreign = image->header.e_ident[EI_CLASS] != __ehdr_start.e_ident[EI_CLASS] ||
			      image->header.e_machine != __ehdr_start.e_machine;
	elf_getphdrnum(image->elf, &segments);
	for (size_t i = 0; i < segments; i++) {
		GElf_Phdr phdr;

		executable->dynamic |= gelf_getphdr(image->elf, (int)i, &phdr) && phdr.p_type == PT_INTERP;
	}
	executable->go = built_by_go(image);
	elf_image_dynamic(image, see_dynamic, executable);
}

/** Will the kernel run it with more privilege than ours (AT_SECURE)? Capabilities are nothing more to root.
 */
static void read_privilege(struct executable *executable)
{
	struct statvfs fs;
	struct stat st;

	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 || stat(executable->path, &st) ||
	    statvfs(executable->path, &fs) || (fs.f_flag & ST_NOSUID))
		return;
	executable->setid = ((st.st_mode & S_ISUID) && st.st_uid != getuid()) ||
			    ((st.st_mode & S_ISGID) && (st.st_mode & S_IXGRP) && st.st_gid != getgid());
	executable->file_caps =
		getuid() != 0 && getxattr(executable->path, "security.capability", NULL, 0) > 0;
}

void executable_of_image(const char *path, const struct elf_image *image, struct executable *executable)
{
	memset(executable, 0, sizeof(*executable));
	snprintf(executable->path, sizeof(executable->path), "%s", path);
	read_privilege(executable);
	read_elf(image, executable);
}

int executable_read(const char *name, struct executable *executable)
{
	char found[PATH_MAX], line[SCRIPT_LINE + 1] = "";
	struct elf_image image;
	int err, fd;

	memset(executable, 0, sizeof(*executable));
	executable->kind = EXECUTABLE_OTHER;
	err = find(name, found);
	if (err)
		return err;
	if (!realpath(found, executable->path))
		return -errno;
	read_privilege(executable);
	fd = open(executable->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) /* may be run and not be read */
		return 0;
	if (read(fd, line, SCRIPT_LINE) > 2 && line[0] == '#' && line[1] == '!') {
		executable->kind = EXECUTABLE_SCRIPT;
		executable->setid = executable->file_caps = false; /* of no effect on scripts */
		read_interpreter(executable, line);
	} else if (!elf_image_open(&image, executable->path)) {
		read_elf(&image, executable);
		elf_image_close(&image);
	}
	close(fd);
	return 0;
}

static const char *out_of_reach(const struct executable *executable)
{
	if (executable->setid)
		return "it is setuid or setgid";
	if (executable->file_caps)
		return "it has file capabilities";
	if (executable->kind != EXECUTABLE_ELF)
		return NULL;
	if (executable->foreign)
		return "it is of another machine or word size";
	if (executable->go)
		return "it is a Go program that makes system calls without libc";
	return executable->dynamic ? NULL : "it is linked statically";
}

const char *executable_out_of_reach(const struct executable *executable)
{
	struct executable interpreter = *executable;

	for (int i = 0; interpreter.kind == EXECUTABLE_SCRIPT; i++) {
		const struct executable script = interpreter;

		if (i == SCRIPT_DEPTH || executable_read(script.interpreter, &interpreter))
			return NULL;
	}
	return out_of_reach(&interpreter);
}
