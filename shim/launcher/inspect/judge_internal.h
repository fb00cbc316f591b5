/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Between the parts of upshift inspect that judge programs. Pure functions. */
#ifndef UPSHIFT_INSPECT_JUDGE_INTERNAL_H
#define UPSHIFT_INSPECT_JUDGE_INTERNAL_H

#include "inspect/inspect.h"
#include "program.h"

/** Would the library see libbpf's own functions, and at them the sections and maps? */
bool inspect_libbpf_is_seen(const struct inspection *inspection);

/** What the library would know of a program, with or without UPSHIFT_KPROBES=on. */
struct program inspect_program(const struct inspection *inspection, const struct bpf_object_file *object,
			       const struct bpf_object_program *program, bool kprobes);

#endif
