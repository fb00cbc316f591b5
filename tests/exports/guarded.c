// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * guarded LIBRARY: calls its vfork(), which is assembly, where an indirect branch may only end at a "bti".
 * The dynamic loader guards a library so if all that is linked into it is built with
 * -mbranch-protection=standard; here it is done by hand, as not every distribution's libgcc is.
 */
#include <dlfcn.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef PROT_BTI
#define PROT_BTI 0x10
#endif

enum { PASSED = 0, FAILED = 1, SKIPPED = 77 };

static int skipped(const char *reason)
{
	printf("skipped: guarded: %s\n", reason);
	return SKIPPED;
}

static bool guard_segment(const struct dl_phdr_info *library, const ElfW(Phdr) * segment)
{
	const unsigned long page = (unsigned long)sysconf(_SC_PAGESIZE);
	const unsigned long start = library->dlpi_addr + segment->p_vaddr, end = start + segment->p_memsz;
	void *from = (void *)(start & -page);

	return mprotect(from, end - (unsigned long)from, PROT_READ | PROT_EXEC | PROT_BTI) == 0;
}

static int guard(struct dl_phdr_info *library, size_t size, void *path)
{
	bool guarded = false;

	(void)size;
	if (strcmp(library->dlpi_name, path))
		return 0;
	for (int i = 0; i < library->dlpi_phnum; i++)
		if (library->dlpi_phdr[i].p_type == PT_LOAD && (library->dlpi_phdr[i].p_flags & PF_X))
			guarded = guard_segment(library, &library->dlpi_phdr[i]);
	return guarded;
}

int main(int argc, char **argv)
{
	pid_t (*library_vfork)(void);
	void *library;
	int status;
	pid_t child;

#ifndef __ARM_FEATURE_BTI_DEFAULT
	return skipped("built without -mbranch-protection=standard");
#endif
	library = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
	library_vfork = library ? (pid_t(*)(void))dlsym(library, "vfork") : NULL;
	if (!library_vfork) {
		fprintf(stderr, "no vfork() found: %s\n", dlerror());
		return FAILED;
	}
	if (!dl_iterate_phdr(guard, argv[1]))
		return skipped("neither this processor nor this kernel guards branches");
	child = library_vfork();
	if (child == 0)
		_exit(3);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return FAILED;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 3)
		return FAILED;
	puts("guarded: 1 of 1 tests passed");
	fflush(stdout);
	_exit(PASSED); /* without the library's destructors, which are libgcc's */
}
