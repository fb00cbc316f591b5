// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * The second variant is loaded later, when the fds that the first load named may be closed, or be something
 * else. It must use the same maps and BTF, or not be loaded.
 */
#include "tool.h"

#include <errno.h>
#include <string.h>

#include "bpf.h"
#include "kernel.h"

static long create_map(void)
{
	return tool_create_map(BPF_MAP_TYPE_HASH);
}

/** Attaches by a link of one kind or the other; without a hint the program is then the second variant. */
static void attach(int prog, bool multi)
{
	expect_fd(tool_attach_link(0, prog, 0));
	assert_int_equal(only_probe().multi, multi);
	expect_safe();
}

/** The object that the attached program refers to. */
static uint32_t reference_of_attached(unsigned int n)
{
	long fd = bpf_fd_by_id(BPF_PROG_GET_FD_BY_ID, only_probe().prog_id);
	uint32_t id = fake_reference_of(expect_fd(fd), n);

	sys_close((int)fd);
	return id;
}

static void a_map_that_is_open_is_used(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int map = expect_fd(create_map());
	int prog = expect_fd(tool_load_with_map(map));

	fake_features.by_id_errno = EPERM;
	attach(prog, true);
	fake_features.by_id_errno = 0;
	assert_int_equal(reference_of_attached(0), fake_id_of(map));
}

static void a_map_that_is_closed_is_opened_by_its_id(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int map = expect_fd(create_map());
	uint32_t id = fake_id_of(map);
	int prog = expect_fd(tool_load_with_map(map));

	tool_close(map);
	int before = fake_open_fds();

	attach(prog, true);
	assert_int_equal(fake_open_fds(), before + 2);
	assert_int_equal(reference_of_attached(0), id);
}

static void another_map_under_the_same_number_is_not_used(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int map = expect_fd(create_map());
	uint32_t id = fake_id_of(map);
	int prog = expect_fd(tool_load_with_map(map));

	tool_close(map);
	assert_int_equal(create_map(), map);
	attach(prog, true);
	assert_int_equal(reference_of_attached(0), id);
}

/** Ids can only be opened with CAP_SYS_ADMIN: without it the attach stays on perf, and never takes another
 * map. */
static void without_the_right_to_ids_it_stays_on_perf(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int map = expect_fd(create_map());
	int prog = expect_fd(tool_load_with_map(map));

	fake_features.by_id_errno = EPERM;
	tool_close(map);
	assert_int_equal(create_map(), map);
	attach(prog, false);
}

static void a_map_under_another_number_is_found(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int first = expect_fd(create_map()), second = expect_fd(create_map());
	uint32_t id = fake_id_of(first);
	int prog = expect_fd(tool_load_with_map(first));

	/* the two change places */
	int spare = expect_fd(sys_fcntl(first, F_DUPFD_CLOEXEC, 100));

	sys_dup3(second, first, 0);
	sys_dup3(spare, second, 0);
	sys_close(spare);
	attach(prog, true);
	assert_int_equal(reference_of_attached(0), id);
}

/* ---- BTF and fd arrays --------------------------------------------------------------------------- */

static long load_btf(void)
{
	const union bpf_attr attr = { .btf = 1 };

	return tool_bpf(BPF_BTF_LOAD, &attr, BPF_ATTR_END(union bpf_attr, btf));
}

/** With something else under its number. */
static void btf_is_found_behind(long (*other)(void))
{
	struct tool_program program = tool_simple(RETURN_0);

	tool_start(&fake_linux_6_18);
	program.btf_fd = expect_fd(load_btf());
	uint32_t id = fake_id_of(program.btf_fd);
	int prog = expect_fd(tool_load(&program));

	tool_close(program.btf_fd);
	assert_int_equal(other(), program.btf_fd);
	attach(prog, true);
	assert_int_equal(reference_of_attached(0), id);
}

