// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "elf/bpf_btf.h"

#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>

static const char damaged[] = "its BTF is damaged";
static const char no_memory[] = "there is no memory to read it";

enum { KIND_DECL_TAG = 17, KIND_TYPE_TAG = 18, KIND_ENUM64 = 19 }; /* newer than some headers */

/** Part of a section, aligned to 4. */
struct part {
	const unsigned char *bytes;
	size_t size;
};

struct btf {
	unsigned char *copy; /* of the section */
	struct part types, strings;
	uint32_t *offsets; /* of the types, by number */
	uint32_t cnt;
};

/** A section's copy, for the caller to free: in the file it may not be aligned. */
static void *copy_section(const struct elf_image *image, const char *name, size_t *size)
{
	for (Elf_Scn *section = elf_nextscn(image->elf, NULL); section;
	     section = elf_nextscn(image->elf, section)) {
		const unsigned char *bytes;
		GElf_Shdr shdr;
		void *copy;

		if (!gelf_getshdr(section, &shdr) || strcmp(elf_image_name(image, &shdr), name) != 0)
			continue;
		bytes = elf_image_bytes(image, &shdr);
		copy = bytes ? malloc(shdr.sh_size) : NULL;
		if (copy)
			memcpy(copy, bytes, shdr.sh_size);
		*size = shdr.sh_size;
		return copy;
	}
	return NULL;
}

/** What is there of so many bytes at an offset; NULL if not all. */
static const void *at(struct part part, uint64_t offset, uint64_t len)
{
	return offset <= part.size && len <= part.size - offset ? part.bytes + offset : NULL;
}

static bool set_part(struct part *part, struct part whole, uint64_t offset, uint32_t len)
{
	*part = (struct part){ .bytes = at(whole, offset, len), .size = len };
	return part->bytes && offset % sizeof(uint32_t) == 0;
}

static const char *string(const struct btf *btf, uint32_t offset)
{
	const char *text = at(btf->strings, offset, 1);

	return text && memchr(text, '\0', btf->strings.size - offset) ? text : "";
}

/** What follows a type's first words, in bytes; negative if its kind is not known. */
static int64_t tail_size(const struct btf_type *type)
{
	const uint32_t vlen = BTF_INFO_VLEN(type->info);

	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_DATASEC:
	case KIND_ENUM64:
		return (int64_t)vlen * 12;
	case BTF_KIND_ENUM:
	case BTF_KIND_FUNC_PROTO:
		return (int64_t)vlen * 8;
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case KIND_TYPE_TAG:
		return 0;
	}
	return -1;
}

/** The numbers of the types: 0 is void. What comes behind an unknown kind has none. */
static bool number_types(struct btf *btf)
{
	const struct btf_type *type;
	uint64_t offset = 0;

	btf->offsets = calloc(btf->types.size / sizeof(*type) + 1, sizeof(*btf->offsets));
	if (!btf->offsets)
		return false;
	btf->cnt = 1;
	while ((type = at(btf->types, offset, sizeof(*type)))) {
		const int64_t tail = tail_size(type);

		if (tail < 0 || !at(btf->types, offset + sizeof(*type), (uint64_t)tail))
			break;
		btf->offsets[btf->cnt++] = (uint32_t)offset;
		offset += sizeof(*type) + (uint64_t)tail;
	}
	return true;
}

static const char *read_btf(struct btf *btf, const struct elf_image *image)
{
	const struct btf_header *header;
	struct part whole = { 0 };

	*btf = (struct btf){ .copy = copy_section(image, ".BTF", &whole.size) };
	whole.bytes = btf->copy;
	if (!btf->copy)
		return NULL;
	header = at(whole, 0, sizeof(*header));
	if (!header || header->magic != BTF_MAGIC ||
	    !set_part(&btf->types, whole, (uint64_t)header->hdr_len + header->type_off, header->type_len) ||
	    !at(whole, (uint64_t)header->hdr_len + header->str_off, header->str_len))
		return damaged;
	btf->strings = (struct part){ whole.bytes + header->hdr_len + header->str_off, header->str_len };
	return number_types(btf) ? NULL : no_memory;
}

static void free_btf(struct btf *btf)
{
	free(btf->copy);
	free(btf->offsets);
}

/** A type of that kind, behind typedefs and qualifiers; NULL if it is another. */
static const struct btf_type *type_of(const struct btf *btf, uint32_t id, uint32_t kind)
{
	for (int depth = 0; id && id < btf->cnt && depth < 32; depth++) {
		const struct btf_type *type = (const struct btf_type *)(btf->types.bytes + btf->offsets[id]);

		if (BTF_INFO_KIND(type->info) == kind)
			return type;
		switch (BTF_INFO_KIND(type->info)) {
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_CONST:
		case BTF_KIND_RESTRICT:
		case KIND_TYPE_TAG:
			id = type->type;
			continue;
		}
		break;
	}
	return NULL;
}

