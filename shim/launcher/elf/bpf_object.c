// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "elf/bpf_object.h"

#include <stdlib.h>
#include <string.h>

#include "elf/bpf_btf.h"
#include "elf/bpf_sections.h"
#include "insn_flow.h"

/* Of one object, all programs together: more than any real one has, so that a made-up one comes to an end. */
enum { MAX_INSNS = 4 << 20, MAX_PROGRAMS = 1 << 14 };

static const char no_memory[] = "there is no memory to read it";

/* A program as it goes to the kernel: its main function, and behind it those that it calls. */
struct assembly {
	const struct bpf_sections *sections;
	struct bpf_insn *insns;
	size_t cnt, room;
	const struct bpf_function **called; /* each once */
	size_t called_cnt;
	bool *is_called;   /* by the function's number */
	size_t left;       /* of MAX_INSNS */
	const char *error; /* why it was given up */
};

static bool is_call(const struct bpf_insn *insn)
{
	return insn_is_call(insn) && insn->src_reg == CALL_FUNCTION;
}

/** Has a function put behind the others, if it is not there yet. */
static void call(struct assembly *a, const struct bpf_function *function)
{
	const size_t number = function ? (size_t)(function - a->sections->functions) : 0;

	if (!function) {
		a->error = "a function that it calls is not there";
	} else if (!a->is_called[number]) {
		a->is_called[number] = true;
		a->called[a->called_cnt++] = function;
	}
}

/** A call of one of the object's own functions, or with a reference to nowhere, of the kernel's. */
static void follow_call(struct assembly *a, const struct bpf_function *caller, uint32_t index,
			struct bpf_insn *insn)
{
	const struct bpf_code *code = &a->sections->code[caller->section];
	const struct bpf_reference *reference = code->references ? &code->references[index] : NULL;
	const int64_t relative = ((int64_t)insn->imm + 1) * (int64_t)sizeof(*insn);
	int64_t offset = (int64_t)index * (int64_t)sizeof(*insn) + relative;
	uint32_t section = caller->section;

	if (reference && reference->there) {
		if (reference->external) {
			insn->src_reg = CALL_KFUNC; /* as libbpf makes it */
			return;
		}
		section = reference->section;
		offset = (int64_t)reference->offset;
		if (reference->is_section && __builtin_add_overflow(offset, relative, &offset))
			offset = -1;
	}
	call(a, offset < 0 ? NULL : bpf_sections_function(a->sections, section, (uint64_t)offset));
}

/** The address of one of the object's own functions: a helper is to call it. */
static void follow_address(struct assembly *a, const struct bpf_function *caller, uint32_t index,
			   struct bpf_insn *insn)
{
	const struct bpf_code *code = &a->sections->code[caller->section];
	const struct bpf_reference *reference = code->references ? &code->references[index] : NULL;
	int64_t offset;

	if (!reference || !reference->there || reference->external ||
	    reference->section >= a->sections->cnt || !a->sections->code[reference->section].insns)
		return;
	if (__builtin_add_overflow((int64_t)reference->offset, reference->is_section ? insn->imm : 0,
				   &offset) ||
	    offset < 0)
		return;
	insn->src_reg = BPF_PSEUDO_FUNC; /* as libbpf makes it */
	call(a, bpf_sections_function(a->sections, reference->section, (uint64_t)offset));
}

/** What CO-RE will put in place of a constant is not known yet: it must not pass for a proven 0. */
static void forget_relocated(struct assembly *a, const struct bpf_function *function, uint32_t index,
			     struct bpf_insn *insn)
{
	const struct bpf_code *code = &a->sections->code[function->section];

	if (code->references && code->references[index].relocated && insn->imm == 0)
		insn->imm = 1;
}

static bool append(struct assembly *a, const struct bpf_function *function)
{
	const struct bpf_code *code = &a->sections->code[function->section];
	struct bpf_insn *insns;

	if (function->cnt > a->left) {
		a->error = "it has more instructions than would be read";
		return false;
	}
	a->left -= function->cnt;
	if (a->cnt + function->cnt > a->room) {
		a->room = 2 * (a->cnt + function->cnt);
		insns = reallocarray(a->insns, a->room, sizeof(*insns));
		if (!insns) {
			a->error = no_memory;
			return false;
		}
		a->insns = insns;
	}
	insns = a->insns + a->cnt;
	memcpy(insns, code->insns + function->first, function->cnt * sizeof(*insns));
	a->cnt += function->cnt;
	for (uint32_t i = 0; i < function->cnt && !a->error; i++) {
		if (is_call(&insns[i]))
			follow_call(a, function, function->first + i, &insns[i]);
		else
			forget_relocated(a, function, function->first + i, &insns[i]);
		if (insn_is_wide(&insns[i])) {
			follow_address(a, function, function->first + i, &insns[i]);
			i++; /* its second half is no instruction */
		}
	}
	return !a->error;
}

