// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* The disk and the processes. */
#include "fake_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define PMU_TYPE_FILE "/sys/bus/event_source/devices/uprobe/type"

enum { MAX_INODES = 96, MAX_TASKS = 16 };

static struct fake_inode inodes[MAX_INODES], standard_error;
static unsigned int inode_cnt, task_cnt;
static struct {
	int tid, tgid;
} tasks[MAX_TASKS];

/* ---- paths --------------------------------------------------------------------------------------- */

/** Two slashes are one. */
static bool is_same_path(const char *path, const char *wanted)
{
	for (; *path && *path == *wanted; path++, wanted++)
		while (wanted[0] == '/' && wanted[1] == '/')
			wanted++;
	return *path == *wanted;
}

struct fake_inode *inode_at(const char *path)
{
	int fd;

	if (sscanf(path, "/proc/thread-self/fd/%d", &fd) == 1)
		return object_any(fd) ? object_any(fd)->inode : NULL;
	if (sscanf(path, "/proc/thread-self/fdinfo/%d", &fd) == 1)
		return token_fdinfo(fd);
	if (strcmp(path, "/proc/self/exe") == 0)
		path = FAKE_TOOL;
	for (unsigned int i = 0; i < inode_cnt; i++)
		if (!inodes[i].gone && is_same_path(inodes[i].path, path))
			return &inodes[i];
	return NULL;
}

static struct fake_inode *inode_add(const char *path, unsigned int mode, const char *data, size_t size)
{
	struct fake_inode *inode = &inodes[inode_cnt++];

	if (inode_cnt == MAX_INODES || strlen(path) >= sizeof(inode->path))
		abort();
	*inode = (struct fake_inode){ .mode = mode, .size = size };
	strcpy(inode->path, path);
	inode->on_procfs = strncmp(path, "/proc/", 6) == 0;
	inode->data = data ? strdup(data) : NULL;
	return inode;
}

void fake_add_file(const char *path, const char *content)
{
	inode_add(path, S_IFREG | 0644, content, strlen(content));
}

void fake_remove_file(const char *path)
{
	struct fake_inode *inode = inode_at(path);

	if (inode)
		inode->gone = true;
}

void fake_replace_target(const char *path)
{
	fake_remove_file(path);
	inode_add(path, S_IFREG | 0755, NULL, FAKE_TARGET_SIZE);
}

const char *fake_file_content(const char *path)
{
	struct fake_inode *inode = inode_at(path);

	return inode && inode->data ? inode->data : "";
}

const char *fake_stderr(void)
{
	return standard_error.data ? standard_error.data : "";
}

static void add_task(int tid, int tgid, const char *task_state)
{
	char path[32], status[128];

	if (task_cnt == MAX_TASKS)
		abort();
	tasks[task_cnt].tid = tid;
	tasks[task_cnt++].tgid = tgid;
	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	snprintf(status, sizeof(status), "Name:\ttask\nState:\t%s\nTgid:\t%d\nPid:\t%d\n", task_state, tgid,
		 tid);
	fake_add_file(path, status);
}

void fake_add_task(int tid, int tgid)
{
	add_task(tid, tgid, "S (sleeping)");
}

void fake_add_zombie(int tid, int tgid)
{
	add_task(tid, tgid, "Z (zombie)");
}

int task_tgid(int tid)
{
	if (tid == getpid())
		return tid;
	for (unsigned int i = 0; i < task_cnt; i++)
		if (tasks[i].tid == tid)
			return tasks[i].tgid;
	return 0;
}

/* ---- /proc/self/task/TID ------------------------------------------------------------------------- */

static const char *said_of_threads;

void fake_say_of_threads(const char *text)
{
	said_of_threads = text;
}

static long open_of_thread(int tid, const char *file)
{
	const bool names_only = strcmp(file, "wchan") == 0;
	const int err = names_only ? fake_features.wchan_errno : fake_features.stack_errno;
	struct fake_object *object;

	if (!thread_is_there(tid))
		return -ENOENT;
	if (err)
		return -err;
	if (!fd_is_left())
		return -EMFILE;
	object = object_new(FAKE_FILE);
	object->tid = tid;
	object->names_only = names_only;
	return fd_install(object, 0, true);
}

