// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* upshift inspect for a terminal. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "context_reads.h"
#include "inspect.h"

/** Text from a file that nobody vouches for: nothing in it may reach the terminal as a control sequence. */
static void put(const char *text)
{
	for (; *text; text++)
		putchar(isprint((unsigned char)*text) || (unsigned char)*text >= 0xa0 ? *text : '?');
}

static void put_field(const char *name, const char *text)
{
	printf("  %-14s ", name);
	put(text);
	putchar('\n');
}

static const char *describe_reach(const struct libbpf *libbpf)
{
	switch (libbpf->reach) {
	case REACH_SHARED:
		return "shared library";
	case REACH_DLOPEN:
		return "shared library, opened while it runs";
	case REACH_STATIC:
		return "inside of the tool (static)";
	case REACH_BCC:
		return "none, but BCC's library";
	case REACH_OBJECT:
		return "a BPF object: as the tool that loads it";
	case REACH_NONE:
		break;
	}
	return "none was found";
}

static void print_libbpf(const struct inspection *inspection)
{
	const struct libbpf *libbpf = &inspection->libbpf;

	printf("  %-14s %s", "libbpf", describe_reach(libbpf));
	if (libbpf->reach == REACH_SHARED || libbpf->reach == REACH_STATIC) {
		printf(", version ");
		put(libbpf->version[0] ? libbpf->version : "unknown");
	}
	if (libbpf->reach == REACH_SHARED) {
		printf(", ");
		put(libbpf->library[0] ? libbpf->library : "not found");
	}
	if (libbpf->bcc && libbpf->reach != REACH_BCC)
		printf("; and BCC's library");
	putchar('\n');
}

static void print_preload(const struct inspection *inspection)
{
	if (inspection->libbpf.reach == REACH_OBJECT)
		return;
	printf("  %-14s ", "preload");
	if (inspection->out_of_reach)
		printf("does not reach it: %s\n", inspection->out_of_reach);
	else if (inspection->process.pid)
		printf("%s\n", inspection->process.preload[0] ? "is in it" : "is not in it");
	else
		printf("reaches it\n");
}

static void print_process(const struct process *process)
{
	if (!process->pid)
		return;
	printf("  %-14s %d, %u file descriptors\n", "process", process->pid, process->fds);
	if (process->preload[0])
		put_field("libupshift.so", process->preload);
	if (!process->environment_known)
		put_field("environment", "could not be read");
	for (size_t i = 0; i < process->variable_cnt; i++)
		put_field(i ? "" : "environment", process->variables[i]);
	printf("  %-14s %u perf events", "holds now", process->perf_events);
	for (size_t i = 0; i < process->link_types; i++) {
		printf(", %u ", process->links[i].cnt);
		put(process->links[i].type);
		printf(" links");
	}
	printf(", %u programs, %u maps\n", process->programs, process->maps);
}

/** Text in a column, and at least one space behind it. */
static void put_column(const char *text, int width)
{
	put(text);
	printf("%*s", (int)strlen(text) < width ? width - (int)strlen(text) + 1 : 1, "");
}

/* Under what is told of a program. */
static const char indent[] = "                               ";

static const char *const upgrade_words[] = { "stays as it is", "upgraded", "upgraded if it is a uprobe",
					     "not known" };

static void put_judgement(struct judgement judgement)
{
	printf("%s%s%s\n", upgrade_words[judgement.upgrade], judgement.reason ? ": " : "",
	       judgement.reason ? judgement.reason : "");
}

/** Those that a kprobe_multi link does not have are what matters. */
static void print_registers(uint32_t reads)
{
	const char *before = "reads the registers ";

	if (reads && (reads == CONTEXT_READS_ALL || !inspect_register(0))) {
		printf("%smay read all registers\n", indent);
		return;
	}
	printf("%s", reads ? indent : "");
	for (unsigned int i = 0; i < 32; i++) {
		if (!(reads & 1u << i))
			continue;
		printf("%s%s", before, inspect_register(i) ? inspect_register(i) : "?");
		before = ", ";
	}
	printf("%s", reads ? "\n" : "");
}

/** What its instructions do that has to do with the rules. */
static void print_facts(const struct insn_facts *facts, bool kprobe)
{
	const char *const texts[] = {
		facts->returns_zero ? NULL : "may return something else than 0",
		facts->overrides_return ? "calls bpf_override_return" : NULL,
		facts->tail_calls ? "makes tail calls" : NULL,
		kprobe && facts->reads_stack ? "reads stacks" : NULL,
	};
	const char *before = indent;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (!texts[i])
			continue;
		printf("%s%s", before, texts[i]);
		before = ", ";
	}
	if (before != indent)
		putchar('\n');
}

static void print_program(const struct inspection *inspection, const struct bpf_object_file *object,
			  const struct bpf_object_program *program)
{
	const bool kprobe = inspect_is_kprobe(program->section);

	printf("    ");
	put_column(program->name, 26);
	put_column(program->section, 22);
	put_judgement(inspect_judge(inspection, object, program));
	if (strcmp(inspect_eligible(program->section), "not_a_uprobe") != 0)
		print_facts(&program->facts, kprobe);
	if (!kprobe)
		return;
	print_registers(program->facts.context_reads);
	printf("%sas a kprobe, with UPSHIFT_KPROBES=on: ", indent);
	put_judgement(inspect_judge_kprobe(inspection, object, program));
}

static void print_object(const struct inspection *inspection, const struct bpf_object_file *object)
{
	if (object->damage) {
		printf("  BPF object at offset 0x%llx: left out, %s\n", (unsigned long long)object->offset,
		       object->damage);
		return;
	}
	printf("  BPF object at offset 0x%llx, %llu bytes, %zu programs, %zu maps%s\n",
	       (unsigned long long)object->offset, (unsigned long long)object->size, object->program_cnt,
	       object->map_cnt, object->prog_array ? ", tail calls" : "");
	for (size_t i = 0; i < object->program_cnt; i++)
		print_program(inspection, object, &object->programs[i]);
}

static void print_kernel(const struct inspection *inspection)
{
	printf("  %-14s ", "this kernel");
	if (!inspection->kernel_asked)
		printf("could not be asked: root may\n");
	else
		printf("%s uprobe_multi links%s\n",
		       inspection->features.uprobe_multi_link ? "has" : "does not have",
		       inspection->features.uprobe_multi_link && !inspection->features.pid_filter ?
			       ", whose pid filter is one of threads" :
			       "");
}

/** What holds for all its programs. */
static void print_pid(const struct inspection *inspection)
{
	if (inspection->out_of_reach)
		return;
	printf("  %-14s ", "with a pid");
	put_judgement(inspect_judge_pid(inspection));
}

bool inspect_print_text(const struct inspection *inspection)
{
	put(inspection->file);
	putchar('\n');
	print_process(&inspection->process);
	print_libbpf(inspection);
	print_preload(inspection);
	print_kernel(inspection);
	print_pid(inspection);
	if (!inspection->object_cnt)
		put_field("BPF objects", "none was found");
	for (size_t i = 0; i < inspection->object_cnt; i++)
		print_object(inspection, &inspection->objects[i]);
	return fflush(stdout) == 0 && !ferror(stdout);
}
