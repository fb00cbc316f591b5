/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * A tracing tool for the tests: what libbpf or BCC would call, with upshift in between or, for comparison,
 * straight to the fake kernel.
 */
#ifndef UPSHIFT_TOOL_H
#define UPSHIFT_TOOL_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "fake_kernel.h"
#include "hints.h"
#include "isolate.h"
#include "uapi.h"

/** Boots a kernel and starts a process with upshift in it. */
void tool_start(const struct fake_features *features);
/** The same, and loads a program, without which upshift leaves perf events alone; returns its fd. */
int tool_start_with_program(const struct fake_features *features);
/** With UPSHIFT_TOKEN naming the BPF file system. */
void tool_start_with_token(const struct fake_features *features);
/** Without upshift. */
void tool_start_without(const struct fake_features *features);

/* ---- the process's calls, through upshift if it is there, as the entry points pass them on -------- */

long tool_bpf(long cmd, const void *attr, unsigned int size);
long tool_perf_event_open(const void *attr, pid_t pid, int cpu, int group_fd, unsigned long flags);
long tool_ioctl(int fd, unsigned long request, long arg);
long tool_close(int fd);
long tool_close_range(unsigned int first, unsigned int last);
long tool_fcntl(int fd, int cmd, long arg);
long tool_dup(int fd);
long tool_dup3(int old_fd, int new_fd, int flags);

/* ---- programs ------------------------------------------------------------------------------------ */

struct tool_program {
	const char *name;
	const struct bpf_insn *insns;
	uint32_t insn_cnt;
	uint32_t expected_attach_type;
	uint32_t flags; /* but the token's */
	const int *fd_array;
	int btf_fd;
	int token_fd; /* 0: none */
	char *log;
	uint32_t log_size;
};

/* What a program does, for tool_load_simple(). */
enum tool_behaviour { RETURN_0, RETURN_1, OVERRIDE_RETURN, TAIL_CALL };

/** What tool_load() gives to BPF_PROG_LOAD. */
struct uapi_prog_load tool_load_attr(const struct tool_program *program);
long tool_load(const struct tool_program *program);
/** A program named "probe" without any reference. */
long tool_load_simple(enum tool_behaviour behaviour);
/** Announces its section as an eligible one. */
extern const struct load_hints tool_eligible;
/** The same as the libbpf layer has it loaded, announced. */
long tool_load_hinted(enum tool_behaviour behaviour);
/** By another process: upshift, which is there, does not see it. */
long tool_load_unseen(enum tool_behaviour behaviour, uint32_t expected_attach_type);
long tool_load_with_hint(const struct tool_program *program, const struct load_hint *hint);
struct tool_program tool_simple(enum tool_behaviour behaviour);
/** A program that uses one map. */
long tool_load_with_map(int map_fd);

/** BPF_OBJ_PIN and BPF_OBJ_GET. */
long tool_pin(int fd, const char *path);
long tool_get_pinned(const char *path);
long tool_create_map(uint32_t type);
long tool_put_into_map(int map_fd, uint32_t key, int fd);

/* ---- uprobes ------------------------------------------------------------------------------------- */

struct tool_uprobe {
	const char *path; /* FAKE_TARGET if NULL */
	uint64_t offset, ref_ctr_offset;
	pid_t pid; /* 0 stands for -1, every process; TOOL_SELF for 0 */
	bool retprobe;
	bool keep_on_exec; /* no PERF_FLAG_FD_CLOEXEC */
};

enum { TOOL_SELF = -2 };

long tool_open_uprobe(const struct tool_uprobe *uprobe);
/** At an offset of FAKE_TARGET, in every process. */
long tool_open_at(uint64_t offset);
/** A perf event that takes KPROBE programs and is no uprobe for upshift: a kprobe or uprobe made in tracefs.
 */
long tool_open_tracepoint(void);
/** BPF_LINK_CREATE of type BPF_PERF_EVENT. */
long tool_link(int event_fd, int prog_fd, uint64_t cookie);
long tool_set_bpf(int event_fd, int prog_fd);
/** The same on a new event, as tool_open_at() makes it. */
long tool_attach_link(uint64_t offset, int prog_fd, uint64_t cookie);
long tool_attach_ioctl(uint64_t offset, int prog_fd);
/** A link that closing this one fd detaches: the event's is closed. */
int tool_only_link(const struct tool_uprobe *uprobe, int prog_fd);

/* ---- what must be so at the end ------------------------------------------------------------------ */

/** Is there this one probe and no other? Fails the test if not. */
void expect_probe(bool multi, uint64_t offset);
void expect_probes(unsigned int multi, unsigned int perf);
struct fake_probe only_probe(void);
/** Did nothing unsafe happen? Fails the test if it did. */
void expect_safe(void);
/** How often a part is in a text. */
unsigned int times_in(const char *text, const char *part);
/** A known fd number, or a negative errno that the message names. */
int expect_fd(long fd);

#endif
