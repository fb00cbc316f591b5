/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * A kernel for unit tests, in place of kernel_call().
 *
 * It knows files, fds, processes, BPF programs, maps, BTF, links and perf uprobes, as far as upshift uses
 * them, and answers with the errors of the real kernel in the real kernel's order. Whatever would harm a real
 * machine it notes as unsafe, by the number of the rule (R1 to R6). A call that it does not know fails the
 * test.
 *
 * One state for the process; not thread-safe. Each test starts in a process of its own (see isolate.h).
 */
#ifndef UPSHIFT_FAKE_KERNEL_H
#define UPSHIFT_FAKE_KERNEL_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- which kernel it is -------------------------------------------------------------------------- */

struct fake_features {
	bool uprobe_multi;
	bool pid_filter;     /* of processes, not of threads (R5) */
	bool return_ignored; /* R4 */
	bool sessions;
	bool prog_array_checked; /* R3 */
	bool cookie;
	bool kprobe_multi;
	bool fprobe_on_rethook; /* as before 6.14 */
	int kprobe_pmu_type;    /* 0: no such PMU */
	bool fd_array_cnt;      /* of BPF_PROG_LOAD, Linux 6.14 */
	bool link_fd_fixed;     /* CVE-2024-47675 (R6) */
	int uprobe_pmu_type;    /* 0: no such PMU */
	int perf_errno;         /* what perf_event_open fails with for want of privilege, or 0 */
	int multi_errno;        /* what every multi link on a real file fails with, or 0 */
	int multi_load_errno;   /* what every load of a multi program fails with, or 0 */
	int needed_token;       /* the fd of a BPF token without which no program can be loaded, or 0 */
	bool in_namespace;      /* programs, maps and BTF take a token of FAKE_BPFFS, which allows these: */
	uint64_t token_cmds, token_maps, token_progs, token_attachs;
	int token_errno; /* what BPF_TOKEN_CREATE fails with, or 0 */
	int by_id_errno; /* what BPF_*_GET_FD_BY_ID fail with for want of privilege, or 0 */
	/* a BPF file system of the process's own */
	bool pin_by_fd;      /* BPF_F_PATH_FD, Linux 6.5 */
	bool late_unpin;     /* what was pinned goes a moment after its pin, before 6.11 */
	int fsopen_errno;    /* what fsopen() fails with for want of privilege, or 0 */
	int fs_create_errno; /* the same of FSCONFIG_CMD_CREATE, as in a user namespace */
	int unlink_errno;    /* what removing a pin fails with, or 0 */
	/* what /proc tells of a thread */
	int stack_errno; /* of opening its stack, or 0 */
	int wchan_errno;
	bool waits_for_srcu; /* a detach's grace period is SRCU's, as in 7.2 */
	/* for limits */
	int euid;
	uint64_t nproc; /* RLIMIT_NPROC; 0: none */
};

extern const struct fake_features fake_linux_7_2;
extern const struct fake_features fake_linux_6_18;
extern const struct fake_features fake_linux_6_11; /* multi programs' return value counts, no fd is fatal */
extern const struct fake_features fake_linux_6_6;  /* the very first multi links */
extern const struct fake_features fake_linux_6_1;
extern const struct fake_features fake_linux_5_10;

/** Boots: forgets everything, and puts itself into kernel_call. fds 0 to 2 are open. */
void fake_boot(const struct fake_features *features);

/** The features, to be changed while it runs. */
extern struct fake_features fake_features;

/* ---- its files and processes --------------------------------------------------------------------- */

enum { FAKE_TARGET_SIZE = 0x10000 };

/* There from the start: two targets of FAKE_TARGET_SIZE bytes. */
#define FAKE_TARGET       "/usr/lib/target.so"
#define FAKE_OTHER_TARGET "/usr/lib/other.so"
/* And what runs in the process, of the same size: /proc/self/exe. */
#define FAKE_TOOL         "/usr/bin/tool"

/* Where a BPF file system is mounted. */
#define FAKE_BPFFS "/run/bpf"

/* The kernel's functions, in /proc/kallsyms. */
#define FAKE_FUNCTION             "vfs_read"
#define FAKE_OTHER_FUNCTION       "vfs_write"
#define FAKE_UNTRACEABLE_FUNCTION "out_of_ftraces_reach"
#define FAKE_DOUBLE_FUNCTION      "there_twice"
#define FAKE_MODULE_FUNCTION      "of_a_module"
#define FAKE_FORBIDDEN_FUNCTION   "do_int3" /* to kprobes, not to ftrace */
#define FAKE_DATA                 "jiffies"
#define FAKE_FUNCTION_ADDRESS     0xffffffff81000100ull /* of the first; the others follow 0x100 apart */

/** Says anew what is in that file: whether addresses are, which are 0 if the kernel hides them. */
void fake_list_functions(bool addresses);

void fake_add_file(const char *path, const char *content);
void fake_remove_file(const char *path);
/** Another file at a path: what is open stays the old one. */
void fake_replace_target(const char *path);
const char *fake_file_content(const char *path);
/** fds 0 to 2 are a terminal. */
void fake_be_at_a_terminal(void);
/** What was written to fd 2. */
const char *fake_stderr(void);
/** A process, or another thread of one. */
void fake_add_task(int tid, int tgid);
/** One that has exited, as a process's first thread may before the others. */
void fake_add_zombie(int tid, int tgid);

/* ---- fds ----------------------------------------------------------------------------------------- */

