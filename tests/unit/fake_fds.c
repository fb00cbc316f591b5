// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* fds and what they refer to. */
#include "fake_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>

enum { MAX_OBJECTS = 4096 };

static struct fake_object objects[MAX_OBJECTS];
static struct {
	struct fake_object *object;
	bool cloexec;
} fds[MAX_FDS];
static unsigned int object_top; /* past the last that was ever used */
static int fd_top;
static int fd_limit, fd_limit_max;
static uint32_t next_id;

/* ---- objects ------------------------------------------------------------------------------------- */

struct fake_object *object_new(enum fake_kind kind)
{
	for (unsigned int i = 0; i < MAX_OBJECTS; i++) {
		if (objects[i].kind != FAKE_FREE)
			continue;
		if (i >= object_top)
			object_top = i + 1;
		objects[i] = (struct fake_object){ .kind = kind, .refs = 1 };
		/* Each kind counts on its own in the real kernel; one count for all makes mistakes visible.
		 */
		objects[i].id = ++next_id;
		return &objects[i];
	}
	abort();
}

struct fake_object *object_get(struct fake_object *object)
{
	object->refs++;
	return object;
}

static void object_free(struct fake_object *object)
{
	for (unsigned int i = 0; i < object->use_cnt; i++)
		object_put(object->uses[i]);
	for (unsigned int i = 0; i < MAX_SLOTS; i++)
		object_put(object->slots[i]);
	object_put(object->prog);
	/* A perf link takes its program off the event again. */
	if (object->perf && object->perf->prog) {
		object_put(object->perf->prog);
		object->perf->prog = NULL;
	}
	object_put(object->perf);
	if (object->kind == FAKE_MOUNT)
		bpffs_gone(object);
	free(object->insns);
	object->insns = NULL;
	object->kind = FAKE_FREE;
}

static bool is_attached_multi_link(const struct fake_object *object)
{
	return object->kind == FAKE_LINK && !object->perf && object->attached;
}

void object_put(struct fake_object *object)
{
	if (!object || --object->refs)
		return;
	if (is_attached_multi_link(object))
		link_close_last(object);
	else
		object_free(object);
}

void object_put_later(struct fake_object *object)
{
	if (--object->refs)
		return;
	if (is_attached_multi_link(object))
		link_unpin_last(object);
	else
		object_free(object);
}

void links_settle(uint64_t now)
{
	for (unsigned int i = 0; i < object_top; i++)
		if (objects[i].kind == FAKE_LINK && objects[i].dying && objects[i].gone_at <= now)
			object_free(&objects[i]);
}

struct fake_object *object_by_id(enum fake_kind kind, uint32_t id)
{
	for (unsigned int i = 0; i < object_top; i++)
		if (objects[i].kind == kind && objects[i].id == id && !objects[i].dying)
			return &objects[i];
	return NULL;
}

struct fake_object *object_each(unsigned int *index)
{
	while (*index < object_top)
		if (objects[(*index)++].kind != FAKE_FREE)
			return &objects[*index - 1];
	return NULL;
}

unsigned int fake_count(enum fake_kind kind)
{
	unsigned int index = 0, cnt = 0;

	for (struct fake_object *object; (object = object_each(&index));)
		cnt += object->kind == kind;
	return cnt;
}

/* ---- fds ----------------------------------------------------------------------------------------- */

struct fake_object *object_any(int fd)
{
	return fd >= 0 && fd < MAX_FDS ? fds[fd].object : NULL;
}

struct fake_object *object_at(int fd, enum fake_kind kind)
{
	struct fake_object *object = object_any(fd);

	return object && object->kind == kind ? object : NULL;
}

static int lowest_fd(int min)
{
	for (int fd = min; fd < fd_limit; fd++)
		if (!fds[fd].object)
			return fd;
	return -EMFILE;
}

static void put_at(int fd, struct fake_object *object, bool cloexec)
{
	fds[fd].object = object;
	fds[fd].cloexec = cloexec;
	if (fd >= fd_top)
		fd_top = fd + 1;
}

int fds_end(void)
{
	return fd_top;
}

bool fd_is_left(void)
{
	return lowest_fd(0) >= 0;
}

long fd_install(struct fake_object *object, int min, bool cloexec)
{
	int fd = min < 0 || min >= fd_limit ? -EINVAL : lowest_fd(min);

	if (fd < 0) {
		object_put(object);
		return fd;
	}
	put_at(fd, object, cloexec);
	return fd;
}

static long fd_close(int fd)
{
	struct fake_object *object = object_any(fd);

	if (!object)
		return -EBADF;
	fds[fd].object = NULL;
	object_put(object);
	return 0;
}

static long fd_close_range(unsigned int first, unsigned int last)
{
	for (unsigned int fd = first; fd <= last && fd < (unsigned int)fd_top; fd++)
		fd_close((int)fd);
	return 0;
}

static long fd_dup3(int old_fd, int new_fd, int flags)
{
	struct fake_object *object = object_any(old_fd), *before;

	if (old_fd == new_fd)
		return -EINVAL;
	if (!object || new_fd < 0 || new_fd >= fd_limit)
		return -EBADF;
	before = fds[new_fd].object;
	put_at(new_fd, object_get(object), flags & O_CLOEXEC);
	object_put(before);
	return new_fd;
}

