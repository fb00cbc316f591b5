/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* A tool whose links are not detached before somebody waits for it. */
#ifndef UPSHIFT_DETACH_TOOL_H
#define UPSHIFT_DETACH_TOOL_H

#include "tool.h"

#include "config.h"
#include "detach.h"

/** Its program, for all of its links. */
extern int prog;

/** From here on upshift's threads are held back. */
void start_detaching(enum detach_mode mode);
int link_at(uint64_t offset);
/** A new one. */
void close_one(void);
bool all_is_detached(void);

/** In the line of the report for each. */
#define DETACHES "\"event\":\"detach\""

#endif
