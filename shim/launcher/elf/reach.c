// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "elf/reach.h"

#include <ctype.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* libbpf's own messages: each stands once in every version from 0.5 to 1.8, the first beside the version. */
static const char near_version[] = "libbpf: map %td is \"%s\"";
static const char always[] = "libbpf: loading object '%s' from buffer";

enum { VERSION_DISTANCE = 1024 };

/** Runs see() over the sections that are constants or data until it returns true. */
static bool any_data(const struct elf_image *image,
		     bool (*see)(void *context, const unsigned char *bytes, size_t size), void *context)
{
	for (Elf_Scn *section = elf_nextscn(image->elf, NULL); section;
	     section = elf_nextscn(image->elf, section)) {
		const unsigned char *bytes;
		GElf_Shdr shdr;

		if (!gelf_getshdr(section, &shdr) || shdr.sh_type != SHT_PROGBITS ||
		    !(shdr.sh_flags & SHF_ALLOC) || (shdr.sh_flags & SHF_EXECINSTR))
			continue;
		bytes = elf_image_bytes(image, &shdr);
		if (bytes && see(context, bytes, shdr.sh_size))
			return true;
	}
	return false;
}

static bool has_name(void *context, const unsigned char *bytes, size_t size)
{
	(void)context;
	return memmem(bytes, size, "libbpf.so.", strlen("libbpf.so."));
}

/** Length of a "v1.1" with the zero byte behind it, or 0. */
static size_t version_len(const unsigned char *text, size_t size)
{
	size_t i = 1, dots = 0;

	if (size < 2 || text[0] != 'v' || !isdigit(text[1]))
		return 0;
	while (i < size && (isdigit(text[i]) || text[i] == '.'))
		dots += text[i++] == '.';
	return i < size && !text[i] && dots == 1 && i < 16 ? i : 0;
}

/** libbpf_version_string() returns a constant that stands among those of the same source file. */
static bool has_libbpf(void *context, const unsigned char *bytes, size_t size)
{
	const unsigned char *message = memmem(bytes, size, near_version, sizeof(near_version) - 1);
	size_t begin, end, best = VERSION_DISTANCE, here, len;
	struct libbpf *libbpf = context;

	if (!message)
		return memmem(bytes, size, always, sizeof(always) - 1);
	here = (size_t)(message - bytes);
	begin = here > VERSION_DISTANCE ? here - VERSION_DISTANCE : 1;
	end = size - here > VERSION_DISTANCE ? here + VERSION_DISTANCE : size;
	for (size_t i = begin; i < end; i++) {
		const size_t distance = i < here ? here - i : i - here;

		if (bytes[i - 1] || distance >= best)
			continue;
		len = version_len(bytes + i, size - i);
		if (!len)
			continue;
		best = distance;
		snprintf(libbpf->version, sizeof(libbpf->version), "%.*s", (int)len - 1, bytes + i + 1);
	}
	return true;
}

void reach_read_version(struct libbpf *libbpf)
{
	char path[PATH_MAX];
	struct elf_image image;
	const char *number;

	if (!realpath(libbpf->library, path))
		return;
	number = strstr(path, ".so.");
	if (number && strchr(number + 4, '.')) {
		snprintf(libbpf->version, sizeof(libbpf->version), "%s", number + 4);
	} else if (!elf_image_open(&image, path)) {
		any_data(&image, has_libbpf, libbpf);
		elf_image_close(&image);
	}
}

struct needs {
	struct libbpf *libbpf;
	char name[64];      /* libbpf.so.N */
	char run_path[512]; /* RPATH or RUNPATH */
};

static bool see_dynamic(void *context, int64_t tag, const char *text)
{
	struct needs *needs = context;

	if (tag == DT_NEEDED && !strncmp(text, "libbpf.so", strlen("libbpf.so"))) {
		needs->libbpf->reach = REACH_SHARED;
		snprintf(needs->name, sizeof(needs->name), "%s", text);
	} else if (tag == DT_NEEDED && !strncmp(text, "libbcc", strlen("libbcc"))) {
		needs->libbpf->bcc = true;
	} else if (tag == DT_RUNPATH || tag == DT_RPATH) {
		snprintf(needs->run_path, sizeof(needs->run_path), "%s", text);
	}
	return true;
}

