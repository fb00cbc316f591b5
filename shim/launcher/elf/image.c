// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "elf/image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char truncated[] = "the ELF file is truncated or damaged";

static bool within(uint64_t offset, uint64_t len, size_t size)
{
	return offset <= size && len <= size - offset;
}

/** Are all headers and sections in the file? What is cut off libelf would merely not show. */
static bool is_complete(const struct elf_image *image)
{
	const GElf_Ehdr *header = &image->header;
	size_t sections = 0, segments = 0;

	if (elf_getshdrnum(image->elf, &sections) || elf_getphdrnum(image->elf, &segments))
		return false;
	if (!within(header->e_phoff, (uint64_t)header->e_phnum * header->e_phentsize, image->size) ||
	    !within(header->e_shoff, (uint64_t)sections * header->e_shentsize, image->size))
		return false;
	if (header->e_shoff && !sections)
		return false;
	for (size_t i = 1; i < sections; i++) {
		Elf_Scn *section = elf_getscn(image->elf, i);
		GElf_Shdr shdr;

		if (!section || !gelf_getshdr(section, &shdr))
			return false;
		if (shdr.sh_type != SHT_NOBITS && !within(shdr.sh_offset, shdr.sh_size, image->size))
			return false;
	}
	return true;
}

const char *elf_image_of(struct elf_image *image, const void *bytes, size_t size)
{
	const char *reason = NULL;

	*image = (struct elf_image){ .bytes = bytes, .size = size };
	if (size < SELFMAG || memcmp(bytes, ELFMAG, SELFMAG) != 0)
		return size > 2 && !memcmp(bytes, "#!", 2) ? "not an ELF file, but a script" :
							     "not an ELF file";
	if (elf_version(EV_CURRENT) == EV_NONE)
		return "libelf is too old";
	image->elf = elf_memory((char *)bytes, size);
	if (!image->elf || elf_kind(image->elf) != ELF_K_ELF || !gelf_getehdr(image->elf, &image->header) ||
	    !is_complete(image))
		reason = truncated;
	if (reason)
		elf_image_close(image);
	return reason;
}

static const char *map(struct elf_image *image, int fd)
{
	const char *reason;
	struct stat st;
	void *bytes;

	if (fstat(fd, &st))
		return strerror(errno);
	if (S_ISDIR(st.st_mode))
		return strerror(EISDIR);
	if (!S_ISREG(st.st_mode))
		return "not a file";
	if (!st.st_size)
		return "not an ELF file";
	if ((uintmax_t)st.st_size > SIZE_MAX)
		return strerror(EFBIG);
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return strerror(errno);
	reason = elf_image_of(image, bytes, (size_t)st.st_size);
	if (reason)
		munmap(bytes, (size_t)st.st_size);
	image->mapped = !reason;
	return reason;
}

const char *elf_image_open(struct elf_image *image, const char *path)
{
	/* A FIFO must not be waited for. */
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	const char *reason;

	*image = (struct elf_image){ 0 };
	if (fd < 0)
		return strerror(errno);
	reason = map(image, fd);
	close(fd);
	return reason;
}

void elf_image_close(struct elf_image *image)
{
	elf_end(image->elf);
	if (image->mapped)
		munmap((void *)image->bytes, image->size);
	*image = (struct elf_image){ 0 };
}

const unsigned char *elf_image_bytes(const struct elf_image *image, const GElf_Shdr *section)
{
	if (section->sh_type == SHT_NOBITS || section->sh_type == SHT_NULL || !section->sh_size ||
	    (section->sh_flags & SHF_COMPRESSED) ||
	    !within(section->sh_offset, section->sh_size, image->size))
		return NULL;
	return image->bytes + section->sh_offset;
}

const char *elf_image_name(const struct elf_image *image, const GElf_Shdr *section)
{
	const char *name = NULL;
	size_t names;

	if (!elf_getshdrstrndx(image->elf, &names))
		name = elf_strptr(image->elf, names, section->sh_name);
	return name ? name : "";
}

static bool is_text(int64_t tag)
{
	return tag == DT_NEEDED || tag == DT_SONAME || tag == DT_RPATH || tag == DT_RUNPATH;
}

void elf_image_dynamic(const struct elf_image *image,
		       bool (*see)(void *context, int64_t tag, const char *text), void *context)
{
	const size_t entry = gelf_fsize(image->elf, ELF_T_DYN, 1, EV_CURRENT);

	for (Elf_Scn *section = elf_nextscn(image->elf, NULL); section;
	     section = elf_nextscn(image->elf, section)) {
		GElf_Shdr shdr;
		Elf_Data *data;
		GElf_Dyn dyn;

		if (!entry || !gelf_getshdr(section, &shdr) || shdr.sh_type != SHT_DYNAMIC)
			continue;
		data = elf_getdata(section, NULL);
		for (size_t i = 0; data && i < data->d_size / entry && gelf_getdyn(data, (int)i, &dyn); i++) {
			const char *text = is_text(dyn.d_tag) ?
						   elf_strptr(image->elf, shdr.sh_link, dyn.d_un.d_val) :
						   NULL;

			if (dyn.d_tag == DT_NULL || (text && !see(context, dyn.d_tag, text)))
				return;
		}
	}
}
