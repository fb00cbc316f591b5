// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "kprobe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "kallsyms.h"
#include "kernel.h"
#include "kernel_features.h"
#include "uprobe.h"

enum { NAME_MAX_LEN = 512 }; /* the kernel's KSYM_NAME_LEN since 6.1, with the '\0' */

/* ---- which implementation this kernel has --------------------------------------------------------- */

/** fprobe_exit_handler is what rethook calls; the function graph has no use for it. */
bool kprobe_links_are_slow(void)
{
	static bool known, slow;
	struct kernel_symbol symbol;

	if (!known && kallsyms_find("fprobe_exit_handler", &symbol) == 0) {
		known = true;
		slow = symbol.cnt;
	}
	return slow;
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
		return impossible("the kernel's symbols cannot be read");
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
	return upgrade();
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
	return upgrade();
}

struct verdict kprobe_examine(struct uprobe *uprobe)
{
	struct verdict verdict = kprobe_examine_place(uprobe);

	return verdict.reason ? verdict : examine_name(uprobe);
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
