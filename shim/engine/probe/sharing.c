// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "sharing.h"

#include <stddef.h>

#include "kernel.h"
#include "process.h"
#include "report.h"
#include "uprobe.h"

void uprobe_share(struct uprobe *uprobe, struct uprobe *first)
{
	if (first == uprobe)
		uprobe->previous = uprobe;
	uprobe->next = first;
	uprobe->previous = first->previous;
	first->previous->next = uprobe;
	first->previous = uprobe;
}

bool uprobe_has_sharers(const struct uprobe *uprobe)
{
	return uprobe->next && uprobe->next != uprobe;
}

static void report_leaving(const struct uprobe *uprobe)
{
	const struct report_line line = uprobe_report_line(
		uprobe, "detach", REPORT_MULTI,
		"its last file descriptor in this process was closed; others keep the link");

	report(&line);
}

void uprobe_stop_sharing(struct uprobe *uprobe)
{
	const bool others = uprobe_has_sharers(uprobe), ours = uprobe->owner == process_id();

	if (!uprobe->next)
		return;
	/* A fork child has a copy of the members, and perhaps no thread that collects them. */
	if (ours && uprobe->collection && uprobe->collection->first == uprobe)
		uprobe->collection->first = others ? uprobe->next : NULL;
	if (ours && others && uprobe->state == UPROBE_LINK)
		report_leaving(uprobe);
	uprobe->previous->next = uprobe->next;
	uprobe->next->previous = uprobe->previous;
	uprobe->next = uprobe->previous = NULL;
	uprobe->collection = NULL;
}
