// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* BPF objects inside of a tool: a skeleton keeps the whole ELF file among its constants. */
#include <stdlib.h>
#include <string.h>

#include "inspect/inspect.h"

/* More than any tool has: an end for a file made up of ELF headers. */
enum { MAX_OBJECTS = 1024 };

/** Is there the head of a BPF object, of either byte order? */
static bool is_bpf_header(const Elf64_Ehdr *header)
{
	return header->e_ident[EI_CLASS] == ELFCLASS64 && header->e_ident[EI_VERSION] == EV_CURRENT &&
	       (header->e_machine == EM_BPF || header->e_machine == __builtin_bswap16(EM_BPF));
}

/** How far the object reaches, as its own headers tell; more than size if they tell of more than there is. */
static uint64_t extent(const unsigned char *bytes, size_t size, const Elf64_Ehdr *header)
{
	uint64_t end = header->e_shoff + (uint64_t)header->e_shnum * sizeof(Elf64_Shdr);

	if (header->e_shoff > size || end > size || header->e_shentsize != sizeof(Elf64_Shdr))
		return UINT64_MAX;
	for (unsigned int i = 0; i < header->e_shnum; i++) {
		Elf64_Shdr section;
		uint64_t section_end;

		memcpy(&section, bytes + header->e_shoff + i * sizeof(section), sizeof(section));
		if (section.sh_type == SHT_NOBITS || section.sh_type == SHT_NULL)
			continue;
		if (__builtin_add_overflow(section.sh_offset, section.sh_size, &section_end))
			return UINT64_MAX;
		end = section_end > end ? section_end : end;
	}
	return end;
}

static struct bpf_object_file *add_object(struct inspection *inspection, uint64_t offset)
{
	struct bpf_object_file *objects = inspection->objects;
	const size_t cnt = inspection->object_cnt;

	if (cnt >= MAX_OBJECTS)
		return NULL;
	objects = reallocarray(objects, cnt + 1, sizeof(*objects));
	if (!objects)
		return NULL;
	inspection->objects = objects;
	inspection->object_cnt++;
	objects[cnt] = (struct bpf_object_file){ .offset = offset };
	return &objects[cnt];
}

/** Reads the object at these bytes; returns how far it reaches, or what to go on by if that is not known. */
static size_t read_object(struct bpf_object_file *object, const unsigned char *bytes, size_t size)
{
	uint64_t len = size;
	Elf64_Ehdr header;
	void *copy;

	memcpy(&header, bytes, sizeof(header));
	if (header.e_machine == EM_BPF)
		len = extent(bytes, size, &header);
	else
		object->damage = "it is of the other byte order";
	if (len > size)
		object->damage = "it is truncated or damaged";
	if (object->damage)
		return SELFMAG;
	copy = malloc(len); /* in the tool it may not be aligned */
	if (!copy) {
		object->damage = "there is no memory to read it";
		return SELFMAG;
	}
	memcpy(copy, bytes, len);
	bpf_object_read(object, copy, len);
	free(copy);
	return len > SELFMAG ? len : SELFMAG;
}

static bool search(struct inspection *inspection, const struct elf_image *image, const unsigned char *bytes,
		   size_t size)
{
	const unsigned char *end = bytes + size, *found;

	while ((found = memmem(bytes, (size_t)(end - bytes), ELFMAG, SELFMAG))) {
		struct bpf_object_file *object;
		Elf64_Ehdr header;

		bytes = found + SELFMAG;
		if ((size_t)(end - found) < sizeof(header))
			break;
		memcpy(&header, found, sizeof(header));
		if (!is_bpf_header(&header))
			continue;
		object = add_object(inspection, (uint64_t)(found - image->bytes));
		if (!object)
			return inspection->object_cnt >= MAX_OBJECTS;
		bytes = found + read_object(object, found, (size_t)(end - found));
	}
	return true;
}

/** In all that the tool has loaded and is not code; in all segments of a file without sections. */
static bool search_image(struct inspection *inspection, const struct elf_image *image)
{
	size_t sections = 0, segments = 0;

	for (Elf_Scn *section = elf_nextscn(image->elf, NULL); section;
	     section = elf_nextscn(image->elf, section)) {
		const unsigned char *bytes;
		GElf_Shdr shdr;

		sections++;
		if (!gelf_getshdr(section, &shdr) || !(shdr.sh_flags & SHF_ALLOC) ||
		    (shdr.sh_flags & SHF_EXECINSTR))
			continue;
		bytes = elf_image_bytes(image, &shdr);
		if (bytes && !search(inspection, image, bytes, shdr.sh_size))
			return false;
	}
	if (sections || elf_getphdrnum(image->elf, &segments))
		return true;
	for (size_t i = 0; i < segments; i++) {
		GElf_Phdr phdr;

		if (!gelf_getphdr(image->elf, (int)i, &phdr) || phdr.p_type != PT_LOAD ||
		    phdr.p_offset > image->size || phdr.p_filesz > image->size - phdr.p_offset)
			continue;
		if (!search(inspection, image, image->bytes + phdr.p_offset, phdr.p_filesz))
			return false;
	}
	return true;
}

bool inspect_objects(struct inspection *inspection, const struct elf_image *image)
{
	struct bpf_object_file *object;

	if (image->header.e_machine != EM_BPF)
		return search_image(inspection, image);
	object = add_object(inspection, 0);
	if (object)
		bpf_object_read(object, image->bytes, image->size);
	return object;
}