static void btf_is_found_again(void **state)
{
	(void)state;
	btf_is_found_behind(load_btf);
}

static void a_map_in_place_of_btf_is_not_used(void **state)
{
	(void)state;
	btf_is_found_behind(create_map);
}

static void the_fd_array_is_copied_and_followed(void **state)
{
	const struct bpf_insn insns[] = {
		INSN(BPF_LD | BPF_IMM | BPF_DW, BPF_REG_1, BPF_PSEUDO_MAP_IDX, 0, 2),
		INSN(0, 0, 0, 0, 0),
		INSN(BPF_JMP | BPF_CALL, 0, 2, 1, 1234), /* a kfunc of the module behind fd_array[1] */
		INSN_MOV64_IMM(BPF_REG_0, 0),
		INSN_EXIT(),
	};
	int fd_array[3] = { -1, -1, -1 };
	struct tool_program program = {
		.name = "array", .insns = insns, .insn_cnt = 5, .fd_array = fd_array
	};

	(void)state;
	tool_start(&fake_linux_6_18);
	fd_array[1] = expect_fd(load_btf());
	fd_array[2] = expect_fd(create_map());
	uint32_t btf_id = fake_id_of(fd_array[1]), map_id = fake_id_of(fd_array[2]);
	int prog = expect_fd(tool_load(&program));

	tool_close(fd_array[1]);
	tool_close(fd_array[2]);
	expect_fd(create_map());
	memset(fd_array, 0xff, sizeof(fd_array));
	attach(prog, true);
	assert_int_equal(reference_of_attached(0), map_id);
	assert_int_equal(reference_of_attached(1), btf_id);
}

/** fd_array_cnt (Linux 6.14) lists maps that no instruction names, and module BTFs. */
static void a_counted_fd_array_with_btf_in_it(void **state)
{
	const struct bpf_insn insns[] = {
		INSN(BPF_JMP | BPF_CALL, 0, 2, 1, 1234),
		INSN_MOV64_IMM(BPF_REG_0, 0),
		INSN_EXIT(),
	};
	int fd_array[2];
	struct uapi_prog_load attr = {
		.prog_type = BPF_PROG_TYPE_KPROBE,
		.insns = ptr_to_u64(insns),
		.insn_cnt = 3,
		.license = ptr_to_u64("GPL"),
		.fd_array = ptr_to_u64(fd_array),
		.fd_array_cnt = 2,
	};

	(void)state;
	tool_start(&fake_linux_6_18);
	fd_array[0] = expect_fd(create_map());
	fd_array[1] = expect_fd(load_btf());
	uint32_t btf_id = fake_id_of(fd_array[1]);
	int prog = expect_fd(tool_bpf(BPF_PROG_LOAD, &attr, sizeof(attr)));

	tool_close(fd_array[0]);
	tool_close(fd_array[1]);
	expect_fd(load_btf());
	attach(prog, true);
	assert_int_equal(reference_of_attached(0), btf_id);
}

/** The second half of a 64-bit immediate is data, whatever it looks like. */
static void data_is_no_reference(void **state)
{
	const struct bpf_insn insns[] = {
		INSN(BPF_LD | BPF_IMM | BPF_DW, BPF_REG_1, 0, 0, BPF_LD | BPF_IMM | BPF_DW),
		INSN(0, 0, 0, 0, 0x7fffffff),
		INSN_MOV64_IMM(BPF_REG_0, 0),
		INSN_EXIT(),
	};
	const struct tool_program program = { .name = "data", .insns = insns, .insn_cnt = 4 };

	(void)state;
	tool_start(&fake_linux_6_18);
	attach(expect_fd(tool_load(&program)), true);
}

/* ---- what the copy owns -------------------------------------------------------------------------- */

