/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * Attaching a program to an uprobe: the upgrade to a uprobe_multi link, or the perf path with the kernel's
 * own answer. Both take the engine's lock themselves.
 */
#ifndef UPSHIFT_ATTACH_H
#define UPSHIFT_ATTACH_H

#include "call.h"

/** BPF_LINK_CREATE of type BPF_PERF_EVENT: the link's fd, or a negative errno. */
long attach_by_link(const struct bpf_call *call);

/**
 * BPF_LINK_CREATE of a multi link of either kind that the tool makes itself: a program that it loaded for
 * perf events the kernel refuses, also where we loaded the multi variant in its place. The link's fd, or a
 * negative errno.
 */
long attach_multi_natively(const struct bpf_call *call);

/** PERF_EVENT_IOC_SET_BPF on any perf event or pending uprobe: 0, or a negative errno. */
long attach_by_ioctl(int fd, long arg);

#endif
