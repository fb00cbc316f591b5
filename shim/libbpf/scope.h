/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * libbpf calls that detach. What one of them closes is detached at once, and the call returns when all of it
 * is: what libbpf_scope_end() waits for. Scopes nest, as the calls do; the outermost waits. Thread-safe.
 */
#ifndef UPSHIFT_SCOPE_H
#define UPSHIFT_SCOPE_H

#include <stdbool.h>

#include "hints.h"

struct libbpf_scope {
	struct detach_scope detach;
	struct detach_scope *before;
};

/** whole_object: waits in any case. A single link's end is waited for only where the configuration says so.
 */
void libbpf_scope_begin(struct libbpf_scope *scope, bool whole_object);

/** Keeps errno. */
void libbpf_scope_end(struct libbpf_scope *scope);

#endif
