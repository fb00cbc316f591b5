// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "keeper.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "config.h"
#include "decimal.h"
#include "fd_limit.h"
#include "kernel.h"
#include "log.h"
#include "private_bpffs.h"

/* How often it is made anew for a tool that closes all fds that it does not know. */
enum { MOST_KEEPERS = 8 };

/* The directory's fd, or -1; read in closers, children and without the lock. */
static atomic_int dir_fd = -1;
static dev_t dir_dev;
static unsigned int keepers;
static atomic_bool locked_up;
static uint32_t last_name;
static const char no_link[] = "no link was made";
static const char *missing = no_link;

/** 1 or 0; or a negative errno, if the process may not ask any more, say. */
static long find_dir(int fd, dev_t dev)
{
	struct stat st;
	const long err = kernel_call(SYS_newfstatat, fd, (long)"", (long)&st, AT_EMPTY_PATH, 0, 0);

	return err ? (err == -EBADF ? 0 : err) : st.st_dev == dev;
}

static bool is_dir(int fd, dev_t dev)
{
	return find_dir(fd, dev) > 0;
}

/** All pins go with it. */
static void drop(void)
{
	const int fd = atomic_exchange(&dir_fd, -1);

	if (fd >= 0)
		sys_close(fd);
}

static void name_pin(char name[32], uint32_t number)
{
	put_decimal(name, "upshift-", number, "");
}

/* ---- making it ----------------------------------------------------------------------------------- */

static void go_without(const char *why)
{
	missing = why;
	keepers = MOST_KEEPERS;
	log_line(LOG_INFO, "no keeper, so a killed process leaves its links to be closed one by one: %s",
		 why);
}

static void make(void)
{
	struct stat st;
	const char *why;
	long fd, apart;

	keepers++;
	fd = private_bpffs_open(&why);
	if (fd < 0) {
		go_without(why);
		return;
	}
	apart = fd_limit_dup_last((int)fd);
	sys_close((int)fd);
	if (apart < 0 || kernel_call(SYS_newfstatat, apart, (long)"", (long)&st, AT_EMPTY_PATH, 0, 0)) {
		go_without("the process has few file descriptors to spare");
		return;
	}
	dir_dev = st.st_dev;
	missing = NULL;
	atomic_store(&dir_fd, (int)apart);
}

/** Its directory's fd, as long as it is still that. */
static int directory(void)
{
	const int fd = atomic_load(&dir_fd);

	if (fd >= 0 && find_dir(fd, dir_dev))
		return fd;
	atomic_store(&dir_fd, -1);
	if (config.keep && keepers < MOST_KEEPERS && !atomic_load(&locked_up))
		make();
	return atomic_load(&dir_fd);
}

/* ---- pins ---------------------------------------------------------------------------------------- */

struct kept keeper_keep(int link_fd)
{
	const int dir = directory();
	char name[32];

	if (dir < 0)
		return (struct kept){ 0 };
	name_pin(name, ++last_name);
	if (private_bpffs_pin(dir, name, link_fd))
		return (struct kept){ 0 };
	return (struct kept){ .name = last_name, .dir_fd = dir, .dev = dir_dev };
}

void keeper_let_go(const struct kept *kept)
{
	char name[32];
	long found, err;

	if (!kept->name)
		return;
	if (atomic_load(&locked_up)) {
		drop();
		return;
	}
	/* A tool that has closed the directory has dropped all pins with it. In what else may have its number
	 * there is no such name. */
	found = find_dir(kept->dir_fd, kept->dev);
	if (!found)
		return;
	name_pin(name, kept->name);
	err = private_bpffs_unpin(kept->dir_fd, name);
	/* Should it be forbidden by now, no pin may keep a link that the tool closes. */
	if (err && err != -ENOENT && found > 0)
		sys_close(kept->dir_fd);
}

bool keeper_is_there(void)
{
	return atomic_load_explicit(&dir_fd, memory_order_relaxed) >= 0 && !atomic_load(&locked_up);
}

void keeper_lock_up(void)
{
	const int fd = atomic_load(&dir_fd);

	if (fd >= 0 && !is_dir(fd, dir_dev))
		atomic_store(&dir_fd, -1);
	atomic_store(&locked_up, true);
}

void keeper_make_room(int fd)
{
	enum { ROOM = 8 };
	const int dir = atomic_load_explicit(&dir_fd, memory_order_relaxed);

	if (dir < 0 || fd < dir - ROOM)
		return;
	if (is_dir(dir, dir_dev))
		drop();
	atomic_store(&dir_fd, -1);
	go_without("its file descriptor was in the tool's way");
}

const char *keeper_missing(void)
{
	return config.keep ? missing : "UPSHIFT_KEEP=off";
}

/* ---- children ------------------------------------------------------------------------------------ */

void keeper_close_copy(void)
{
	const int fd = atomic_load(&dir_fd);

	if (fd >= 0 && is_dir(fd, dir_dev))
		sys_close(fd);
}

void keeper_adopt(void)
{
	keeper_close_copy();
	atomic_store(&dir_fd, -1);
	keepers = 0;
	missing = no_link;
}
