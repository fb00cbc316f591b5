// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The kernel's functions: what kprobes and kprobe_multi links can be put on. */
#include "fake_internal.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>

#include "kernel.h"
#include "kernel_features.h"

static const struct {
	const char *name;
	uint64_t address;
	bool ftrace; /* reaches it */
} functions[] = {
	{ FAKE_FUNCTION, FAKE_FUNCTION_ADDRESS, true },
	{ FAKE_OTHER_FUNCTION, FAKE_FUNCTION_ADDRESS + 0x100, true },
	{ FAKE_UNTRACEABLE_FUNCTION, FAKE_FUNCTION_ADDRESS + 0x200, false },
	{ FAKE_FORBIDDEN_FUNCTION, FAKE_FUNCTION_ADDRESS + 0x500, true },
	{ FAKE_DOUBLE_FUNCTION, FAKE_FUNCTION_ADDRESS + 0x300, true },
	{ FAKE_DOUBLE_FUNCTION, FAKE_FUNCTION_ADDRESS + 0x400, true },
	{ FAKE_MODULE_FUNCTION, FAKE_FUNCTION_ADDRESS + 0x500, true },
};
enum { FUNCTIONS = sizeof(functions) / sizeof(functions[0]) };

void fake_list_functions(bool addresses)
{
	char text[1024];
	size_t len = 0;

	for (int i = 0; i < FUNCTIONS; i++)
		len += (size_t)snprintf(
			text + len, sizeof(text) - len, "%016llx t %s%s\n",
			addresses ? (unsigned long long)functions[i].address : 0, functions[i].name,
			strcmp(functions[i].name, FAKE_MODULE_FUNCTION) == 0 ? "\t[module]" : "");
	len += (size_t)snprintf(text + len, sizeof(text) - len,
				"%016llx d _kbl_addr_" FAKE_FORBIDDEN_FUNCTION "\n%016llx D " FAKE_DATA "\n",
				0xffffffff83000000ull, 0xffffffff83000100ull);
	snprintf(text + len, sizeof(text) - len, "%016llx t %s\n", 0xffffffff82000000ull,
		 fake_features.fprobe_on_rethook ? "fprobe_exit_handler" : "fprobe_fgraph_entry");
	fake_remove_file("/proc/kallsyms");
	fake_add_file("/proc/kallsyms", text);
}

void kprobes_boot(void)
{
	char type[16];

	if (!fake_features.kprobe_pmu_type)
		return;
	snprintf(type, sizeof(type), "%d\n", fake_features.kprobe_pmu_type);
	fake_add_file(KPROBE_PMU_TYPE_FILE, type);
	fake_list_functions(true);
}

static long address_of(const char *name, uint64_t *address)
{
	int found = 0;

	for (int i = FUNCTIONS - 1; i >= 0; i--)
		if (strcmp(functions[i].name, name) == 0) {
			*address = functions[i].address;
			found++;
		}
	if (found > 1)
		return -EADDRNOTAVAIL;
	return found ? 0 : -ENOENT;
}

long kprobe_place(struct fake_object *perf, const struct perf_event_attr *attr)
{
	const char *name = u64_to_ptr(attr->kprobe_func);
	long err = 0;

	perf->kprobe = true;
	perf->cnt = 1;
	perf->retprobe = attr->config & 1;
	if (name && strncmp(name, "mod:", 4) == 0)
		name += 4;
	if (name && (strcmp(name, FAKE_FORBIDDEN_FUNCTION) == 0 || strcmp(name, FAKE_DATA) == 0))
		return -EINVAL;
	if (name && *name)
		err = address_of(name, &perf->offsets[0]);
	perf->offsets[0] += attr->probe_offset;
	return err ? err : refused(perf->offsets[0], false);
}

static bool ftrace_reaches(uint64_t address)
{
	for (int i = 0; i < FUNCTIONS; i++)
		if (functions[i].address == address)
			return functions[i].ftrace;
	return false;
}

static long read_functions(struct fake_object *link, const struct uapi_link_create *attr)
{
	const uint64_t *addresses = u64_to_ptr(attr->kprobe_multi.addrs);
	const uint64_t *cookies = u64_to_ptr(attr->kprobe_multi.cookies);
	const char *const *symbols = u64_to_ptr(attr->kprobe_multi.syms);

	for (uint32_t i = 0; i < link->cnt; i++) {
		link->cookies[i] = cookies ? cookies[i] : 0;
		if (addresses)
			link->offsets[i] = addresses[i];
		else if (address_of(symbols[i], &link->offsets[i]))
			return -ESRCH;
		if (!ftrace_reaches(link->offsets[i]))
			return addresses ? -EINVAL : -ESRCH;
		if (refused(link->offsets[i], true))
			return refused(link->offsets[i], true);
		for (uint32_t j = 0; j < i; j++)
			if (link->offsets[j] == link->offsets[i])
				unsafe(0, "a kprobe_multi link runs its program once for a function named "
					  "twice");
	}
	return 0;
}

long kprobe_multi_link(const struct uapi_link_create *attr, struct fake_object *prog)
{
	struct fake_object *link;
	long err;

	if (!attr->kprobe_multi.syms == !attr->kprobe_multi.addrs || !attr->kprobe_multi.cnt)
		return -EINVAL;
	if (attr->kprobe_multi.syms && attr->kprobe_multi.syms < 4096)
		return -EFAULT;
	if (fake_features.multi_errno)
		return -fake_features.multi_errno;
	link = object_new(FAKE_LINK);
	link->type = UAPI_BPF_LINK_TYPE_KPROBE_MULTI;
	link->prog = object_get(prog);
	link->kprobe = true;
	link->cnt = attr->kprobe_multi.cnt;
	link->retprobe = attr->kprobe_multi.flags & UAPI_BPF_F_KPROBE_MULTI_RETURN;
	err = read_functions(link, attr);
	if (!err)
		return fd_install(link, 0, true);
	object_put(link);
	return err;
}
