// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Questions to the kernel, asked without upshift. */
#ifndef TESTS_KERNEL_H
#define TESTS_KERNEL_H

#include <stdbool.h>

/* NULL, or why nothing of all this can run here. */
const char *kernel_cannot_trace(void);

/* Links for uprobe_multi that upshift can use: that exist, and whose pid filter means processes. */
bool kernel_has_uprobe_multi(void);

/* Programs of such links may return what they like. */
bool kernel_ignores_returns(void);
bool kernel_has_tokens(void);

/* What upshift can do for kprobes. */
enum kprobe_kernel {
	KPROBE_NONE,  /* there are none */
	KPROBE_PERF,  /* nothing: no kprobe_multi links, slow ones, or not this architecture's */
	KPROBE_MULTI, /* links with the registers of arguments and results */
};
enum kprobe_kernel kernel_kprobes(void);

/* Waits a while for a link to be gone. A link goes away a moment after its last process. */
bool kernel_link_is_gone(unsigned int id);

#endif
