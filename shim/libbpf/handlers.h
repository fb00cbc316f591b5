/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Sections that newer libbpfs or the upshift proposal know, taught to the libbpf of this process where it
 * does not: uprobe.single, uretprobe.single, uprobe.multi, uretprobe.multi, and their .s forms; kprobe.single
 * and kretprobe.single, whether kprobes are upgraded or not.
 */
#ifndef UPSHIFT_HANDLERS_H
#define UPSHIFT_HANDLERS_H

/** Before a caller opens an object: registers what its libbpf does not know yet. Thread-safe. */
void handlers_teach(const void *caller);

#endif
