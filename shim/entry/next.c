// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "next.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "engine.h"
#include "symbol.h"

#define LIBC_HOOK(type, name, params) type(*next_##name) params;
#define LIBBPF_HOOK(type, name, params)                      \
	type(*next_##name(const void *caller)) params        \
	{                                                    \
		void *found = libbpf_symbol(caller, #name);  \
                                                             \
		/* never ourselves: that would never end */  \
		return found == (void *)name ? NULL : found; \
	}
#include "hooks.def"
#undef LIBC_HOOK
#undef LIBBPF_HOOK

__attribute__((constructor)) void next_find_libc(void)
{
	void *found;

#define LIBC_HOOK(type, name, params)    \
	found = dlsym(RTLD_NEXT, #name); \
	if (found != (void *)name)       \
		next_##name = (type(*) params)found;
#define LIBBPF_HOOK(type, name, params)
#include "hooks.def"
#undef LIBC_HOOK
#undef LIBBPF_HOOK
}

__attribute__((destructor)) static void at_exit(void)
{
	engine_exit();
}
