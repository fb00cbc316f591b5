// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>
#include "text.h"

#define INSTRUCTION 4 /* bytes: enough for a breakpoint of any machine */

/* How far the file's executable part is from its place in memory. */
static unsigned long displacement(const struct target *target)
{
	unsigned long start, offset, found = 0;
	char path[64], line[PATH_MAX + 128];
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", target->pid);
	maps = fopen(path, "re");
	while (maps && fgets(line, sizeof(line), maps))
		if (strstr(line, " r-xp ") && strstr(line, target_path()) &&
		    sscanf(line, "%lx-%*x %*s %lx", &start, &offset) == 2)
			found = start - offset;
	if (!found)
		die("the target's text is not in %s", path);
	fclose(maps);
	return found;
}

static void await_clean(int memory, int file, unsigned long offset, unsigned long moved)
{
	char there[INSTRUCTION], original[INSTRUCTION];

	if (pread(file, original, INSTRUCTION, (off_t)offset) != INSTRUCTION)
		die("cannot read the target's file");
	for (;;) {
		if (pread(memory, there, INSTRUCTION, (off_t)(moved + offset)) != INSTRUCTION)
			die("cannot read the target's memory");
		if (!memcmp(there, original, INSTRUCTION))
			return;
		usleep(500);
	}
}

void text_await_clean(struct target *target, int count)
{
	const unsigned long moved = displacement(target);
	char path[64];
	int memory, file, i;

	snprintf(path, sizeof(path), "/proc/%d/mem", target->pid);
	memory = open(path, O_RDONLY | O_CLOEXEC);
	file = open(target_path(), O_RDONLY | O_CLOEXEC);
	if (memory < 0 || file < 0)
		die("cannot open the target's text");
	target_tell(target, "offsets %d\n", count);
	for (i = 0; i < count; i++)
		await_clean(memory, file, (unsigned long)target_answer(target), moved);
	close(memory);
	close(file);
}
