/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* upshift inspect: what its parts tell each other. Single-threaded. */
#ifndef UPSHIFT_INSPECT_H
#define UPSHIFT_INSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "bpf_object.h"
#include "elf_image.h"
#include "executable.h"
#include "kernel_features.h"

/* How a tool reaches libbpf, and with it the kernel. */
enum reach {
	REACH_NONE,
	REACH_SHARED, /* is linked with libbpf.so */
	REACH_DLOPEN, /* knows its name and opens it while it runs */
	REACH_STATIC, /* has it inside */
	REACH_BCC,    /* is linked with BCC's library only */
	REACH_OBJECT, /* is no tool but a BPF object: whoever loads it */
};

struct libbpf {
	enum reach reach;
	bool bcc;               /* is linked with BCC's library, which attaches uprobes without libbpf */
	char library[PATH_MAX]; /* the file of a shared one, or "" if it was not found */
	char version[32];       /* "" if it could not be told */
};

/* Would upshift upgrade a program's uprobes? */
enum upgrade { UPGRADE_NO, UPGRADE_YES, UPGRADE_IF_UPROBE, UPGRADE_UNKNOWN };

struct judgement {
	enum upgrade upgrade;
	const char *reason; /* in the words of the library's report; NULL if nothing needs to be said */
};

struct process_links {
	char type[32]; /* as the kernel names it */
	unsigned int cnt;
};

/* A process that runs. */
struct process {
	pid_t pid; /* 0: it is a file that is inspected */
	char executable[PATH_MAX];
	char preload[PATH_MAX]; /* the libupshift.so that is mapped, or "" */
	char libbpf[PATH_MAX];  /* the shared libbpf that is mapped, or "" */
	bool bcc;
	bool environment_known;
	char **variables; /* UPSHIFT_* and LD_PRELOAD, "NAME=VALUE" */
	size_t variable_cnt;
	struct process_links *links; /* each link once, however many fds it has */
	size_t link_types;
	unsigned int perf_events, programs, maps, fds; /* fds */
};

struct inspection {
	const char *file; /* as the user named it */
	struct process process;
	struct executable executable;
	const char *out_of_reach; /* why a preload does not reach it, or NULL */
	struct libbpf libbpf;
	struct bpf_object_file *objects;
	size_t object_cnt;
	struct features features;
	bool kernel_asked; /* false: for want of privilege */
};

/** Finds the BPF objects in an ELF file, or the one that it is. false if there is no memory. */
bool inspect_objects(struct inspection *inspection, const struct elf_image *image);

/** How does the tool in this ELF file reach libbpf? */
enum reach inspect_reach(const struct elf_image *image);

/** The same, and which libbpf it is. The file's path matters to the search for a library. */
void inspect_libbpf(struct libbpf *libbpf, const struct elf_image *image, const char *path);

/** The version in a library's name ("libbpf.so.1.1.2") or, for want of it, inside of it. */
void inspect_libbpf_version(struct libbpf *libbpf);

/** Fills process of a pid. NULL, or why it cannot be read, in words. */
const char *inspect_process(struct process *process, pid_t pid);
void inspect_process_free(struct process *process);

/** Would upshift upgrade the program? */
struct judgement inspect_judge(const struct inspection *inspection, const struct bpf_object_file *object,
			       const struct bpf_object_program *program);

/** And its kprobes, with UPSHIFT_KPROBES=on? Only of sections for them, and never UPGRADE_IF_UPROBE. */
struct judgement inspect_judge_kprobe(const struct inspection *inspection,
				      const struct bpf_object_file *object,
				      const struct bpf_object_program *program);

/** And its uprobes for one process, by their pid alone? */
struct judgement inspect_judge_pid(const struct inspection *inspection);

/** Is the section one for kprobes? */
bool inspect_is_kprobe(const char *section);

/** What the n-th 8 bytes of a KPROBE program's context are called; NULL if they are no register. */
const char *inspect_register(unsigned int n);

/** Is the section eligible by its name? "yes", "no", "at_attach", or "not_a_uprobe". */
const char *inspect_eligible(const char *section);

/** Prints to stdout. False if that failed. */
bool inspect_print_text(const struct inspection *inspection);
bool inspect_print_json(const struct inspection *inspection);

#endif
