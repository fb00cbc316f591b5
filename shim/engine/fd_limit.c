// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "fd_limit.h"

#include <errno.h>
#include <stddef.h>

#include "kernel.h"

enum { FDS_FOR_A_MOMENT = 64, FDS_BEYOND = 8192, FAR_OUT = 1 << 16 };

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

/** At the end of what the tool may have, if it has less than half of that. */
static long dup_at_end(int fd, long limit)
{
	long lowest = sys_fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (lowest >= 0)
		sys_close((int)lowest);
	if (lowest < 0 || lowest >= limit / 2)
		return -EMFILE;
	return sys_fcntl(fd, F_DUPFD_CLOEXEC, limit - limit / 4);
}

long fd_limit_dup_apart(int fd)
{
	struct fd_limit limit = { 0 };
	long copy;

	if (prlimit_nofile(NULL, &limit.before))
		return -EMFILE;
	if (limit.before.rlim_cur > FAR_OUT)
		return sys_fcntl(fd, F_DUPFD_CLOEXEC, FAR_OUT);
	copy = dup_at_end(fd, (long)limit.before.rlim_cur);
	if (copy >= 0)
		return copy;
	limit.raised = raise_limit(&limit.before, limit.before.rlim_cur + FDS_BEYOND);
	if (!limit.raised)
		return -EMFILE;
	copy = sys_fcntl(fd, F_DUPFD_CLOEXEC, (long)limit.before.rlim_cur);
	fd_limit_restore(&limit);
	return copy;
}
