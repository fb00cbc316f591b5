/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Tells the engine about an object's programs while libbpf loads them. */
#ifndef UPSHIFT_PREPARE_H
#define UPSHIFT_PREPARE_H

#include <bpf/libbpf.h>

#include "hints.h"
#include "symbol.h"

struct load_scope {
	struct load_hints announced;
	const struct load_hints *before;
	struct load_hint *hints; /* NULL: nothing was announced */
	struct libbpf_api api;
	struct bpf_object *obj;
};

/** Before libbpf loads obj for a caller; an inner scope of the same load announces nothing new. */
void load_scope_begin(struct load_scope *scope, const void *caller, struct bpf_object *obj);

/** Afterwards, with libbpf's result. */
void load_scope_end(struct load_scope *scope, int result);

#endif
