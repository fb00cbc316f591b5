/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Sections that newer libbpfs or the upshift proposal know, taught to the libbpf of this process where it
 * does not: uprobe.single, uretprobe.single, uprobe.multi, uretprobe.multi, and their .s forms.
 */
#ifndef UPSHIFT_HANDLERS_H
#define UPSHIFT_HANDLERS_H

/** Before an object is opened. Registers once for the process; thread-safe. */
void handlers_teach(void);

#endif
