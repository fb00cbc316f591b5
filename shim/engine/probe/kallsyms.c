// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "kallsyms.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"

enum { READ_SIZE = 64 * 1024, FIRST_PLACES = 1 << 16 };

/** A name is known by 48 bits of its hash: among 200,000 names two have the same in 1 of 14,000 kernels. */
struct place {
	uint64_t hash : 48, cnt : 14, of_module : 1, is_function : 1; /* cnt 0: nobody's */
	uint64_t address;
};

static struct {
	struct place *places; /* NULL: not read yet */
	uint32_t size;        /* a power of two */
	uint32_t used;
	uint64_t modules; /* which set of modules it is of */
} table;

/* ---- FNV-1a -------------------------------------------------------------------------------------- */

static const uint64_t hash_start = 0xcbf29ce484222325;

static uint64_t hash_add(uint64_t hash, char c)
{
	return (hash ^ (unsigned char)c) * 0x100000001b3;
}

static uint64_t hash_end(uint64_t hash)
{
	return (hash ^ hash >> 48) & ((1ull << 48) - 1);
}

/* ---- the table ----------------------------------------------------------------------------------- */

/** Where a hash is, or belongs: there is always a free place. */
static struct place *place_of(uint64_t hash)
{
	uint32_t i = (uint32_t)hash & (table.size - 1);

	while (table.places[i].cnt && table.places[i].hash != hash)
		i = (i + 1) & (table.size - 1);
	return &table.places[i];
}

static void forget(void)
{
	free(table.places);
	table.places = NULL;
	table.size = table.used = 0;
}

static long grow(void)
{
	struct place *before = table.places;
	const uint32_t size = table.size;
	struct place *places = calloc(size ? size * (size_t)2 : FIRST_PLACES, sizeof(*places));

	if (!places)
		return -ENOMEM;
	table.places = places;
	table.size = size ? size * 2 : FIRST_PLACES;
	for (uint32_t i = 0; i < size; i++)
		if (before[i].cnt)
			*place_of(before[i].hash) = before[i];
	free(before);
	return 0;
}

/** first is what is kept if it is the first of its name. */
static long add(struct place first)
{
	long err = table.used / 3 >= table.size / 4 ? grow() : 0;
	struct place *place;

	if (err)
		return err;
	place = place_of(first.hash);
	if (!place->cnt) {
		*place = first;
		table.used++;
	} else if (place->cnt < KALLSYMS_MAX_CNT) {
		place->cnt++;
	}
	return 0;
}

/* ---- lines of words ------------------------------------------------------------------------------ */

/** A line of a file, seen byte by byte, so that it may be of any length. */
struct line {
	unsigned int word; /* which one this is */
	size_t len;        /* of it, so far */
	uint64_t hash;
	uint64_t address;
	char type;
	char owner[16]; /* of a symbol: "[module]", as far as it fits */
};

typedef long (*byte_fn)(struct line *line, char c);

/** Hands over all bytes of a file, the newline last; 0 or a negative errno. */
static long read_bytes(const char *path, struct line *line, byte_fn each)
{
	char *buf = malloc(READ_SIZE), last = '\n';
	long fd = buf ? sys_open(path, O_RDONLY | O_CLOEXEC) : -ENOMEM;
	long len = fd < 0 ? fd : 1, err = 0;

	while (len > 0 && !err) {
		len = sys_read((int)fd, buf, READ_SIZE);
		for (long i = 0; i < len && !err; i++) {
			last = buf[i];
			err = each(line, last);
		}
	}
	if (!err && last != '\n')
		err = each(line, '\n');
	if (fd >= 0)
		sys_close((int)fd);
	free(buf);
	return len < 0 ? len : err;
}

/** Is c one of a word's? Else a word ends here, if there was one. */
static bool in_word(struct line *line, char c)
{
	if (c != ' ' && c != '\t' && c != '\n') {
		line->len++;
		return true;
	}
	line->word += line->len != 0;
	line->len = 0;
	return false;
}

/* ---- /proc/modules ------------------------------------------------------------------------------- */

enum { MODULE_REFERENCES = 2, MODULE_USERS = 3 };

/** Name, size, state and address: what does not change as long as the module is there. */
static long add_module_byte(struct line *line, char c)
{
	in_word(line, c);
	if (line->word != MODULE_REFERENCES && line->word != MODULE_USERS)
		line->hash = hash_add(line->hash, c);
	if (c == '\n')
		line->word = 0;
	return 0;
}

/** Which modules there are, as a hash. A kernel without any has no such file. */
static uint64_t read_modules(void)
{
	struct line line = { .hash = hash_start };

	read_bytes("/proc/modules", &line, add_module_byte);
	return line.hash;
}

/* ---- /proc/kallsyms ------------------------------------------------------------------------------ */

enum { SYMBOL_ADDRESS, SYMBOL_TYPE, SYMBOL_NAME, SYMBOL_OWNER };

static uint64_t hex_digit(char c)
{
	return (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/** Symbols of BPF programs ([bpf]), and of ftrace's and kprobes' trampolines, are no places for a kprobe. */
static bool is_probed_by_name(const char *owner)
{
	return strcmp(owner, "[bpf]") != 0 && strncmp(owner, "[__builtin__", strlen("[__builtin__")) != 0;
}

static long add_symbol_byte(struct line *line, char c)
{
	long err = 0;

	if (in_word(line, c)) {
		if (line->word == SYMBOL_ADDRESS)
			line->address = line->address << 4 | hex_digit(c);
		else if (line->word == SYMBOL_TYPE)
			line->type = c;
		else if (line->word == SYMBOL_NAME)
			line->hash = hash_add(line->hash, c);
		else if (line->word == SYMBOL_OWNER && line->len < sizeof(line->owner))
			line->owner[line->len - 1] = c;
	} else if (c == '\n') {
		if (line->word > SYMBOL_NAME && is_probed_by_name(line->owner))
			err = add((struct place){ .hash = hash_end(line->hash),
						  .cnt = 1,
						  .of_module = line->owner[0] != 0,
						  .is_function = strchr("tTwW", line->type) != NULL,
						  .address = line->address });
		*line = (struct line){ .hash = hash_start };
	}
	return err;
}

static long read_symbols(void)
{
	struct line line = { .hash = hash_start };
	long err;

	forget();
	err = grow();
	if (!err)
		err = read_bytes("/proc/kallsyms", &line, add_symbol_byte);
	if (err)
		forget();
	return err;
}

long kallsyms_find(const char *name, struct kernel_symbol *symbol)
{
	const uint64_t modules = read_modules();
	uint64_t hash = hash_start;
	const struct place *place;
	long err;

	if (!table.places || table.modules != modules) {
		err = read_symbols();
		if (err)
			return err;
		table.modules = modules;
	}
	while (*name)
		hash = hash_add(hash, *name++);
	place = place_of(hash_end(hash));
	symbol->cnt = place->cnt;
	symbol->of_module = place->of_module;
	symbol->is_function = place->is_function;
	symbol->address = place->address;
	return 0;
}
