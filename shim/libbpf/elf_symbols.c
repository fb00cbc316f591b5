// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "elf_symbols.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#define LIBELF(X)       \
	X(elf_version)  \
	X(elf_begin)    \
	X(elf_end)      \
	X(elf_nextscn)  \
	X(elf_getscn)   \
	X(elf_getdata)  \
	X(elf_strptr)   \
	X(gelf_getshdr) \
	X(gelf_getsym)

struct libelf {
#define X(name) __typeof__(&name) name;
	LIBELF(X)
#undef X
};

struct search {
	const struct libelf *libelf;
	Elf *elf;
	const char *pattern;
	uint64_t *offsets;
	uint32_t cnt;
};

/** As libbpf's: '*' and '?' alone are special, unlike in fnmatch(), where Go's "Map[...]" would be a set. */
static bool glob_match(const char *pattern, const char *name)
{
	for (; *pattern && *pattern != '*'; pattern++, name++)
		if (!*name || (*pattern != '?' && *pattern != *name))
			return false;
	if (!*pattern)
		return !*name;
	while (*pattern == '*')
		pattern++;
	if (!*pattern)
		return true;
	for (; *name; name++)
		if (glob_match(pattern, name))
			return true;
	return false;
}

static bool find_libelf(struct libelf *libelf)
{
	void *handle = dlopen("libelf.so.1", RTLD_LAZY);
	bool complete = handle;

#define X(name) complete = complete && (libelf->name = (__typeof__(&name))dlsym(handle, #name));
	LIBELF(X)
#undef X
	return complete && libelf->elf_version(EV_CURRENT) != EV_NONE;
}

static int add_offset(struct search *search, uint64_t offset)
{
	uint64_t *bigger = search->offsets;

	if ((search->cnt & (search->cnt - 1)) == 0) /* full at every power of two */
		bigger = realloc(search->offsets, (search->cnt ? 2 * search->cnt : 1) * sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	search->offsets = bigger;
	search->offsets[search->cnt++] = offset;
	return 0;
}

static int add_symbol(struct search *search, const GElf_Shdr *table, const GElf_Sym *symbol)
{
	const struct libelf *libelf = search->libelf;
	const char *name;
	GElf_Shdr section;

	if (GELF_ST_TYPE(symbol->st_info) != STT_FUNC || symbol->st_shndx == SHN_UNDEF)
		return 0;
	name = libelf->elf_strptr(search->elf, table->sh_link, symbol->st_name);
	if (!name || !glob_match(search->pattern, name))
		return 0;
	if (!libelf->gelf_getshdr(libelf->elf_getscn(search->elf, symbol->st_shndx), &section))
		return 0;
	return add_offset(search, symbol->st_value - section.sh_addr + section.sh_offset);
}

static int search_table(struct search *search, Elf_Scn *section, const GElf_Shdr *table)
{
	Elf_Data *data = search->libelf->elf_getdata(section, NULL);
	const size_t cnt = table->sh_entsize ? table->sh_size / table->sh_entsize : 0;
	int err = 0;

	for (size_t i = 0; data && !err && i < cnt; i++) {
		GElf_Sym symbol;

		if (search->libelf->gelf_getsym(data, (int)i, &symbol))
			err = add_symbol(search, table, &symbol);
	}
	return err;
}

static int search_tables(struct search *search, GElf_Word type)
{
	int err = 0;

	for (Elf_Scn *section = search->libelf->elf_nextscn(search->elf, NULL); section && !err;
	     section = search->libelf->elf_nextscn(search->elf, section)) {
		GElf_Shdr table;

		if (search->libelf->gelf_getshdr(section, &table) && table.sh_type == type)
			err = search_table(search, section, &table);
	}
	return err;
}

int elf_function_offsets(const char *path, const char *pattern, uint64_t **offsets, uint32_t *cnt)
{
	struct libelf libelf;
	struct search search = { .libelf = &libelf, .pattern = pattern };
	int fd, err;

	if (!find_libelf(&libelf))
		return -EOPNOTSUPP;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	search.elf = libelf.elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (!search.elf) {
		close(fd);
		return -EINVAL;
	}
	err = search_tables(&search, SHT_DYNSYM);
	if (!err && !search.cnt) /* what both tables have must not be found twice */
		err = search_tables(&search, SHT_SYMTAB);
	libelf.elf_end(search.elf);
	close(fd);
	if (!err && !search.cnt)
		err = -ENOENT;
	if (err)
		free(search.offsets);
	else
		*offsets = search.offsets;
	*cnt = search.cnt;
	return err;
}
