// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "kprobe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kallsyms.h"
#include "kernel.h"
#include "kernel_features.h"
#include "uprobe.h"

enum { NAME_MAX_LEN = 512 }; /* the kernel's KSYM_NAME_LEN since 6.1, with the '\0' */

/* ---- which implementation this kernel has --------------------------------------------------------- */

/** fprobe_exit_handler is what rethook calls; the function graph has no use for it. */
static bool on_rethook(void)
{
	static bool known, rethook;
	struct kernel_symbol symbol;

	if (!known && kallsyms_find("fprobe_exit_handler", &symbol) == 0) {
		known = true;
		rethook = symbol.cnt;
	}
	return rethook;
}

bool kprobe_has_all_registers(void)
{
	return on_rethook();
}

bool kprobe_returns_are_separate(void)
{
	return !on_rethook();
}

/** How many CPUs there may ever be, from ranges as in "0-3,8"; 1 if that cannot be read. */
static unsigned long possible_cpus(void)
{
	char text[256];
	unsigned long cnt = 0;

	if (kernel_read_file("/sys/devices/system/cpu/possible", text, sizeof(text)) <= 0)
		return 1;
	for (char *p = text; *p >= '0' && *p <= '9'; p += *p == ',') {
		const unsigned long first = strtoul(p, &p, 10);
		const unsigned long last = *p == '-' ? strtoul(p + 1, &p, 10) : first;

		cnt += last - first + 1;
	}
	return cnt;
}

/**
 * How many tasks can be in the function at once before returns are missed: a kretprobe has instances for
 * max(10, 2 * CPUs), fprobe on rethook for 2 * CPUs (kernel/kprobes.c, kernel/trace/fprobe.c of 6.12).
 */
static bool has_fewer_instances(void)
{
	return on_rethook() && 2 * possible_cpus() < 10;
}

/* ---- the function --------------------------------------------------------------------------------- */

/** Copies the tool's string, which may end just before memory that is not there. */
static long copy_name(char name[NAME_MAX_LEN], uint64_t from)
{
	enum { PIECE = 64 };
	unsigned int len = 0, size;

	while (len < NAME_MAX_LEN) {
		size = PIECE - (unsigned int)((from + len) % PIECE);
		if (size > NAME_MAX_LEN - len)
			size = NAME_MAX_LEN - len;
		if (kernel_copy_from(name + len, u64_to_ptr(from + len), size))
			return -EFAULT;
		if (memchr(name + len, '\0', size))
			return 0;
		len += size;
	}
	return -ENAMETOOLONG;
}

static struct verdict wanted(const char *reason)
{
	return (struct verdict){ reason, true };
}

/** NOKPROBE_SYMBOL() leaves this symbol behind, which perf refuses and ftrace may still reach. */
static bool is_blacklisted(const char *function)
{
	char name[NAME_MAX_LEN + sizeof("_kbl_addr_")];
	struct kernel_symbol symbol;

	snprintf(name, sizeof(name), "_kbl_addr_%s", function);
	return kallsyms_find(name, &symbol) == 0 && symbol.cnt;
}

/** Why a name does not say where a link would go, as far as the kernel's symbols tell. */
static struct verdict examine_name(struct uprobe *uprobe)
{
	struct kernel_symbol symbol = { 0 };

	if (kallsyms_find(uprobe->path, &symbol))
		return (struct verdict){ "the kernel's symbols cannot be read", false };
	if (!symbol.cnt)
		return wanted("the kernel has no symbol of that name");
	/* A link would take the first; perf refuses ("Return EADDRNOTAVAIL when func matches several
	 * symbols"). */
	if (symbol.cnt > 1)
		return wanted("the kernel has more than one symbol of that name");
	if (!symbol.is_function)
		return wanted("the symbol is no function");
	if (is_blacklisted(uprobe->path))
		return wanted("the kernel allows no kprobes on the function");
	/* A perf kprobe just goes when the module does. */
	if (symbol.of_module)
		return wanted("the function is one of a module, which a link would keep from being unloaded");
	uprobe->address = symbol.address;
	uprobe->all_registers = kprobe_has_all_registers();
	return (struct verdict){ NULL, false };
}

void kprobe_read_name(struct uprobe *uprobe)
{
	const struct perf_event_attr *attr = &uprobe->attr;
	char name[NAME_MAX_LEN] = "";

	uprobe->offset = 0;
	if (attr->kprobe_func && copy_name(name, attr->kprobe_func))
		return;
	if (!name[0])
		snprintf(name, sizeof(name), "%#llx", (unsigned long long)attr->kprobe_addr);
	uprobe->path = strdup(name);
}

struct verdict kprobe_examine_place(const struct uprobe *uprobe)
{
	if (!uprobe->path)
		return wanted("the function's name cannot be read");
	if (uprobe->path[0] >= '0' && uprobe->path[0] <= '9')
		return wanted("the kprobe is at an address");
	if (uprobe->attr.probe_offset)
		return wanted("the kprobe is at an offset in its function");
	if (uprobe->ref_ctr_offset || uprobe->pid != -1)
		return wanted("the perf event was asked for more than to run a BPF program");
	if (strchr(uprobe->path, ':'))
		return wanted("the symbol is one of a named module");
	return (struct verdict){ NULL, false };
}

struct verdict kprobe_examine(struct uprobe *uprobe)
{
	struct verdict verdict = kprobe_examine_place(uprobe);

	if (!verdict.reason)
		verdict = examine_name(uprobe);
	if (!verdict.reason && uprobe->retprobe && has_fewer_instances())
		verdict = (struct verdict){
			"with fewer than 5 CPUs, this kernel's multi links miss returns sooner "
			"than kretprobes",
			false
		};
	return verdict;
}

long kprobe_open_stand_in(struct stat *st)
{
	long fd = sys_open(KPROBE_PMU_TYPE_FILE, O_PATH | O_CLOEXEC), err;

	if (fd < 0)
		return fd;
	err = kernel_call(SYS_newfstatat, fd, (long)"", (long)st, AT_EMPTY_PATH, 0, 0);
	if (!err)
		return fd;
	sys_close((int)fd);
	return err;
}
