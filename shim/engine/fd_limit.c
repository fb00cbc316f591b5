// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "fd_limit.h"

#include <stddef.h>

#include "kernel.h"

enum { FDS_FOR_A_MOMENT = 64 };

static long prlimit_nofile(const struct rlimit *new_limit, struct rlimit *old_limit)
{
	return kernel_call(SYS_prlimit64, 0, RLIMIT_NOFILE, (long)new_limit, (long)old_limit, 0, 0);
}

bool fd_limit_raise(struct fd_limit *limit, int fd)
{
	struct rlimit higher;

	if (limit->raised || prlimit_nofile(NULL, &limit->before))
		return false;
	higher = limit->before;
	if (higher.rlim_cur <= (rlim_t)fd)
		higher.rlim_cur = (rlim_t)fd + 1;
	higher.rlim_cur += FDS_FOR_A_MOMENT;
	if (higher.rlim_cur > higher.rlim_max)
		higher.rlim_max = higher.rlim_cur; /* for CAP_SYS_RESOURCE */
	limit->raised = prlimit_nofile(&higher, NULL) == 0;
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