static void assemble(struct assembly *a, const struct bpf_function *main)
{
	a->cnt = a->called_cnt = 0;
	memset(a->is_called, 0, a->sections->function_cnt * sizeof(*a->is_called));
	call(a, main);
	for (size_t i = 0; i < a->called_cnt && append(a, a->called[i]); i++)
		;
}

/** Is it a program, and not one of the functions that programs call? */
static bool is_program(const struct bpf_sections *sections, const struct bpf_function *function)
{
	return !function->local && strcmp(sections->code[function->section].name, ".text") != 0;
}

static const char *add_program(struct bpf_object_file *object, struct assembly *a,
			       const struct bpf_function *function)
{
	const char *section = a->sections->code[function->section].name;
	struct bpf_object_program *program;

	if (object->program_cnt >= MAX_PROGRAMS)
		return "it has more programs than would be read";
	assemble(a, function);
	if (a->error)
		return a->error;
	program = &object->programs[object->program_cnt++];
	program->name = strdup(function->name);
	program->section = strdup(section + (*section == '?'));
	program->facts = insns_read(a->insns, (uint32_t)a->cnt);
	return program->name && program->section ? NULL : no_memory;
}

static const char *add_programs(struct bpf_object_file *object, const struct bpf_sections *sections)
{
	const size_t functions = sections->function_cnt;
	struct assembly a = {
		.sections = sections,
		.called = calloc(functions + 1, sizeof(*a.called)),
		.is_called = calloc(functions + 1, sizeof(*a.is_called)),
		.left = MAX_INSNS,
	};
	const char *damage = NULL;

	object->programs = calloc(functions + 1, sizeof(*object->programs));
	if (!a.called || !a.is_called || !object->programs)
		damage = no_memory;
	for (size_t i = 0; i < functions && !damage; i++)
		if (is_program(sections, &sections->functions[i]))
			damage = add_program(object, &a, &sections->functions[i]);
	free(a.called);
	free(a.is_called);
	free(a.insns);
	return damage;
}

static void note_prog_array(struct bpf_object_file *object, const struct bpf_sections *sections)
{
	object->prog_array = sections->programs_in_maps;
	for (size_t i = 0; i < object->map_cnt; i++)
		object->prog_array |= object->maps[i].type == BPF_MAP_TYPE_PROG_ARRAY;
	for (size_t i = 0; i < object->program_cnt; i++)
		object->prog_array |= object->programs[i].facts.tail_calls;
}

static const char *read_image(struct bpf_object_file *object, const struct elf_image *image)
{
	struct bpf_sections sections;
	const char *damage;

	if (image->header.e_ident[EI_DATA] !=
	    (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB))
		return "it is of the other byte order";
	if (image->header.e_ident[EI_CLASS] != ELFCLASS64 || image->header.e_machine != EM_BPF)
		return "it is not for BPF";
	damage = bpf_sections_read(&sections, image);
	if (!damage)
		damage = bpf_btf_mark_relocated(&sections);
	if (!damage)
		damage = add_programs(object, &sections);
	if (!damage)
		damage = bpf_btf_read_maps(object, image);
	note_prog_array(object, &sections);
	bpf_sections_free(&sections);
	return damage;
}

void bpf_object_read(struct bpf_object_file *object, const void *bytes, size_t size)
{
	const uint64_t offset = object->offset;
	struct elf_image image;

	*object = (struct bpf_object_file){ .offset = offset, .size = size };
	object->damage = elf_image_of(&image, bytes, size);
	if (object->damage)
		return;
	object->damage = read_image(object, &image);
	elf_image_close(&image);
	if (object->damage) {
		const char *damage = object->damage;

		bpf_object_free(object);
		*object = (struct bpf_object_file){ .offset = offset, .size = size, .damage = damage };
	}
}

void bpf_object_free(struct bpf_object_file *object)
{
	for (size_t i = 0; i < object->program_cnt; i++) {
		free(object->programs[i].name);
		free(object->programs[i].section);
	}
	for (size_t i = 0; i < object->map_cnt; i++)
		free(object->maps[i].name);
	free(object->programs);
	free(object->maps);
	*object = (struct bpf_object_file){ 0 };
}
