// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * upshift inspect --json: one object. What does not apply, or is not known, is null.
 *
 * - file: what was inspected
 * - preload: null for a BPF object
 *   - reaches: whether LD_PRELOAD does; reason: why not
 * - libbpf
 *   - reach: "shared", "dlopen", "static", "bcc", "none", or "object" for a BPF object
 *   - bcc: whether it is linked with BCC's library, too
 *   - version; library: its file
 * - kernel
 *   - asked: false for want of privilege
 *   - uprobe_multi_link, pid_filter, return_ignored, kprobe_multi_link: as in probes/kernel_features.h
 * - objects: of each BPF object
 *   - offset, size; damage: why it was left out
 *   - tail_calls: whether it makes any, or has a map for them
 *   - maps: name, type (the number in linux/bpf.h)
 *   - programs: name, section, returns_zero, tail_calls, overrides_return, reads_stack
 *     - registers: those that it reads; null if that cannot be told, or it is no uprobe's nor kprobe's
 *     - eligible by its section: "yes", "no", "at_attach", "not_a_uprobe"
 *     - upgrade: "yes", "no", "if_uprobe" (if it is attached to one), "unknown"; reason
 *     - kprobe: upgrade and reason of its kprobes with UPSHIFT_KPROBES=on; null if its section is none for
 * them
 * - pid: upgrade ("yes" or "no") and reason of uprobes for one process, by that alone
 * - process: null for a file
 *   - pid; fds, perf_events, programs, maps: how many fds
 *   - links: how many of each type
 *   - preload: the libupshift.so that is mapped
 *   - environment: what is set there of LD_PRELOAD and UPSHIFT_*
 */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "context_reads.h"
#include "inspect.h"

static void add(struct json_object *object, const char *name, struct json_object *value)
{
	json_object_object_add(object, name, value);
}

/** Null for a NULL or empty text. What is not ASCII in names from files could be no UTF-8: '?' */
static struct json_object *text(const char *value)
{
	struct json_object *object;
	char *clean;

	if (!value || !*value)
		return NULL;
	clean = strdup(value);
	for (char *c = clean; c && *c; c++)
		*c = (unsigned char)*c < 0x80 ? *c : '?';
	object = clean ? json_object_new_string(clean) : NULL;
	free(clean);
	return object;
}

static struct json_object *boolean(bool value)
{
	return json_object_new_boolean(value);
}

static struct json_object *number(uint64_t value)
{
	return json_object_new_uint64(value);
}

static struct json_object *registers_json(uint32_t reads)
{
	struct json_object *json;

	if (reads == CONTEXT_READS_ALL || !inspect_register(0))
		return NULL;
	json = json_object_new_array();
	for (unsigned int i = 0; i < 32; i++)
		if (reads & 1u << i)
			json_object_array_add(json, text(inspect_register(i)));
	return json;
}

static const char *const upgrade_words[] = { "no", "yes", "if_uprobe", "unknown" };

static void add_judgement(struct json_object *json, struct judgement judgement)
{
	add(json, "upgrade", text(upgrade_words[judgement.upgrade]));
	add(json, "reason", text(judgement.reason));
}

static struct json_object *judgement_json(struct judgement judgement)
{
	struct json_object *json = json_object_new_object();

	add_judgement(json, judgement);
	return json;
}

static struct json_object *program_json(const struct inspection *inspection,
					const struct bpf_object_file *object,
					const struct bpf_object_program *program)
{
	const char *eligible = inspect_eligible(program->section);
	const bool is_probe = strcmp(eligible, "not_a_uprobe") != 0;
	struct json_object *json = json_object_new_object();

	add(json, "name", text(program->name));
	add(json, "section", text(program->section));
	add(json, "eligible", text(eligible));
	add(json, "returns_zero", boolean(program->facts.returns_zero));
	add(json, "tail_calls", boolean(program->facts.tail_calls));
	add(json, "overrides_return", boolean(program->facts.overrides_return));
	add(json, "reads_stack", boolean(program->facts.reads_stack));
	add(json, "registers", is_probe ? registers_json(program->facts.context_reads) : NULL);
	add_judgement(json, inspect_judge(inspection, object, program));
	add(json, "kprobe",
	    inspect_is_kprobe(program->section) ?
		    judgement_json(inspect_judge_kprobe(inspection, object, program)) :
		    NULL);
	return json;
}

