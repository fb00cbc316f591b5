// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "kernel_features.h"

#include <errno.h>

#include "kernel.h"

static int pmu_type(const char *path)
{
	char text[16];
	long len = kernel_read_file(path, text, sizeof(text));
	int type = 0;

	if (len < 0)
		return (int)len;
	for (const char *p = text; *p >= '0' && *p <= '9'; p++)
		type = type * 10 + (*p - '0');
	return type > 0 ? type : -EINVAL;
}

int uprobe_pmu_type(void)
{
	return pmu_type("/sys/bus/event_source/devices/uprobe/type");
}

int kprobe_pmu_type(void)
{
	return pmu_type(KPROBE_PMU_TYPE_FILE);
}
