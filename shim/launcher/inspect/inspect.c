// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* upshift inspect: how a tool attaches its uprobes, and what would be upgraded. */
#include "inspect/inspect.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "common/arguments.h"

/** A number is a process; a file of such a name is "./123". 0: it is none. */
static pid_t as_pid(const char *text)
{
	unsigned long pid;

	if (!*text || text[strspn(text, "0123456789")])
		return 0;
	pid = strtoul(text, NULL, 10);
	return pid > 0 && pid <= 1 << 22 ? (pid_t)pid : 0; /* PID_MAX_LIMIT */
}

/** What is mapped is known better than what would be loaded. */
static void apply_mapped(struct inspection *inspection)
{
	const struct process *process = &inspection->process;
	struct libbpf *libbpf = &inspection->libbpf;
	const char *deleted = " (deleted)";
	const size_t len = strlen(process->libbpf);

	libbpf->bcc |= process->bcc;
	if (!process->libbpf[0]) {
		if (libbpf->bcc && libbpf->reach == REACH_NONE)
			libbpf->reach = REACH_BCC;
		return;
	}
	libbpf->reach = REACH_SHARED;
	libbpf->version[0] = '\0';
	if (len > strlen(deleted) && !strcmp(process->libbpf + len - strlen(deleted), deleted))
		return;
	/* In the process's own root: it may be in a container. */
	if (snprintf(libbpf->library, sizeof(libbpf->library), "/proc/%d/root%s", process->pid,
		     process->libbpf) < (int)sizeof(libbpf->library))
		reach_read_version(libbpf);
	snprintf(libbpf->library, sizeof(libbpf->library), "%s", process->libbpf);
}

static void ask_kernel(struct inspection *inspection)
{
	features_probe(&inspection->features);
	inspection->kernel_asked =
		inspection->features.uprobe_multi_link || inspection->features.no_uprobe_multi_link;
}

static const char *out_of_reach(const struct inspection *inspection)
{
	if (inspection->process.preload[0] || inspection->libbpf.reach == REACH_OBJECT)
		return NULL;
	return executable_out_of_reach(&inspection->executable);
}

static bool look_into(struct inspection *inspection, const char *path)
{
	struct elf_image image;
	const char *reason = elf_image_open(&image, path);
	bool complete;

	if (reason) {
		complain("%s: %s", inspection->file, reason);
		return false;
	}
	executable_of_image(path, &image, &inspection->executable);
	reach_read(&inspection->libbpf, &image, path);
	apply_mapped(inspection);
	inspection->out_of_reach = out_of_reach(inspection);
	complete = inspect_objects(inspection, &image);
	elf_image_close(&image);
	if (!complete)
		complain("%s: not enough memory", inspection->file);
	return complete;
}

static bool inspect(struct inspection *inspection, const char *subject)
{
	char path[64];
	pid_t pid = as_pid(subject);
	const char *reason;

	inspection->file = subject;
	if (!pid)
		return look_into(inspection, subject);
	reason = inspect_process(&inspection->process, pid);
	if (reason) {
		complain("process %d: %s", pid, reason);
		return false;
	}
	inspection->file = inspection->process.executable;
	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	return look_into(inspection, path);
}

static void release(struct inspection *inspection)
{
	for (size_t i = 0; i < inspection->object_cnt; i++)
		bpf_object_free(&inspection->objects[i]);
	free(inspection->objects);
	inspect_process_free(&inspection->process);
}

int command_inspect(int argc, char **argv)
{
	struct arguments arguments;
	struct inspection inspection = { 0 };
	bool done;

	if (arguments_read(
		    argc, argv, "FILE|PID",
		    "How a tool attaches its uprobes, and what would be upgraded on this kernel. FILE is the "
		    "tool's executable or a BPF object; a number is a process that runs.",
		    &arguments))
		return STATUS_FAILED;
	done = inspect(&inspection, arguments.subject);
	if (done) {
		ask_kernel(&inspection);
		done = arguments.json ? inspect_print_json(&inspection) : inspect_print_text(&inspection);
		if (!done)
			complain("the output could not be written");
	}
	release(&inspection);
	return done ? STATUS_OK : STATUS_FAILED;
}
