/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Uprobes that share one link, or are going to: a ring. The link is detached with the last of them.
 * For the holder of the engine's lock.
 */
#ifndef UPSHIFT_SHARING_H
#define UPSHIFT_SHARING_H

#include <stdbool.h>

struct program;
struct uprobe;

/** What one libbpf call attaches, as long as it runs (shared_link.h). */
struct collection {
	struct program *program;
	struct uprobe *first; /* of a ring, or NULL */
};

/** Adds one to a ring; the first is a ring of its own. */
void uprobe_share(struct uprobe *uprobe, struct uprobe *first);

/** Do others keep the link of this attached uprobe? */
bool uprobe_has_sharers(const struct uprobe *uprobe);

/** An uprobe that the tool has closed. */
void uprobe_stop_sharing(struct uprobe *uprobe);

#endif
