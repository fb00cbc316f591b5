// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What upshift inspect does with a file, up to the output. */
#include <stdlib.h>
#include <string.h>

#include "elf/reach.h"
#include "inspect/inspect.h"
#include "inspect/judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(const struct inspection *inspection, const struct bpf_object_file *object)
{
	if (object->damage && (object->program_cnt || object->map_cnt))
		abort();
	for (size_t i = 0; i < object->program_cnt; i++) {
		const struct bpf_object_program *program = &object->programs[i];
		const struct judgement judgement = inspect_judge(inspection, object, program);

		if (!program->name || !*inspect_eligible(program->section) ||
		    (judgement.upgrade != UPGRADE_YES && !judgement.reason))
			abort();
		if (inspect_is_kprobe(program->section))
			inspect_judge_kprobe(inspection, object, program);
	}
	for (size_t i = 0; i < object->map_cnt; i++)
		if (!object->maps[i].name)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct inspection inspection = {
		.file = "file",
		.kernel_asked = true,
		.features = { .uprobe_multi_link = true, .pid_filter = true, .kprobe_multi_link = true },
	};
	struct elf_image image;
	void *copy = malloc(size ? size : 1); /* with a red zone behind it */

	if (!copy)
		return 0;
	memcpy(copy, bytes, size);
	if (!elf_image_of(&image, copy, size)) {
		executable_of_image("/", &image, &inspection.executable);
		inspection.out_of_reach = executable_out_of_reach(&inspection.executable);
		reach_read(&inspection.libbpf, &image, "/");
		inspect_objects(&inspection, &image);
		elf_image_close(&image);
	}
	for (size_t i = 0; i < inspection.object_cnt; i++) {
		check(&inspection, &inspection.objects[i]);
		bpf_object_free(&inspection.objects[i]);
	}
	free(inspection.objects);
	free(copy);
	return 0;
}
