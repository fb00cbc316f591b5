// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "fd_limit.h"

#include <errno.h>
#include <stddef.h>

#include "kernel.h"

/* The kernel makes its table as large as the highest fd, so no further out than there is a reason to. */
enum { FDS_FOR_A_MOMENT = 64, FAR_OUT = 1 << 14 };

static long prlimit_nofile(const struct rlimit *new_limit, struct rlimit *old_limit)
{
	return kernel_call(SYS_prlimit64, 0, RLIMIT_NOFILE, (long)new_limit, (long)old_limit, 0, 0);
}

static bool raise_limit(const struct rlimit *before, rlim_t limit)
{
	struct rlimit higher = { .rlim_cur = limit, .rlim_max = before->rlim_max };

	if (higher.rlim_cur > higher.rlim_max)
		higher.rlim_max = higher.rlim_cur; /* for CAP_SYS_RESOURCE */
	return prlimit_nofile(&higher, NULL) == 0;
}

bool fd_limit_raise(struct fd_limit *limit, int fd)
{
	rlim_t needed;

	if (limit->raised || prlimit_nofile(NULL, &limit->before))
		return false;
	needed = limit->before.rlim_cur <= (rlim_t)fd ? (rlim_t)fd + 1 : limit->before.rlim_cur;
	limit->raised = raise_limit(&limit->before, needed + FDS_FOR_A_MOMENT);
	return limit->raised;
}

void fd_limit_restore(const struct fd_limit *limit)
{
	if (limit->raised)
		prlimit_nofile(&limit->before, NULL);
}

long fd_limit_settle(const struct fd_limit *limit, long fd)
{
	long moved;

	if (!limit->raised || fd < (long)limit->before.rlim_cur)
		return fd;
	moved = sys_fcntl((int)fd, F_DUPFD_CLOEXEC, 0);
	sys_close((int)fd);
	return moved;
}

/** Where the numbers end that the tool is likely to come to; -EMFILE if it is half-way there. */
static long end_of_fds(int fd)
{
	struct rlimit limit;
	long lowest, end;

	if (prlimit_nofile(NULL, &limit))
		return -EMFILE;
	lowest = sys_fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (lowest < 0)
		return lowest;
	sys_close((int)lowest);
	end = lowest < FAR_OUT / 4 ? FAR_OUT : 4 * lowest;
	if (limit.rlim_cur < (rlim_t)end)
		end = (long)limit.rlim_cur;
	return lowest < end / 2 ? end : -EMFILE;
}

long fd_limit_dup_apart(int fd)
{
	const long end = end_of_fds(fd);

	return end < 0 ? end : sys_fcntl(fd, F_DUPFD_CLOEXEC, end - end / 4);
}

long fd_limit_dup_last(int fd)
{
	enum { LAST = 4 };
	const long end = end_of_fds(fd);

	return end < 0 ? end : sys_fcntl(fd, F_DUPFD_CLOEXEC, end - LAST);
}
