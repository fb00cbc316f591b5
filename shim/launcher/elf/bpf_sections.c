// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "elf/bpf_sections.h"

#include <stdlib.h>
#include <string.h>

static const char damaged[] = "a section of it is damaged";
static const char no_memory[] = "there is no memory to read it";

/** Symbols by number, and their names. */
struct symbols {
	Elf_Data *data;
	size_t cnt;
	size_t names; /* section number */
};

static bool find_symbols(const struct elf_image *image, struct symbols *symbols)
{
	for (Elf_Scn *section = elf_nextscn(image->elf, NULL); section;
	     section = elf_nextscn(image->elf, section)) {
		GElf_Shdr shdr;

		if (!gelf_getshdr(section, &shdr) || shdr.sh_type != SHT_SYMTAB)
			continue;
		*symbols = (struct symbols){ .data = elf_getdata(section, NULL), .names = shdr.sh_link };
		if (symbols->data)
			symbols->cnt = symbols->data->d_size / sizeof(Elf64_Sym);
		return symbols->data;
	}
	return false;
}

static const char *read_code(struct bpf_sections *sections)
{
	for (size_t i = 1; i < sections->cnt; i++) {
		Elf_Scn *section = elf_getscn(sections->image->elf, i);
		struct bpf_code *code = &sections->code[i];
		Elf_Data *data;
		GElf_Shdr shdr;

		if (!section || !gelf_getshdr(section, &shdr))
			return damaged;
		code->name = elf_image_name(sections->image, &shdr);
		if (shdr.sh_type != SHT_PROGBITS || !(shdr.sh_flags & SHF_EXECINSTR) || !shdr.sh_size)
			continue;
		data = elf_getdata(section, NULL); /* aligned, as sh_addralign in the file may not be */
		if (!data || !data->d_buf || data->d_size % sizeof(struct bpf_insn) ||
		    data->d_size / sizeof(struct bpf_insn) > UINT32_MAX ||
		    (uintptr_t)data->d_buf % _Alignof(struct bpf_insn))
			return damaged;
		code->insns = data->d_buf;
		code->cnt = (uint32_t)(data->d_size / sizeof(struct bpf_insn));
	}
	return NULL;
}

static int by_place(const void *a, const void *b)
{
	const struct bpf_function *left = a, *right = b;

	if (left->section != right->section)
		return left->section < right->section ? -1 : 1;
	return (left->first > right->first) - (left->first < right->first);
}

static const char *add_function(struct bpf_sections *sections, const GElf_Sym *symbol, const char *name)
{
	const struct bpf_code *code = &sections->code[symbol->st_shndx];
	struct bpf_function *function = &sections->functions[sections->function_cnt];
	const size_t insn = sizeof(struct bpf_insn);

	if (!name || symbol->st_value % insn || symbol->st_size % insn ||
	    symbol->st_value / insn > code->cnt ||
	    symbol->st_size / insn > code->cnt - symbol->st_value / insn)
		return "a function of it reaches beyond its section";
	*function = (struct bpf_function){
		.name = name,
		.section = symbol->st_shndx,
		.first = (uint32_t)(symbol->st_value / insn),
		.cnt = (uint32_t)(symbol->st_size / insn),
		.local = GELF_ST_BIND(symbol->st_info) == STB_LOCAL,
	};
	sections->function_cnt++;
	return NULL;
}

static const char *read_functions(struct bpf_sections *sections, const struct symbols *symbols)
{
	const char *damage = NULL;
	GElf_Sym symbol;

	sections->functions = calloc(symbols->cnt + 1, sizeof(*sections->functions));
	if (!sections->functions)
		return no_memory;
	for (size_t i = 0; i < symbols->cnt && !damage; i++)
		if (gelf_getsym(symbols->data, (int)i, &symbol) && GELF_ST_TYPE(symbol.st_info) == STT_FUNC &&
		    symbol.st_size && symbol.st_shndx < sections->cnt &&
		    sections->code[symbol.st_shndx].insns)
			damage = add_function(
				sections, &symbol,
				elf_strptr(sections->image->elf, symbols->names, symbol.st_name));
	qsort(sections->functions, sections->function_cnt, sizeof(*sections->functions), by_place);
	return damage;
}