static bool try(struct libbpf *libbpf, const char *directory, int len, const char *name)
{
	if (snprintf(libbpf->library, sizeof(libbpf->library), "%.*s/%s", len, directory, name) <
		    (int)sizeof(libbpf->library) &&
	    access(libbpf->library, R_OK) == 0)
		return true;
	libbpf->library[0] = '\0';
	return false;
}

/** In RPATH or RUNPATH, where "$ORIGIN" is the file's own directory. */
static bool find_in_run_path(const struct needs *needs, const char *path)
{
	char file[PATH_MAX], directory[PATH_MAX];

	if (!realpath(path, file))
		return false;
	dirname(file);
	for (const char *dir = needs->run_path; *dir; dir += strspn(dir, ":")) {
		const int len = (int)strcspn(dir, ":");
		const char *origin = !strncmp(dir, "$ORIGIN", 7)   ? dir + 7 :
				     !strncmp(dir, "${ORIGIN}", 9) ? dir + 9 :
								     NULL;

		const int size = origin ? snprintf(directory, sizeof(directory), "%s%.*s", file,
						   (int)(dir + len - origin), origin) :
					  snprintf(directory, sizeof(directory), "%.*s", len, dir);

		if (size < (int)sizeof(directory) && try(needs->libbpf, directory, size, needs->name))
			return true;
		dir += len;
	}
	return false;
}

/** In the loader's cache, as ldconfig -p prints it: "\tlibbpf.so.1 (libc6,x86-64) => /lib/...". */
static bool find_in_cache(const struct needs *needs)
{
	FILE *cache = popen("PATH=/sbin:/usr/sbin:$PATH ldconfig -p 2>/dev/null", "re");
	char line[PATH_MAX + 128];
	bool found = false;

	while (cache && fgets(line, sizeof(line), cache)) {
		char *path = strstr(line, " => "), *name = line + strspn(line, " \t");

		if (found || !path || strcspn(name, " ") != strlen(needs->name) ||
		    strncmp(name, needs->name, strlen(needs->name)) != 0)
			continue;
		path += strlen(" => ");
		path[strcspn(path, "\n")] = '\0';
		found = access(path, R_OK) == 0;
		if (found)
			snprintf(needs->libbpf->library, sizeof(needs->libbpf->library), "%s", path);
	}
	if (cache)
		pclose(cache);
	return found;
}

static void find_reach(struct needs *needs, const struct elf_image *image)
{
	struct libbpf *libbpf = needs->libbpf;

	if (image->header.e_machine == EM_BPF) {
		libbpf->reach = REACH_OBJECT;
		return;
	}
	elf_image_dynamic(image, see_dynamic, needs);
	if (libbpf->reach == REACH_SHARED)
		return;
	if (any_data(image, has_libbpf, libbpf))
		libbpf->reach = REACH_STATIC;
	else if (libbpf->bcc)
		libbpf->reach = REACH_BCC;
	else if (any_data(image, has_name, NULL))
		libbpf->reach = REACH_DLOPEN;
}

enum reach reach_of_image(const struct elf_image *image)
{
	struct libbpf libbpf = { .reach = REACH_NONE };
	struct needs needs = { .libbpf = &libbpf };

	find_reach(&needs, image);
	return libbpf.reach;
}

void reach_read(struct libbpf *libbpf, const struct elf_image *image, const char *path)
{
	struct needs needs = { .libbpf = libbpf };

	*libbpf = (struct libbpf){ .reach = REACH_NONE };
	find_reach(&needs, image);
	if (libbpf->reach == REACH_SHARED && (find_in_run_path(&needs, path) || find_in_cache(&needs)))
		reach_read_version(libbpf);
}
