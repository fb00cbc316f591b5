// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A tool that gets its libbpf with a plugin, dlopen()ed RTLD_LOCAL, so that neither the tool nor anything
 * that was loaded with it has libbpf's symbols. The plugin is the scenarios.
 */
#include <dlfcn.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char path[PATH_MAX] = {}, plugin[PATH_MAX + 32];
	int (*run)(int argc, char **argv);
	void *handle;

	if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		return 1;
	snprintf(plugin, sizeof(plugin), "%s/scenario-plugin.so", dirname(path));
	handle = dlopen(plugin, RTLD_NOW | RTLD_LOCAL | (getenv("SCENARIO_DEEPBIND") ? RTLD_DEEPBIND : 0));
	if (!handle) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	*(void **)&run = dlsym(handle, "scenario_main");
	return run ? run(argc, argv) : 1;
}