/** As the kernel's functions are called there; the first part has slept in an RCU grace period too. */
static const char *tell_of_thread(const struct fake_object *file)
{
	static const char *const stacks[] = {
		[STAGE_RUNNING] = "",
		[STAGE_FIRST] = "[<0>] __wait_rcu_gp+0x10/0x20\n[<0>] synchronize_rcu_normal+0x1/0x2\n"
				"[<0>] rcu_sync_enter+0x1/0x2\n[<0>] percpu_down_write+0x1/0x2\n"
				"[<0>] uprobe_unregister_nosync+0x1/0x2\n"
				"[<0>] bpf_uprobe_multi_link_release+0x1/0x2\n",
		[STAGE_SECOND] = "[<0>] __wait_rcu_gp+0x10/0x20\n[<0>] synchronize_rcu_tasks_trace+0x1/0x2\n"
				 "[<0>] uprobe_unregister_sync+0x1/0x2\n"
				 "[<0>] bpf_uprobe_multi_link_release+0x1/0x2\n",
	};
	static const char *const names[] = { "0", "rwsem_down_write_slowpath", "__wait_rcu_gp" };
	const enum fake_stage stage = thread_stage(file->tid);

	if (said_of_threads)
		return said_of_threads;
	if (stage == STAGE_SECOND && fake_features.waits_for_srcu)
		return file->names_only ? "__synchronize_srcu" :
					  "[<0>] __synchronize_srcu+0x1/0x2\n"
					  "[<0>] bpf_uprobe_multi_link_release+0x1/0x2\n";
	return file->names_only ? names[stage] : stacks[stage];
}

static long do_pread(int fd, char *buf, size_t size)
{
	struct fake_object *file = object_at(fd, FAKE_FILE);
	const char *text;

	if (!file)
		return -EBADF;
	if (!file->tid)
		return -EINVAL;
	if (!thread_is_there(file->tid))
		return -ESRCH;
	text = tell_of_thread(file);
	if (strlen(text) < size)
		size = strlen(text);
	memcpy(buf, text, size);
	return (long)size;
}

/* ---- calls --------------------------------------------------------------------------------------- */

static long do_open(const char *path, int flags)
{
	struct fake_inode *inode;
	struct fake_object *object;

	char of_thread[8];
	int tid;

	if (strlen(path) >= 4096)
		return -ENAMETOOLONG;
	if (sscanf(path, "/proc/self/task/%d/%7s", &tid, of_thread) == 2)
		return open_of_thread(tid, of_thread);
	inode = inode_at(path);
	if (!inode && !(flags & O_CREAT))
		return -ENOENT;
	if (inode && (flags & O_DIRECTORY) && !S_ISDIR(inode->mode))
		return -ENOTDIR;
	if (!fd_is_left())
		return -EMFILE;
	/* A new file only in directories that are there: anywhere but below /missing. */
	if (!inode && strncmp(path, "/missing/", 9) == 0)
		return -ENOENT;
	if (!inode)
		inode = inode_add(path, S_IFREG | 0644, "", 0);
	object = object_new(flags & O_PATH ? FAKE_PATH : FAKE_FILE);
	object->inode = inode;
	return fd_install(object, 0, flags & O_CLOEXEC);
}

static long do_read(int fd, char *buf, size_t size)
{
	struct fake_object *file = object_at(fd, FAKE_FILE);
	size_t len;

	if (!file)
		return -EBADF;
	len = file->inode->data ? strlen(file->inode->data) - file->pos : 0;
	len = len < size ? len : size;
	if (len)
		memcpy(buf, file->inode->data + file->pos, len);
	file->pos += len;
	return (long)len;
}

