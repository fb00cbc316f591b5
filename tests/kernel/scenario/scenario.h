// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * A scenario is what some tracing tool does, in small. It prints what its user would notice, a line each, and
 * always the same lines when all is well. Lines that begin with "link" say what the kernel calls the links,
 * and lines that begin with "at-least" a number that may be larger elsewhere.
 */
#ifndef TESTS_SCENARIO_H
#define TESTS_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "hits.h"
#include "count.skel.h"

struct scenario {
	const char *name;
	void (*run)(void);
};

extern const struct scenario attach_scenarios[], place_scenarios[], section_scenarios[], pid_scenarios[],
	usdt_scenarios[], fd_scenarios[], dup_scenarios[], error_scenarios[], lifetime_scenarios[],
	pin_scenarios[], raw_scenarios[], no_bpf_scenarios[], perf_event_scenarios[], process_scenarios[],
	thread_scenarios[], tail_scenarios[], limit_scenarios[], new_section_scenarios[], detach_scenarios[],
	detach_before_scenarios[], detach_thread_scenarios[], detach_limit_scenarios[],
	detach_end_scenarios[], many_scenarios[], multi_scenarios[], own_multi_scenarios[],
	feature_scenarios[], light_scenarios[], token_scenarios[], daemon_scenarios[], sandbox_scenarios[],
	seccomp_scenarios[], native_scenarios[], kprobe_scenarios[], kprobe_named_scenarios[],
	kprobe_raw_scenarios[], kprobe_life_scenarios[], kprobe_stay_scenarios[], kprobe_need_scenarios[],
	kprobe_many_scenarios[], token_ours_scenarios[], keeper_end_scenarios[], keeper_child_scenarios[],
	keeper_close_scenarios[], keeper_life_scenarios[], exact_scenarios[], exact_close_scenarios[],
	detach_harm_scenarios[], detach_alone_scenarios[], detach_apart_scenarios[];

/* The entry point; main.c of a program, or a plugin's loader, calls it. */
__attribute__((visibility("default"))) int scenario_main(int argc, char **argv);

/* say.c: output. Standard output may be closed by a scenario, so these go to a copy of it. */
void say_open(void);
__attribute__((format(printf, 1, 2))) void say(const char *format, ...);
__attribute__((format(printf, 1, 2), noreturn)) void die(const char *format, ...);
__attribute__((format(printf, 1, 2), noreturn)) void skip(const char *format, ...);
const char *error_name(int error);
/* "ok", or the error's name, for what an attach returned. Uses errno: call it at once. */
void say_result(const char *what, bool ok);

/* target.c: the traced process. */
struct target;
struct target *target_start(const char *who);
/* An executable that another process chooses: prepare() runs in the child and returns its path. */
struct target *target_start_in(const char *who, const char *(*prepare)(void));
void target_stop(struct target *target);
pid_t target_pid(struct target *target);
void target_call(struct target *target, const char *function, int times);
void target_thread_call(struct target *target, const char *function, int times);
void target_fork_call(struct target *target, const char *function, int times);
/* A child of it unwinds its stack through f_unwound so often: prints how it ends. */
void target_unwind(struct target *target, int times);
pid_t target_tid(struct target *target);
int target_semaphore(struct target *target, const char *name);
/* Where a symbol is in its file. */
size_t target_offset(struct target *target, const char *symbol);
/* Absolute paths of the executable, the library, and the program that runs. */
const char *target_path(void);
const char *library_path(void);
const char *own_path(void);
/* Out of the way of scenarios that close, count or limit file descriptors. */
int high_fd(int fd);

/* who.c: names for process ids and addresses, so that output is the same each time. */
void who_add(pid_t pid, const char *who);
void who_add_like(pid_t pid, const char *who, pid_t like);
void who_add_symbol(pid_t pid, const char *name, unsigned long address);
unsigned long who_address(pid_t pid, const char *name);
const char *who_name(pid_t pid);
/* "f0+0"; text must hold 64 bytes. */
void who_place(pid_t pid, unsigned long address, char *text);

/* hits.c */
void say_hits(int map_fd);
void hits_clear(int map_fd);

/* links.c */
void say_links(void);
int links_open(void);
int fds_open(void);
/* How many fds are links, without asking bpf() anything. */
int link_fds(void);
/* upshift's own fd, which the others do not count, or -1. */
int keeper_fd(void);
/*
 * A tool that looks at what a detach brought about asks the kernel something first, at least by reading a
 * map. A target that is driven over a pipe does not need to ask: this stands for it.
 */
void settle(void);
/* The same after a close that upshift cannot see: it looks for such every 100 ms. */
void settle_unseen(void);

/* rig.c: one loaded object with the programs of count.bpf.c, and one target. */
struct rig {
	struct count_bpf *skel;
	struct target *target;
	int hits;
};

struct rig rig_up(void);
/* Prints the hits. */
void rig_down(struct rig *rig);
/* The hits of a part of the scenario: prints and forgets them. */
void rig_say_hits(struct rig *rig);
/* Probes on the target's functions in turn, with cookies from 0 on; calls of each function. */
#define NR_TARGET_FUNCTIONS 4
extern const char *const target_functions[NR_TARGET_FUNCTIONS];
void rig_attach_many(struct rig *rig, struct bpf_link *links[], int nr);
void rig_call_all(struct rig *rig, int times);
/* Skips the scenario where "/" is no mount, in a chroot. */
void need_own_mounts(void);
/* Ends of a tool. */
void end_by_exit(void);
void end_by__exit(void);
void end_by_signal(void);

/* Attaches or ends the scenario. Further arguments are members of struct bpf_uprobe_opts. */
#define attach(prog, pid, path, offset, ...)                            \
	({                                                              \
		LIBBPF_OPTS(bpf_uprobe_opts, attach_opts, __VA_ARGS__); \
		must_attach(prog, pid, path, offset, &attach_opts);     \
	})
#define try_attach(prog, pid, path, offset, ...)                                        \
	({                                                                              \
		LIBBPF_OPTS(bpf_uprobe_opts, attach_opts, __VA_ARGS__);                 \
		bpf_program__attach_uprobe_opts(prog, pid, path, offset, &attach_opts); \
	})
/* By function name in the target, every process. */
#define attach_function(prog, function, ...) \
	attach(prog, -1, target_path(), 0, .func_name = (function), __VA_ARGS__)

struct bpf_link *must_attach(const struct bpf_program *prog, pid_t pid, const char *path, size_t offset,
			     const struct bpf_uprobe_opts *opts);
/* bpf_link__destroy() and settle(). */
void destroy(struct bpf_link *link);

/* usdt.c: the programs of usdt.bpf.c, loaded, as the libbpf of this run wants them. */
struct usdt_bpf *usdt_up(void);

/* perf.c: perf events without libbpf. */
int perf_uprobe_type(void);
int perf_open_uprobe(const char *path, size_t offset, bool retprobe, pid_t pid, size_t ref_ctr_offset);
int perf_set_bpf(int perf_fd, int prog_fd);
int perf_enable(int perf_fd);
int perf_disable(int perf_fd);
int perf_link(int prog_fd, int perf_fd, uint64_t cookie);

#endif
