// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* How processes end: their fds are closed in ascending order, the keeper's among them. */
#include "fake_internal.h"

#include <string.h>
#include <sys/syscall.h>

#include "kernel.h"

/* What a fork child's parent has. */
static struct fake_object *parents[MAX_FDS];
static int parents_end;

static unsigned int links_there(void)
{
	return fake_count(FAKE_LINK);
}

struct fake_death fake_kill(void)
{
	const struct fake_closes before = fake_closes();
	const uint64_t start = fake_now_us();
	struct fake_death death = { 0 };

	note_fork();
	for (int fd = 0; fd < fds_end(); fd++)
		if (fake_fd_is_open(fd))
			sys_close(fd);
	death.reaped_us = fake_now_us() - start;
	for (int i = 0; i < 1000 && links_there(); i++)
		fake_sleep_ms(1);
	death.gone_us = fake_now_us() - start;
	death.closed_by_process = fake_closes().direct - before.direct;
	death.closed_by_kernel = fake_closes().by_workers - before.by_workers;
	return death;
}

void fake_exec(void)
{
	note_fork();
	for (int fd = 0; fd < fds_end(); fd++)
		if (fake_fd_is_cloexec(fd))
			sys_close(fd);
}

void death_forked(void)
{
	parents_end = fds_end();
	for (int fd = 0; fd < parents_end; fd++)
		parents[fd] = fake_fd_is_open(fd) ? object_get(object_any(fd)) : NULL;
}

void fake_kill_parent(void)
{
	note_fork();
	for (int fd = 0; fd < parents_end; fd++) {
		struct fake_object *object = parents[fd];

		parents[fd] = NULL;
		object_put(object);
	}
}

void death_boot(void)
{
	memset(parents, 0, (size_t)parents_end * sizeof(parents[0]));
	parents_end = 0;
}