static void the_tools_memory_may_be_gone(void **state)
{
	struct bpf_insn insns[] = { INSN_MOV64_IMM(BPF_REG_0, 0), INSN_EXIT() };
	char license[] = "GPL", log[64];
	struct uapi_prog_load attr = {
		.prog_type = BPF_PROG_TYPE_KPROBE,
		.insns = ptr_to_u64(insns),
		.insn_cnt = 2,
		.license = ptr_to_u64(license),
		.log_level = 1,
		.log_buf = ptr_to_u64(log),
		.log_size = sizeof(log),
	};

	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_bpf(BPF_PROG_LOAD, &attr, sizeof(attr)));

	memset(insns, 0xff, sizeof(insns));
	memset(license, 0xff, sizeof(license));
	memset(log, 'x', sizeof(log));
	attach(prog, true);
	assert_int_equal(log[0], 'x');
}

static struct uapi_prog_load signed_load(void)
{
	const struct tool_program simple = tool_simple(RETURN_0);
	struct uapi_prog_load attr = tool_load_attr(&simple);

	attr.signature = ptr_to_u64("signature");
	attr.signature_size = 9;
	return attr;
}

static void signed_and_offloaded_programs_are_not_repeated(void **state)
{
	const struct uapi_prog_load attr = signed_load();

	(void)state;
	tool_start(&fake_linux_6_18);
	attach(expect_fd(tool_bpf(BPF_PROG_LOAD, &attr, sizeof(attr))), false);
}

/* ---- a single variant for what was loaded as multi ----------------------------------------------- */

static const struct load_hint eligible = { .program = "with_map",
					   .section = "uprobe",
					   .wish = SECTION_MULTI };

static void a_hinted_program_finds_its_maps_on_the_perf_path(void **state)
{
	const struct load_hints hints = { .hints = &eligible, .cnt = 1 };

	(void)state;
	tool_start(&fake_linux_6_18);
	int map = expect_fd(create_map());
	uint32_t id = fake_id_of(map);

	hints_set_load(&hints);
	int prog = expect_fd(tool_load_with_map(map));

	hints_set_load(NULL);
	assert_int_equal(fake_attach_type_of(prog), UAPI_BPF_TRACE_UPROBE_MULTI);
	tool_close(map);
	assert_int_equal(create_map(), map);
	fake_features.multi_errno = EINVAL;
	attach(prog, false);
	assert_int_equal(reference_of_attached(0), id);
}

/** A program that could not be loaded again must not be loaded as something that perf cannot use. */
static void a_hinted_program_that_cannot_be_repeated_stays_single(void **state)
{
	const struct uapi_prog_load attr = signed_load();

	(void)state;
	tool_start(&fake_linux_6_18);
	hints_set_load(&tool_eligible);
	int prog = expect_fd(tool_bpf(BPF_PROG_LOAD, &attr, sizeof(attr)));

	hints_set_load(NULL);
	fake_features.multi_errno = ENOMEM;
	attach(prog, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_map_that_is_open_is_used),
		cmocka_unit_test(a_map_that_is_closed_is_opened_by_its_id),
		cmocka_unit_test(another_map_under_the_same_number_is_not_used),
		cmocka_unit_test(without_the_right_to_ids_it_stays_on_perf),
		cmocka_unit_test(a_map_under_another_number_is_found),
		cmocka_unit_test(btf_is_found_again),
		cmocka_unit_test(a_map_in_place_of_btf_is_not_used),
		cmocka_unit_test(the_fd_array_is_copied_and_followed),
		cmocka_unit_test(a_counted_fd_array_with_btf_in_it),
		cmocka_unit_test(data_is_no_reference),
		cmocka_unit_test(the_tools_memory_may_be_gone),
		cmocka_unit_test(signed_and_offloaded_programs_are_not_repeated),
		cmocka_unit_test(a_hinted_program_finds_its_maps_on_the_perf_path),
		cmocka_unit_test(a_hinted_program_that_cannot_be_repeated_stays_single),
	};

	return RUN_ISOLATED("reload", tests);
}
