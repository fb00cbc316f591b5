/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Why something stays on the perf path, in a user's words. */
#ifndef UPSHIFT_VERDICT_H
#define UPSHIFT_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

struct verdict {
	const char *reason; /* NULL: nothing speaks against the upgrade */
	bool wanted; /* somebody wants it so, or the kernel refuses both ways: UPSHIFT=require has nothing to
			object */
};

static inline struct verdict upgrade(void)
{
	return (struct verdict){ NULL, false };
}

static inline struct verdict wanted(const char *reason)
{
	return (struct verdict){ reason, true };
}

static inline struct verdict impossible(const char *reason)
{
	return (struct verdict){ reason, false };
}

#endif