static struct json_object *object_json(const struct inspection *inspection,
				       const struct bpf_object_file *object)
{
	struct json_object *json = json_object_new_object(), *programs = json_object_new_array();
	struct json_object *maps = json_object_new_array();

	for (size_t i = 0; i < object->map_cnt; i++) {
		struct json_object *map = json_object_new_object();

		add(map, "name", text(object->maps[i].name));
		add(map, "type", number(object->maps[i].type));
		json_object_array_add(maps, map);
	}
	for (size_t i = 0; i < object->program_cnt; i++)
		json_object_array_add(programs, program_json(inspection, object, &object->programs[i]));
	add(json, "offset", number(object->offset));
	add(json, "size", number(object->size));
	add(json, "damage", text(object->damage));
	add(json, "tail_calls", boolean(object->prog_array));
	add(json, "maps", maps);
	add(json, "programs", programs);
	return json;
}

static struct json_object *libbpf_json(const struct libbpf *libbpf)
{
	static const char *const words[] = { "none", "shared", "dlopen", "static", "bcc", "object" };
	struct json_object *json = json_object_new_object();

	add(json, "reach", text(words[libbpf->reach]));
	add(json, "bcc", boolean(libbpf->bcc));
	add(json, "version", text(libbpf->version));
	add(json, "library", text(libbpf->library));
	return json;
}

static struct json_object *preload_json(const struct inspection *inspection)
{
	struct json_object *json = json_object_new_object();

	add(json, "reaches", boolean(!inspection->out_of_reach));
	add(json, "reason", text(inspection->out_of_reach));
	return json;
}

static struct json_object *kernel_json(const struct inspection *inspection)
{
	const struct features *features = &inspection->features;
	struct json_object *json = json_object_new_object();
	const bool asked = inspection->kernel_asked;

	add(json, "asked", boolean(asked));
	add(json, "uprobe_multi_link", asked ? boolean(features->uprobe_multi_link) : NULL);
	add(json, "pid_filter", asked ? boolean(features->pid_filter) : NULL);
	add(json, "return_ignored", asked ? boolean(features->return_ignored) : NULL);
	add(json, "kprobe_multi_link", asked ? boolean(features->kprobe_multi_link) : NULL);
	return json;
}

static struct json_object *environment_json(const struct process *process)
{
	struct json_object *json = process->environment_known ? json_object_new_object() : NULL;

	for (size_t i = 0; json && i < process->variable_cnt; i++) {
		char *value = strchr(process->variables[i], '=');

		if (!value)
			continue;
		*value = '\0';
		add(json, process->variables[i], text(value + 1));
		*value = '=';
	}
	return json;
}

static struct json_object *process_json(const struct process *process)
{
	struct json_object *json, *links;

	if (!process->pid)
		return NULL;
	json = json_object_new_object();
	links = json_object_new_object();
	for (size_t i = 0; i < process->link_types; i++)
		add(links, process->links[i].type, number(process->links[i].cnt));
	add(json, "pid", number((uint64_t)process->pid));
	add(json, "fds", number(process->fds));
	add(json, "perf_events", number(process->perf_events));
	add(json, "programs", number(process->programs));
	add(json, "maps", number(process->maps));
	add(json, "links", links);
	add(json, "preload", text(process->preload));
	add(json, "environment", environment_json(process));
	return json;
}

bool inspect_print_json(const struct inspection *inspection)
{
	struct json_object *json = json_object_new_object(), *objects = json_object_new_array();
	const char *line;

	for (size_t i = 0; i < inspection->object_cnt; i++)
		json_object_array_add(objects, object_json(inspection, &inspection->objects[i]));
	add(json, "file", text(inspection->file));
	add(json, "preload", inspection->libbpf.reach == REACH_OBJECT ? NULL : preload_json(inspection));
	add(json, "libbpf", libbpf_json(&inspection->libbpf));
	add(json, "kernel", kernel_json(inspection));
	add(json, "objects", objects);
	add(json, "pid", judgement_json(inspect_judge_pid(inspection)));
	add(json, "process", process_json(&inspection->process));
	line = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	if (line)
		puts(line);
	json_object_put(json);
	return line && fflush(stdout) == 0 && !ferror(stdout);
}