/** RLIMIT_NOFILE, which can be raised again unless fake_fix_limit() forbids it. */
void fake_limit_fds(int limit);
void fake_fix_limit(void);
int fake_fd_limit(void);
/** Lowers the limit so that only so many more fds can be opened. */
void fake_spare_fds(int spare);
/** All but the keeper's. */
int fake_open_fds(void);
bool fake_fd_is_open(int fd);
bool fake_fd_is_cloexec(int fd);
bool fake_same_object(int fd, int other);

enum fake_kind {
	FAKE_FREE,
	FAKE_STDIO,
	FAKE_FILE,
	FAKE_PATH,
	FAKE_PROG,
	FAKE_MAP,
	FAKE_BTF,
	FAKE_LINK,
	FAKE_PERF,
	FAKE_TOKEN,
	FAKE_FSCONTEXT,
	FAKE_MOUNT
};

enum fake_kind fake_kind_of(int fd);
/** How many fds there are of a kind. */
int fake_fds_of(enum fake_kind kind);
/** expected_attach_type of the program behind an fd. */
uint32_t fake_attach_type_of(int prog_fd);
/** Which object a program's n-th reference (maps, then BTF) is: its id. */
uint32_t fake_reference_of(int prog_fd, unsigned int n);
uint32_t fake_id_of(int fd);
/** As if someone had pinned what is behind an fd there. */
void fake_pin(int fd, const char *path);
/** How many objects of a kind exist. */
unsigned int fake_count(enum fake_kind kind);

/** What links and perf events at this offset, of any file, fail with from now on; 0: not at all. */
void fake_refuse(uint64_t offset, int multi_errno, int perf_errno);

/* ---- time, and upshift's own threads -------------------------------------------------------------- */

/** Since some time before the boot. Time goes on only when somebody sleeps or waits. */
uint64_t fake_now_us(void);
void fake_sleep_ms(unsigned int ms);

/**
 * The last close of a multi link: a closer takes so long to begin; the first part takes the probes off; the
 * second waits for a grace period. All in no time at all unless a test says otherwise, and then a closer has
 * done it all when it is started.
 */
struct fake_detach_times {
	unsigned int begin_us, first_us, grace_us;
};
void fake_time_detaches(const struct fake_detach_times *times);
/** As on Linux 6.18, with a grace period of 30 ms. */
void fake_slow_detaches(void);

/** What the files of threads in /proc say from now on, whatever the threads do; NULL: the truth. */
void fake_say_of_threads(const char *text);

/** Who has closed links for the last time, so far. */
struct fake_closes {
	unsigned int direct; /* by a close */
	unsigned int by_workers;
};
struct fake_closes fake_closes(void);

/** Only so many more threads can be made. */
void fake_limit_threads(int limit);
/** How many were made, ran at once at most, and are still counted by the kernel. */
unsigned int fake_threads(void);
unsigned int fake_most_threads(void);
unsigned int fake_threads_there(void);

/* ---- the end of processes ------------------------------------------------------------------------ */

struct fake_death {
	unsigned int closed_by_process, closed_by_kernel; /* links, for the last time */
	uint64_t reaped_us, gone_us;                      /* after so long: the process, and the last link */
};

/** SIGKILL: the kernel closes one fd after the other. */
struct fake_death fake_kill(void);
/** The same of those that execve() closes. */
void fake_exec(void);
/** In a fork child: its parent is killed, and closes its copies of all fds. */
void fake_kill_parent(void);

/** How many pins there are in BPF file systems that are mounted nowhere. */
unsigned int fake_pins(void);

/* ---- what is attached ---------------------------------------------------------------------------- */

struct fake_probe {
	bool multi;  /* by a multi link, else by a perf event */
	bool kprobe; /* then offset is an address */
	const char *path;
	bool replaced; /* the file is no longer at that path */
	uint64_t offset, ref_ctr_offset, cookie;
	int pid; /* as the link or the perf event was given it */
	bool retprobe;
	uint32_t prog_id, attach_type;
};

/** All probes that would run a program now; returns their number. */
unsigned int fake_probes(struct fake_probe *probes, unsigned int max);

/* ---- what was asked ------------------------------------------------------------------------------ */

struct fake_call {
	long nr;
	long args[6];
	long result;
	_Alignas(8) unsigned char attr[160]; /* of a bpf call: its attributes, as far as they fit */
};

/** The calls since the last fake_forget_calls(), and how many. */
const struct fake_call *fake_calls(unsigned int *cnt);
void fake_forget_calls(void);
/** How many calls of this number (and of bpf: this command; -1 any) there were. */
unsigned int fake_calls_of(long nr, long cmd);

/** From now on, the nth call (from 1) that can fail at all fails with -err; nr -1: of any number. */
void fake_fail(long nr, unsigned int nth, int err);
/** The same for the nth call of bpf() with this command. */
void fake_fail_bpf(int cmd, unsigned int nth, int err);
/** As if another thread did that right before the nth call from now on. */
void fake_before_call(unsigned int nth, void (*does)(void));
/** A second failure, counted on its own. */
void fake_fail_too(unsigned int nth, int err);
/** Has the first of them happened? */
bool fake_has_failed(void);
/** And to a call that the tool makes without upshift as well? Then it may see the error. */
bool fake_has_failed_natively(void);
/** The call that was made to fail, for messages. */
const char *fake_failed_call(void);

/* ---- what must never happen ---------------------------------------------------------------------- */

/** Events against rule Rn so far; 0 for all rules. */
unsigned int fake_unsafe(int rule);

#endif