/** Every file is written at its end. */
static long do_write(int fd, const char *buf, size_t size)
{
	struct fake_object *object = object_any(fd);
	struct fake_inode *inode = object && object->kind == FAKE_STDIO ? &standard_error : NULL;
	size_t len;

	if (object && object->kind == FAKE_FILE)
		inode = object->inode;
	if (!inode)
		return -EBADF;
	len = inode->data ? strlen(inode->data) : 0;
	inode->data = realloc(inode->data, len + size + 1);
	memcpy(inode->data + len, buf, size);
	inode->data[len + size] = '\0';
	inode->size = len + size;
	return (long)size;
}

static long do_stat(int fd, const char *path, struct stat *st)
{
	struct fake_object *object = object_any(fd);
	struct fake_inode *inode = object ? object->inode : NULL;

	if (fd == AT_FDCWD) {
		inode = inode_at(path);
		if (!inode)
			return -ENOENT;
	} else if (!object) {
		return -EBADF;
	}
	*st = (struct stat){ .st_dev = 1, .st_ino = 1 };
	if (inode) {
		st->st_ino = (ino_t)(100 + (inode - inodes));
		st->st_mode = inode->mode;
		st->st_size = (off_t)inode->size;
	}
	if (object && object->kind == FAKE_MOUNT)
		*st = (struct stat){ .st_dev = 1000 + object->id, .st_ino = 1, .st_mode = S_IFDIR | 0777 };
	return 0;
}

static long do_statfs(int fd, struct statfs *fs)
{
	struct fake_object *object = object_any(fd);

	if (!object)
		return -EBADF;
	*fs = (struct statfs){ 0 };
	fs->f_type = object->inode && object->inode->on_procfs ? PROC_SUPER_MAGIC : EXT4_SUPER_MAGIC;
	return 0;
}

static long do_readlink(const char *path, char *buf, size_t size)
{
	struct fake_inode *inode = inode_at(path);
	char text[16];
	int len;

	if (strcmp(path, "/proc/self") != 0)
		return -EINVAL;
	/* A test may put another pid there, as in the /proc of another pid namespace, or none at all. */
	if (inode)
		len = snprintf(text, sizeof(text), "%s", inode->data);
	else
		len = snprintf(text, sizeof(text), "%d", getpid());
	memcpy(buf, text, (size_t)len < size ? (size_t)len : size);
	return len;
}

long files_call(long nr, const long a[6])
{
	switch (nr) {
	case SYS_openat:
		return do_open((const char *)a[1], (int)a[2]);
	case SYS_read:
		return do_read((int)a[0], (char *)a[1], (size_t)a[2]);
	case SYS_pread64:
		return do_pread((int)a[0], (char *)a[1], (size_t)a[2]);
	case SYS_write:
		return do_write((int)a[0], (const char *)a[1], (size_t)a[2]);
	case SYS_newfstatat:
		return do_stat((int)a[0], (const char *)a[1], (struct stat *)a[2]);
	case SYS_fstatfs:
		return do_statfs((int)a[0], (struct statfs *)a[1]);
	default:
		return do_readlink((const char *)a[1], (char *)a[2], (size_t)a[3]);
	}
}

void files_boot(void)
{
	char type[16];

	for (unsigned int i = 0; i < inode_cnt; i++)
		free(inodes[i].data);
	free(standard_error.data);
	standard_error = (struct fake_inode){ 0 };
	inode_cnt = task_cnt = 0;
	inode_add("/", S_IFDIR | 0755, NULL, 4096);
	inode_add(FAKE_BPFFS, S_IFDIR | 0755, NULL, 0);
	fake_add_file("/proc/thread-self/status", "Name:\ttool\nSeccomp:\t0\n");
	inode_add("/proc/version", S_IFREG | 0444, "Linux", 0);
	inode_add(FAKE_TARGET, S_IFREG | 0755, NULL, FAKE_TARGET_SIZE);
	inode_add(FAKE_OTHER_TARGET, S_IFREG | 0755, NULL, FAKE_TARGET_SIZE);
	inode_add(FAKE_TOOL, S_IFREG | 0755, NULL, FAKE_TARGET_SIZE);
	if (fake_features.uprobe_pmu_type) {
		snprintf(type, sizeof(type), "%d\n", fake_features.uprobe_pmu_type);
		fake_add_file(PMU_TYPE_FILE, type);
	}
	kprobes_boot();
}