static void add_reference(struct bpf_code *code, const struct symbols *symbols, const GElf_Rel *rel)
{
	const uint64_t index = rel->r_offset / sizeof(struct bpf_insn);
	GElf_Sym symbol;

	if (index >= code->cnt || GELF_R_SYM(rel->r_info) >= symbols->cnt ||
	    !gelf_getsym(symbols->data, (int)GELF_R_SYM(rel->r_info), &symbol))
		return;
	code->references[index] = (struct bpf_reference){
		.there = true,
		.external = symbol.st_shndx == SHN_UNDEF,
		.is_section = GELF_ST_TYPE(symbol.st_info) == STT_SECTION,
		.section = symbol.st_shndx,
		.offset = symbol.st_value,
	};
}

/** A map of programs may name its first ones: then its section's relocations lead to functions. */
static bool names_function(const struct bpf_sections *sections, const struct symbols *symbols,
			   const GElf_Rel *rel)
{
	GElf_Sym symbol;

	return GELF_R_SYM(rel->r_info) < symbols->cnt &&
	       gelf_getsym(symbols->data, (int)GELF_R_SYM(rel->r_info), &symbol) &&
	       GELF_ST_TYPE(symbol.st_info) == STT_FUNC && symbol.st_shndx < sections->cnt &&
	       sections->code[symbol.st_shndx].insns;
}

static const char *read_relocations(struct bpf_sections *sections, const struct symbols *symbols,
				    Elf_Scn *section, const GElf_Shdr *shdr)
{
	struct bpf_code *code = shdr->sh_info < sections->cnt ? &sections->code[shdr->sh_info] : NULL;
	Elf_Data *data = elf_getdata(section, NULL);
	const bool maps = code && code->name && !strcmp(code->name, ".maps");
	GElf_Rel rel;

	if (!code || !data || !(maps || code->insns))
		return NULL;
	if (!maps && !code->references)
		code->references = calloc(code->cnt, sizeof(*code->references));
	if (!maps && !code->references)
		return no_memory;
	for (size_t i = 0; i < data->d_size / sizeof(Elf64_Rel) && gelf_getrel(data, (int)i, &rel); i++) {
		if (maps)
			sections->programs_in_maps |= names_function(sections, symbols, &rel);
		else
			add_reference(code, symbols, &rel);
	}
	return NULL;
}

const char *bpf_sections_read(struct bpf_sections *sections, const struct elf_image *image)
{
	struct symbols symbols = { 0 };
	const char *damage;
	GElf_Shdr shdr;

	*sections = (struct bpf_sections){ .image = image };
	if (elf_getshdrnum(image->elf, &sections->cnt) || !find_symbols(image, &symbols))
		return "it has no symbols";
	sections->code = calloc(sections->cnt, sizeof(*sections->code));
	if (!sections->code)
		return no_memory;
	damage = read_code(sections);
	if (!damage)
		damage = read_functions(sections, &symbols);
	for (Elf_Scn *section = elf_nextscn(image->elf, NULL); section && !damage;
	     section = elf_nextscn(image->elf, section))
		if (gelf_getshdr(section, &shdr) && shdr.sh_type == SHT_REL)
			damage = read_relocations(sections, &symbols, section, &shdr);
	return damage;
}

void bpf_sections_free(struct bpf_sections *sections)
{
	for (size_t i = 0; sections->code && i < sections->cnt; i++)
		free(sections->code[i].references);
	free(sections->code);
	free(sections->functions);
	*sections = (struct bpf_sections){ 0 };
}

const struct bpf_function *bpf_sections_function(const struct bpf_sections *sections, uint32_t section,
						 uint64_t offset)
{
	const struct bpf_function key = { .section = section,
					  .first = (uint32_t)(offset / sizeof(struct bpf_insn)) };

	if (offset % sizeof(struct bpf_insn) || offset / sizeof(struct bpf_insn) > UINT32_MAX)
		return NULL;
	return bsearch(&key, sections->functions, sections->function_cnt, sizeof(key), by_place);
}
