/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* BPF_PROG_LOAD and the maps that programs are put into. Both take the engine's lock themselves. */
#ifndef UPSHIFT_LOAD_H
#define UPSHIFT_LOAD_H

#include "call.h"

/**
 * BPF_PROG_LOAD: remembers KPROBE programs, and loads the multi variant at once where the libbpf layer knows
 * that it is wanted; what the kernel refuses so, it gets again as the tool made it. The fd or a negative
 * errno.
 */
long load_program(const struct bpf_call *call);

/**
 * BPF_OBJ_PIN: a program whose variant we chose is pinned as the tool made it, because it may be opened by a
 * process without upshift, where nothing would keep it from a perf event (R1).
 */
long load_pin(const struct bpf_call *call);

/** BPF_MAP_CREATE: notes that there are tail calls. */
long load_create_map(const struct bpf_call *call);

/** BPF_MAP_UPDATE_ELEM, attributes not copied yet: keeps programs of different variants out of one PROG_ARRAY
 * (R3). */
long load_update_map(struct bpf_call *call);

#endif
