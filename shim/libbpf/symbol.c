// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "symbol.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

void *libbpf_symbol(const char *name)
{
	static const char *const sonames[] = { "libbpf.so.1", "libbpf.so.0" };
	void *symbol = dlsym(RTLD_NEXT, name), *libbpf;

	for (size_t i = 0; !symbol && i < sizeof(sonames) / sizeof(sonames[0]); i++) {
		libbpf = dlopen(sonames[i], RTLD_NOLOAD | RTLD_LAZY);
		if (!libbpf)
			continue;
		symbol = dlsym(libbpf, name);
		dlclose(libbpf); /* whoever loaded it keeps it */
	}
	return symbol;
}

const struct libbpf_api *libbpf_api(void)
{
	static struct libbpf_api api;
	static atomic_bool known;
	struct libbpf_api found;
	bool complete = true;

	if (atomic_load(&known))
		return &api;
#define X(name) complete &= (found.name = (__typeof__(&name))libbpf_symbol(#name)) != NULL;
	LIBBPF_FUNCTIONS(X)
#undef X
	if (!complete)
		return NULL;
	api = found; /* two threads at once write the same */
	atomic_store(&known, true);
	return &api;
}
