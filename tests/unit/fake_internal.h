/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Between the parts of the fake kernel. */
#ifndef UPSHIFT_FAKE_INTERNAL_H
#define UPSHIFT_FAKE_INTERNAL_H

#include "fake_kernel.h"
#include "uapi.h"

enum { MAX_FDS = (1 << 16) + 1024, MAX_USES = 16, MAX_SLOTS = 8, MAX_PROBES = 64 };

/** Something on the disk. */
struct fake_inode {
	char path[128];
	unsigned int mode;
	bool on_procfs, gone;
	char *data;
	size_t size;
};

/** What an fd refers to, or what another such thing refers to. Each kind uses a few of the fields. */
struct fake_object {
	enum fake_kind kind;
	unsigned int refs;
	uint32_t id;
	struct fake_inode *inode; /* of a file, an O_PATH fd, a link's or a perf event's target */
	size_t pos;
	/* programs */
	uint32_t type; /* of maps, links and perf events too */
	uint32_t attach_type;
	uint64_t load_time;
	struct bpf_insn *insns;
	uint32_t insn_cnt;
	struct fake_object *uses[MAX_USES];
	unsigned int use_cnt;
	/* PROG_ARRAYs */
	bool owned, mixed, called;
	uint32_t owner_attach_type;
	struct fake_object *slots[MAX_SLOTS];
	/* links and perf events */
	struct fake_object *prog;
	struct fake_object *perf; /* of a perf link */
	uint32_t cnt;
	uint64_t offsets[MAX_PROBES], ref_ctr_offsets[MAX_PROBES], cookies[MAX_PROBES];
	int pid;
	bool retprobe;
	bool kprobe; /* its offsets are addresses of functions */
	bool attached;
	bool dying; /* by its last close, which takes until gone_at; no hit counts from detached_at on */
	uint64_t detached_at, gone_at;
	int tid; /* of a file that tells of a thread */
	bool names_only;
};

/** How far a thread of upshift's has come with its close. */
enum fake_stage { STAGE_RUNNING, STAGE_FIRST, STAGE_SECOND };

/* fake_fds.c */
void fds_boot(void);
struct fake_object *object_new(enum fake_kind kind);
struct fake_object *object_get(struct fake_object *object);
/** As a close does; the last one of a link takes its time. */
void object_put(struct fake_object *object);
/** As the kernel's workers do. */
void object_put_later(struct fake_object *object);
/** Frees what has been closed by now. */
void links_settle(uint64_t now);
struct fake_object *object_by_id(enum fake_kind kind, uint32_t id);
/** The object behind an fd, if it is of that kind. */
struct fake_object *object_at(int fd, enum fake_kind kind);
struct fake_object *object_any(int fd);
/** Gives the object, and its reference, to the lowest fd from min on; drops it on -EMFILE. */
long fd_install(struct fake_object *object, int min, bool cloexec);
bool fd_is_left(void);
/** Past the highest fd so far. */
int fds_end(void);
struct fake_object *object_each(unsigned int *index);
long fds_call(long nr, const long a[6]);

/* fake_time.c */
void time_boot(void);
uint64_t time_now(void);
long time_call(long nr, const long a[6]);
bool thread_is_there(int tid);
enum fake_stage thread_stage(int tid);
void threads_forked(void);
void link_close_last(struct fake_object *link);
void link_unpin_last(struct fake_object *link);

/* fake_bpffs.c */
void bpffs_boot(void);
long bpffs_call(long nr, const long a[6]);
long bpffs_pin(const struct uapi_obj *attr);
/** The last fd of a mount is closed. */
void bpffs_gone(const struct fake_object *mount);
void bpffs_settle(uint64_t now);

/* fake_death.c */
void death_boot(void);
/** In a fork child: the parent has all fds as well. */
void death_forked(void);

/* fake_files.c */
void files_boot(void);
/** Follows /proc/thread-self/fd/N too. */
struct fake_inode *inode_at(const char *path);
/** The leader of a task's process, or 0. */
int task_tgid(int tid);
long files_call(long nr, const long a[6]);

/* fake_bpf.c, fake_kprobes.c, fake_links.c, fake_perf.c */
long bpf_call(long cmd, union uapi_bpf_attr *attr, unsigned int size);
long link_create(const struct uapi_link_create *attr);
long perf_open(const long a[6]);
long perf_ioctl(int fd, unsigned long request, long arg);
struct perf_event_attr;
/** Finds a kprobe's function. */
long kprobe_place(struct fake_object *perf, const struct perf_event_attr *attr);
long kprobe_multi_link(const struct uapi_link_create *attr, struct fake_object *prog);
void kprobes_boot(void);
/** Lets a perf event run a program. */
long perf_attach(struct fake_object *perf, struct fake_object *prog, uint64_t cookie);
/** 0, or what fake_refuse() said of that offset. */
long refused(uint64_t offset, bool multi);
bool program_overrides_return(const struct fake_object *prog);
bool program_returns_zero(const struct fake_object *prog);

/* fake_token.c: 0, or what is refused for want of privilege. */
long token_create(const struct uapi_token_create *attr);
long token_may_load(const struct uapi_prog_load *load);
long token_may_create(const struct uapi_map_create *attr);
long token_may_load_btf(const struct uapi_btf_load *attr);
/** /proc/thread-self/fdinfo/FD of a token. */
struct fake_inode *token_fdinfo(int fd);

/* fake_kernel.c */
void unsafe(int rule, const char *what);
/** In a fork child, before anything else. */
void note_fork(void);

#endif
