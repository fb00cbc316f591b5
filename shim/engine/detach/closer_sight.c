// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "closer_sight.h"

#include <string.h>

#include "decimal.h"
#include "kernel.h"
#include "target.h"

/*
 * /proc/PID/task/TID/stack needs CAP_SYS_ADMIN and CONFIG_STACKTRACE. A running thread has none there.
 * In the second part its innermost functions are, before bpf_uprobe_multi_link_release:
 *
 *	6.12  __wait_rcu_gp, synchronize_rcu_tasks_trace
 *	6.18  __wait_rcu_gp, synchronize_rcu_tasks_trace, uprobe_unregister_sync
 *	      then __synchronize_srcu
 *	7.2   __synchronize_srcu, uprobe_unregister_sync
 *	      then __synchronize_srcu
 *
 * where uprobe_unregister_sync is missing it has ended in a jump. The first part may sleep too, for locks and
 * for the grace period of dup_mmap_sem, but never for RCU tasks or SRCU.
 */
static const char *const first_part[] = { "uprobe_unregister_nosync", "register_for_each_vma" };
static const char *const second_part[] = { "uprobe_unregister_sync", "synchronize_rcu_tasks_trace",
					   "synchronize_srcu" };

/*
 * /proc/PID/task/TID/wchan is for everybody and has the innermost function alone. __synchronize_srcu (7.2) is
 * the second part for sure. So is __wait_rcu_gp on 6.18; on 6.12 that can be the wait for dup_mmap_sem as
 * well, when no hit counts any more, but the breakpoint goes a grace period later. Of a link with many probes
 * the first's wait for dup_mmap_sem says nothing of the others, so there it does not do.
 */
static const char *const second_part_names[] = { "__wait_rcu_gp", "__synchronize_srcu" };

#define HAS_ANY(text, names) has_any(text, names, sizeof(names) / sizeof(names[0]))

static bool has_any(const char *text, const char *const names[], unsigned int cnt)
{
	for (unsigned int i = 0; i < cnt; i++)
		if (strstr(text, names[i]))
			return true;
	return false;
}

static int open_of_thread(int thread, const char *file)
{
	char path[64];

	put_decimal(path, "/proc/self/task/", (unsigned int)thread, file);
	return (int)sys_open(path, O_RDONLY | O_CLOEXEC);
}

void sight_open(struct sight *sight, int thread, bool many)
{
	*sight = (struct sight){ .fd = -1 };
	/* In another pid namespace's /proc the number may be that of another thread of ours. */
	if (!target_proc_is_ours())
		return;
	sight->fd = open_of_thread(thread, "/stack");
	if (sight->fd >= 0 || many)
		return;
	sight->names_only = true;
	sight->fd = open_of_thread(thread, "/wchan");
}

bool sight_is_past(const struct sight *sight)
{
	char text[512]; /* a signal handler has little stack, and the innermost functions come first */
	long len;

	if (sight->fd < 0)
		return false;
	len = kernel_call(SYS_pread64, sight->fd, (long)text, sizeof(text) - 1, 0, 0, 0);
	if (len <= 0)
		return false;
	text[len] = '\0';
	if (sight->names_only)
		return HAS_ANY(text, second_part_names);
	return HAS_ANY(text, second_part) && !HAS_ANY(text, first_part);
}

void sight_close(const struct sight *sight)
{
	if (sight->fd >= 0)
		sys_close(sight->fd);
}
