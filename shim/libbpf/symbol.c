// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "symbol.h"

#include <dlfcn.h>
#include <stddef.h>

/** In the library that the caller is in, and what that depends on. */
static void *symbol_near(const void *caller, const char *name)
{
	void *library, *symbol;
	Dl_info info, found;

	if (!dladdr(caller, &info) || !info.dli_fname)
		return NULL;
	library = dlopen(info.dli_fname, RTLD_NOLOAD | RTLD_LAZY);
	if (!library)
		return NULL;
	symbol = dlsym(library, name);
	dlclose(library); /* the caller keeps it */
	/* A caller that has one itself is another preload: a second copy of this one, say. */
	return symbol && dladdr(symbol, &found) && found.dli_fbase == info.dli_fbase ? NULL : symbol;
}

/** Whoever loaded it. */
static void *symbol_of_libbpf(const char *name)
{
	void *library = dlopen("libbpf.so.1", RTLD_NOLOAD | RTLD_LAZY);
	void *symbol = library ? dlsym(library, name) : NULL;

	if (library)
		dlclose(library);
	return symbol;
}

void *libbpf_symbol(const void *caller, const char *name)
{
	void *symbol = dlsym(RTLD_NEXT, name);

	if (!symbol)
		symbol = symbol_near(caller, name);
	return symbol ? symbol : symbol_of_libbpf(name);
}

bool libbpf_api(const void *caller, struct libbpf_api *api)
{
	bool complete = true;

#define X(name) complete &= (api->name = (__typeof__(&name))libbpf_symbol(caller, #name)) != NULL;
	LIBBPF_FUNCTIONS(X)
#undef X
	return complete;
}