/** __uint(type, N) is a pointer to an array of N. */
static bool map_type(const struct btf *btf, const struct btf_type *map, uint32_t *value)
{
	const struct btf_member *members = (const struct btf_member *)(map + 1);

	for (uint32_t i = 0; i < BTF_INFO_VLEN(map->info); i++) {
		const struct btf_type *pointer, *array;

		if (strcmp(string(btf, members[i].name_off), "type") != 0)
			continue;
		pointer = type_of(btf, members[i].type, BTF_KIND_PTR);
		array = pointer ? type_of(btf, pointer->type, BTF_KIND_ARRAY) : NULL;
		if (array)
			*value = ((const struct btf_array *)(array + 1))->nelems;
		return array;
	}
	return false;
}

static const char *add_maps(struct bpf_object_file *object, const struct btf *btf,
			    const struct btf_type *section)
{
	const struct btf_var_secinfo *variables = (const struct btf_var_secinfo *)(section + 1);
	const uint32_t cnt = BTF_INFO_VLEN(section->info);

	object->maps = calloc(cnt + 1, sizeof(*object->maps));
	if (!object->maps)
		return no_memory;
	for (uint32_t i = 0; i < cnt; i++) {
		const struct btf_type *variable = type_of(btf, variables[i].type, BTF_KIND_VAR);
		const struct btf_type *map = variable ? type_of(btf, variable->type, BTF_KIND_STRUCT) : NULL;
		uint32_t type;

		if (!map || !map_type(btf, map, &type))
			continue;
		object->maps[object->map_cnt] =
			(struct bpf_object_map){ strdup(string(btf, variable->name_off)), type };
		if (!object->maps[object->map_cnt++].name)
			return no_memory;
	}
	return NULL;
}

const char *bpf_btf_read_maps(struct bpf_object_file *object, const struct elf_image *image)
{
	struct btf btf;
	const char *damage = read_btf(&btf, image);

	for (uint32_t id = 1; id < btf.cnt && !damage && !object->maps; id++) {
		const struct btf_type *section = type_of(&btf, id, BTF_KIND_DATASEC);

		if (section && !strcmp(string(&btf, section->name_off), ".maps"))
			damage = add_maps(object, &btf, section);
	}
	free_btf(&btf);
	return damage;
}

/* .BTF.ext's header as far as it is of interest; linux/btf.h does not have it. */
struct ext_header {
	uint16_t magic;
	uint8_t version, flags;
	uint32_t hdr_len, func_info_off, func_info_len, line_info_off, line_info_len;
	uint32_t core_relo_off, core_relo_len;
};

/** The section of code of that name, with room for references; NULL if there is none or no memory. */
static struct bpf_code *code_named(struct bpf_sections *sections, const char *name)
{
	for (size_t i = 1; i < sections->cnt; i++) {
		struct bpf_code *code = &sections->code[i];

		if (!code->insns || strcmp(code->name, name) != 0)
			continue;
		if (!code->references)
			code->references = calloc(code->cnt, sizeof(*code->references));
		return code->references ? code : NULL;
	}
	return NULL;
}

/** For each section: its name, how many records, and these, which begin with the instruction's place. */
static const char *mark_all(struct bpf_sections *sections, const struct btf *btf, struct part records)
{
	const uint32_t *size = at(records, 0, sizeof(*size)), *head;
	uint64_t offset = sizeof(*size);

	if (!size || *size < sizeof(uint32_t) || *size % sizeof(uint32_t))
		return records.size ? damaged : NULL;
	while ((head = at(records, offset, 2 * sizeof(*head)))) {
		struct bpf_code *code = code_named(sections, string(btf, head[0]));

		offset += 2 * sizeof(*head);
		if (!at(records, offset, (uint64_t)head[1] * *size))
			return damaged;
		for (uint32_t i = 0; i < head[1]; i++, offset += *size) {
			const uint32_t place = *(const uint32_t *)(records.bytes + offset);
			const uint32_t index = place / (uint32_t)sizeof(struct bpf_insn);

			if (code && index < code->cnt)
				code->references[index].relocated = true;
		}
	}
	return NULL;
}

const char *bpf_btf_mark_relocated(struct bpf_sections *sections)
{
	struct part whole = { 0 }, records;
	struct btf btf;
	const char *damage = read_btf(&btf, sections->image);
	unsigned char *copy = damage ? NULL : copy_section(sections->image, ".BTF.ext", &whole.size);
	const struct ext_header *header;

	whole.bytes = copy;
	header = copy ? at(whole, 0, sizeof(*header)) : NULL;
	if (header && header->hdr_len >= sizeof(*header)) {
		if (!set_part(&records, whole, (uint64_t)header->hdr_len + header->core_relo_off,
			      header->core_relo_len))
			damage = damaged;
		else
			damage = mark_all(sections, &btf, records);
	}
	free(copy);
	free_btf(&btf);
	return damage;
}
