/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * One uprobe that the tool asked perf_event_open for, from then until its last fd is closed; or, with
 * UPSHIFT_KPROBES=on, one kprobe, whose link is a kprobe_multi link.
 *
 *   PENDING   its fd is the target, opened with O_PATH (of a kprobe: a file that stands in for one, see
 *             kprobe.h): nothing is attached, all is still possible
 *   LINKED    a uprobe_multi link was made with BPF_LINK_CREATE; the tool holds that link's fd as well
 *   LINK      the tool attached with PERF_EVENT_IOC_SET_BPF: its fd has become the uprobe_multi link
 *   COLLECTED the tool attached, and the link will be made together with others (shared_link.h)
 *   NATIVE    its fd is a perf event, as without upshift
 *
 * Everything here is called with the engine's lock held. Results are a value >= 0 or a negative errno.
 */
#ifndef UPSHIFT_UPROBE_H
#define UPSHIFT_UPROBE_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "fdtable.h"
#include "keeper.h"
#include "link_id.h"
#include "report.h"

enum uprobe_state { UPROBE_PENDING, UPROBE_LINKED, UPROBE_LINK, UPROBE_COLLECTED, UPROBE_NATIVE };

struct collection;
struct perf_links;

/** The arguments of a perf_event_open call. */
struct perf_open {
	const struct perf_event_attr *attr;
	pid_t pid;
	int cpu;
	int group_fd;
	unsigned long flags;
};

struct uprobe {
	enum uprobe_state state;
	unsigned int fds[2]; /* in the fd table, by their role */
	int last_fd[2];      /* the latest of them */

	/* what it was asked for */
	struct perf_event_attr attr; /* its uprobe_path is the tool's memory: good only in uprobe_open() */
	pid_t pid;
	int cpu;
	bool kprobe;
	char *path; /* of a kprobe: its function's name */
	bool retprobe;
	uint64_t offset;
	uint64_t ref_ctr_offset;

	/* what that means for a link */
	dev_t dev; /* of the target */
	ino_t ino;
	uint64_t address;        /* of a kprobe's function, or 0: the kernel hides it */
	pid_t process;           /* the link's pid filter: 0 for every process */
	const char *keep_perf;   /* why it is not upgraded, or NULL */
	bool perf_is_wanted;     /* by the caller's own choice */
	uint32_t cnt;            /* probes on the link */
	const uint64_t *offsets; /* of all of them while the link is made, or NULL for offset alone */

	/* what became of it */
	bool attached;
	enum fd_role holder;   /* the role of the fds that keep it attached */
	struct link_id link;   /* of either kind */
	bool opened_by_libbpf; /* which then closes the event with the link */
	bool one_fd;           /* the event's fd is the link's as well */
	uint64_t cookie;
	char *program; /* for the report */
	char *section;
	pid_t owner; /* the process that attached it: in its children it is a copy */
	struct kept kept;
	bool detaching;                 /* a closer has it, or the report on that is still to come */
	struct collection *collection;  /* that it is waiting in, or NULL */
	struct uprobe *next, *previous; /* with which it shares a link, or is going to: a ring, or NULL */
	struct perf_links *others;      /* that are detached with it (attach_multi.h), or NULL */
	struct uprobe *next_released;
};

/**
 * perf_event_open of an uprobe: the fd that the tool gets. It is a pending uprobe unless something speaks
 * for the perf path from the start; whatever the kernel would refuse at once is put to it at once.
 */
long uprobe_open(const struct perf_open *open);

/** The same of a kprobe. */
long kprobe_open(const struct perf_open *open);

/** Where a multi link of its kind would have it: an offset in the file, or an address. */
static inline const uint64_t *uprobe_place(const struct uprobe *uprobe)
{
	return uprobe->kprobe ? &uprobe->address : &uprobe->offset;
}

/** The uprobe that an fd stands for, or NULL; an entry that has become stale is dropped. */
struct uprobe *uprobe_at(int fd, enum fd_role *role);

/**
 * Not every close is seen. Finds links whose fds are gone, a few at a time and at most every 100 ms, and lets
 * go of them; all at once if whole. Takes the engine's lock.
 */
void uprobe_sweep(bool whole);

/** In a fork child that was copied in the middle of a change: counts the fds anew. */
void uprobe_adopt(void);

/**
 * Makes the perf event that the tool asked for and puts it in place of the pending uprobe, on all its fds; fd
 * is one of them. Nothing to do for a native one; -EOPNOTSUPP if it is too late.
 */
long uprobe_go_native(struct uprobe *uprobe, int fd);

/** Before something that only a perf event can serve: makes fd one, if it is a pending uprobe. */
void uprobe_need_event(int fd);

/** Puts new_fd in place of all fds of a role (fd is one), each with its close-on-exec flag as it was. */
long uprobe_replace(struct uprobe *uprobe, enum fd_role role, int fd, int new_fd);

/** One of the fds of a role, or -1. */
int uprobe_fd(const struct uprobe *uprobe, enum fd_role role);

/** The same, of those that still are what they were; others are dropped, and may be the last. */
int uprobe_live_fd(struct uprobe *uprobe, enum fd_role role);

/** Did this process attach it? Or its parent, which is gone: as after daemon(), it is the heir. */
bool uprobe_is_ours(const struct uprobe *uprobe);

/** Keeps the names for the report on the detach; program may be NULL. */
struct program;
void uprobe_name_program(struct uprobe *uprobe, const struct program *program);

/** What the report says of it: what it was asked for, and what is known of who is attached. */
struct report_line uprobe_report_line(const struct uprobe *uprobe, const char *event, enum report_path path,
				      const char *reason);

/** Tells that it is detached; how long that took, if that is known. */
void uprobe_report_detach(const struct uprobe *uprobe, uint64_t duration_ns);

/** Lets go of an uprobe that no fd stands for and that is not being detached. Frees nothing yet: close() may
 * run in a signal handler. */
void uprobe_put(struct uprobe *uprobe);

#endif