static long fd_fcntl(int fd, int cmd, long arg)
{
	struct fake_object *object = object_any(fd);

	if (!object)
		return -EBADF;
	switch (cmd) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return fd_install(object_get(object), (int)arg, cmd == F_DUPFD_CLOEXEC);
	case F_GETFD:
		return fds[fd].cloexec ? FD_CLOEXEC : 0;
	case F_SETFD:
		fds[fd].cloexec = arg & FD_CLOEXEC;
		return 0;
	case F_GETFL:
		return object->kind == FAKE_PATH ? O_PATH : O_RDWR;
	case F_SETFL:
		return object->kind == FAKE_PATH ? -EBADF : 0;
	default:
		return -EINVAL;
	}
}

/** Higher than the hard limit only with CAP_SYS_RESOURCE, which nobody has here. */
static long fd_prlimit(const struct rlimit *new_limit, struct rlimit *old_limit)
{
	if (old_limit)
		*old_limit =
			(struct rlimit){ .rlim_cur = (rlim_t)fd_limit, .rlim_max = (rlim_t)fd_limit_max };
	if (!new_limit)
		return 0;
	if (new_limit->rlim_cur > new_limit->rlim_max)
		return -EINVAL;
	if (new_limit->rlim_max > (rlim_t)fd_limit_max)
		return -EPERM;
	fd_limit = (int)new_limit->rlim_cur;
	fd_limit_max = (int)new_limit->rlim_max;
	return 0;
}

static long nproc(struct rlimit *limit)
{
	const rlim_t most = fake_features.nproc ? fake_features.nproc : RLIM_INFINITY;

	*limit = (struct rlimit){ .rlim_cur = most, .rlim_max = most };
	return 0;
}

long fds_call(long nr, const long a[6])
{
	switch (nr) {
	case SYS_prlimit64:
		if (a[0] || (a[1] != RLIMIT_NOFILE && a[1] != RLIMIT_NPROC))
			abort();
		if (a[1] == RLIMIT_NPROC)
			return nproc((struct rlimit *)a[3]);
		return fd_prlimit((const struct rlimit *)a[2], (struct rlimit *)a[3]);
	case SYS_close:
		return fd_close((int)a[0]);
	case SYS_close_range:
		return fd_close_range((unsigned int)a[0], (unsigned int)a[1]);
	case SYS_dup3:
		return fd_dup3((int)a[0], (int)a[1], (int)a[2]);
	default:
		return fd_fcntl((int)a[0], (int)a[1], a[2]);
	}
}

void fds_boot(void)
{
	for (unsigned int i = 0; i < object_top; i++)
		free(objects[i].insns);
	memset(objects, 0, object_top * sizeof(objects[0]));
	memset(fds, 0, (size_t)fd_top * sizeof(fds[0]));
	object_top = 0;
	fd_top = 0;
	next_id = 10;
	fd_limit = 1024;
	fd_limit_max = MAX_FDS;
	for (int fd = 0; fd < 3; fd++)
		put_at(fd, object_new(FAKE_STDIO), false);
}

/* ---- for the tests ------------------------------------------------------------------------------- */

void fake_limit_fds(int limit)
{
	fd_limit = limit;
}

void fake_fix_limit(void)
{
	fd_limit_max = fd_limit;
}

int fake_fd_limit(void)
{
	return fd_limit;
}

void fake_spare_fds(int spare)
{
	int fd = 0;

	for (fd_limit = MAX_FDS; (fd = lowest_fd(fd)) >= 0 && spare; spare--)
		fd++;
	fd_limit = fd;
}

int fake_open_fds(void)
{
	int cnt = 0;

	for (int fd = 0; fd < fd_top; fd++)
		cnt += fds[fd].object && fds[fd].object->kind != FAKE_MOUNT;
	return cnt;
}

int fake_fds_of(enum fake_kind kind)
{
	int cnt = 0;

	for (int fd = 0; fd < fd_top; fd++)
		cnt += object_at(fd, kind) != NULL;
	return cnt;
}

bool fake_fd_is_open(int fd)
{
	return object_any(fd);
}

bool fake_fd_is_cloexec(int fd)
{
	return object_any(fd) && fds[fd].cloexec;
}

bool fake_same_object(int fd, int other)
{
	return object_any(fd) && object_any(fd) == object_any(other);
}

enum fake_kind fake_kind_of(int fd)
{
	return object_any(fd) ? object_any(fd)->kind : FAKE_FREE;
}

uint32_t fake_attach_type_of(int prog_fd)
{
	return object_at(prog_fd, FAKE_PROG) ? object_any(prog_fd)->attach_type : UINT32_MAX;
}

uint32_t fake_reference_of(int prog_fd, unsigned int n)
{
	struct fake_object *prog = object_at(prog_fd, FAKE_PROG);

	return prog && n < prog->use_cnt ? prog->uses[n]->id : 0;
}

uint32_t fake_id_of(int fd)
{
	return object_any(fd) ? object_any(fd)->id : 0;
}
