// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * Copies the kernel's BTF, in which then no function has a name: tools that would attach to functions by BTF
 * (fentry) find none there and use kprobes.
 */
#include <stdio.h>
#include <bpf/btf.h>

int main(int argc, char **argv)
{
	struct btf *btf = argc == 2 ? btf__load_vmlinux_btf() : NULL;
	__u32 nr, size, i;
	struct btf_type *type;
	const void *data;
	int name;
	FILE *out;

	if (!btf)
		return 1;
	name = btf__add_str(btf, "nobody");
	nr = btf__type_cnt(btf);
	for (i = 1; i < nr; i++) {
		type = (struct btf_type *)btf__type_by_id(btf, i);
		if (btf_is_func(type))
			type->name_off = name;
	}
	data = btf__raw_data(btf, &size);
	out = fopen(argv[1], "w");
	if (!data || !out || fwrite(data, size, 1, out) != 1 || fclose(out))
		return 1;
	return 0;
}
