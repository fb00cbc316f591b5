// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* upshift-probe: what this kernel can do, one "name yes|no" a line, for scripts. */
#include <stdio.h>

#include "kernel.h"
#include "kernel_features.h"
#include "private_bpffs.h"

static void print(const char *name, bool there)
{
	printf("%s %s\n", name, there ? "yes" : "no");
}

/** Of what it takes to have a keeper (shim/engine/link/keeper.h), this is the kernel's part. */
static bool can_keep(void)
{
	const char *why;
	const long fd = private_bpffs_open(&why);

	if (fd >= 0)
		sys_close((int)fd);
	return fd >= 0;
}

int main(void)
{
	struct features features;

	features_probe(&features);
	print("uprobe_multi_link", features.uprobe_multi_link);
	print("pid_filter", features.pid_filter);
	print("return_ignored", features.return_ignored);
	print("prog_array_checked", features.prog_array_checked);
	print("cookie", features.cookie);
	print("sessions", features.sessions);
	print("kprobe_multi_link", features.kprobe_multi_link);
	print("keeper", can_keep());
	printf("uprobe_pmu_type %d\n", features.uprobe_pmu_type);
	return 0;
}
