// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "prepare.h"

#include <stdlib.h>

#include "config.h"
#include "engine.h"
#include "sections.h"

static bool has_prog_array(const struct libbpf_api *api, struct bpf_object *obj)
{
	for (struct bpf_map *map = api->bpf_object__next_map(obj, NULL); map;
	     map = api->bpf_object__next_map(obj, map))
		if (api->bpf_map__type(map) == BPF_MAP_TYPE_PROG_ARRAY)
			return true;
	return false;
}

static struct load_hint *hints_of(const struct libbpf_api *api, struct bpf_object *obj, size_t *cnt)
{
	const bool tail_calls = has_prog_array(api, obj);
	struct bpf_program *prog;
	struct load_hint *hints;
	size_t programs = 0;

	for (prog = api->bpf_object__next_program(obj, NULL); prog;
	     prog = api->bpf_object__next_program(obj, prog))
		programs++;
	hints = calloc(programs ? programs : 1, sizeof(*hints));
	if (!hints)
		return NULL;
	*cnt = 0;
	for (prog = api->bpf_object__next_program(obj, NULL); prog;
	     prog = api->bpf_object__next_program(obj, prog)) {
		const char *section = api->bpf_program__section_name(prog);

		hints[(*cnt)++] = (struct load_hint){
			.program = api->bpf_program__name(prog),
			.section = section,
			.wish = section_wish(section, config.versioned_multi, config.kprobes),
			.has_prog_array = tail_calls,
		};
	}
	return hints;
}

void load_scope_begin(struct load_scope *scope, const void *caller, struct bpf_object *obj)
{
	*scope = (struct load_scope){ .obj = obj };
	if (!obj || hints_loading() || !engine_on())
		return;
	if (libbpf_api(caller, &scope->api))
		scope->hints = hints_of(&scope->api, obj, &scope->announced.cnt);
	if (!scope->hints)
		return;
	scope->announced.hints = scope->hints;
	scope->before = hints_set_load(&scope->announced);
}

/** The engine knew a program by the name that the kernel is told; now there are fds, which are exact. */
void load_scope_end(struct load_scope *scope, int result)
{
	const struct libbpf_api *api = &scope->api;
	struct bpf_program *prog = NULL;

	if (!scope->hints)
		return;
	hints_set_load(scope->before);
	for (size_t i = 0; result == 0 && i < scope->announced.cnt; i++) {
		prog = api->bpf_object__next_program(scope->obj, prog);
		if (prog && api->bpf_program__type(prog) == BPF_PROG_TYPE_KPROBE &&
		    api->bpf_program__fd(prog) >= 0)
			engine_describe(api->bpf_program__fd(prog), &scope->hints[i]);
	}
	free(scope->hints);
}
