// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* UPSHIFT_TOKEN: which variant of a program is loaded, and loaded again. */
#include "tool.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

#include "bpf.h"
#include "config.h"
#include "kernel.h"
#include "kprobe_tool.h"
#include "token_tool.h"

/* Bit 0, the single type, is not delegated, nor are sessions: and it may even return what it wants. */
static void the_first_load_is_the_multi_variant(void **state)
{
	(void)state;
	tool_start_with_token(&(struct fake_features)TOKEN_FEATURES);
	int prog = expect_fd(tool_load_simple(RETURN_1));

	assert_int_equal(fake_attach_type_of(prog), UAPI_BPF_TRACE_UPROBE_MULTI);
	expect_fd(tool_attach_link(0x100, prog, 9));
	expect_fd(tool_attach_ioctl(0x200, prog));
	expect_probes(2, 0);
	assert_int_equal(fake_count(FAKE_PROG), 1);
	expect_safe();
}

/* R4: on a kernel that does not ignore what it returns, it can be loaded, as its object needs, and no more.
 */
static void what_may_not_be_attached_is_loaded(void **state)
{
	struct fake_features features = TOKEN_FEATURES;

	(void)state;
	features.return_ignored = features.sessions = features.fd_array_cnt = false;
	tool_start_with_token(&features);
	int prog = expect_fd(tool_load_simple(RETURN_1));
	int event = expect_fd(tool_open_at(0x100));

	assert_int_equal(fake_attach_type_of(prog), UAPI_BPF_TRACE_UPROBE_MULTI);
	assert_int_equal(tool_link(event, prog, 0), -EACCES);
	expect_probes(0, 0);
	expect_fd(tool_attach_link(0x200, expect_fd(tool_load_simple(RETURN_0)), 0));
	expect_probe(true, 0x200);
	expect_safe();
}

static void a_section_for_perf_stays_single(void **state)
{
	const struct load_hint perf = { .program = "probe",
					.section = "uprobe.single",
					.wish = SECTION_PERF };
	const struct tool_program program = tool_simple(RETURN_0);

	(void)state;
	tool_start_with_token(&(struct fake_features)TOKEN_FEATURES);
	assert_int_equal(tool_load_with_hint(&program, &perf), -EPERM);
	assert_non_null(strstr(fake_stderr(), "delegate_attachs=...:cgroup_inet_ingress\n"));
	fake_features.token_attachs |= 1;
	assert_int_equal(fake_attach_type_of(expect_fd(tool_load_with_hint(&program, &perf))), 0);
}

static void what_the_owner_chose_stays(void **state)
{
	struct tool_program program = tool_simple(RETURN_0);

	(void)state;
	tool_start_with_token(&(struct fake_features)TOKEN_FEATURES);
	program.expected_attach_type = UAPI_BPF_TRACE_KPROBE_MULTI;
	assert_int_equal(tool_load(&program), -EPERM);
	fake_features.token_attachs |= UINT64_C(1) << UAPI_BPF_TRACE_KPROBE_MULTI;
	assert_int_equal(fake_attach_type_of(expect_fd(tool_load(&program))), UAPI_BPF_TRACE_KPROBE_MULTI);
}

static void what_rules_keep_single_is_single(void **state)
{
	struct fake_features features = TOKEN_FEATURES;

	(void)state;
	features.token_attachs |= 1;
	tool_start_with_token(&features);
	assert_int_equal(fake_attach_type_of(expect_fd(tool_load_simple(OVERRIDE_RETURN))), 0);
	assert_int_equal(fake_attach_type_of(expect_fd(tool_load_simple(TAIL_CALL))), 0);
}

/* libbpf's own first loads: types of program that have no attach type. */
static void programs_without_an_attach_type_load(void **state)
{
	static const uint32_t types[] = { BPF_PROG_TYPE_SOCKET_FILTER, BPF_PROG_TYPE_TRACEPOINT };
	const struct tool_program simple = tool_simple(RETURN_0);
	struct uapi_prog_load load = tool_load_attr(&simple);

	(void)state;
	tool_start_with_token(&(struct fake_features)TOKEN_FEATURES);
	for (size_t i = 0; i < TEST_CNT(types); i++) {
		load.prog_type = types[i];
		expect_fd(tool_bpf(BPF_PROG_LOAD, &load,
				   BPF_ATTR_END(struct uapi_prog_load, expected_attach_type)));
	}
	assert_string_equal(fake_stderr(), "");
}

/* Also where libbpf has a token of its own, from 1.4 on. */
static void with_the_tools_own_token_too(void **state)
{
	const struct uapi_token_create create = { .bpffs_fd = 3 };
	struct tool_program program = tool_simple(RETURN_0);
	struct uapi_prog_load load;
	unsigned int cnt;

	(void)state;
	tool_start(&(struct fake_features)TOKEN_FEATURES);
	sys_open(FAKE_BPFFS, O_RDONLY | O_DIRECTORY);
	program.token_fd = (int)tool_bpf(UAPI_BPF_TOKEN_CREATE, &create, sizeof(create));
	load = tool_load_attr(&program);
	load.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	expect_fd(tool_bpf(BPF_PROG_LOAD, &load, BPF_ATTR_END(struct uapi_prog_load, prog_token_fd)));
	const struct fake_call *calls = fake_calls(&cnt);

	assert_int_equal(((const struct uapi_prog_load *)calls[cnt - 1].attr)->prog_token_fd,
			 program.token_fd);
	assert_int_equal(load.expected_attach_type, 0);
	assert_string_equal(fake_stderr(), "");
}

/* A callee of tail calls has to be single: loaded again, with another token. */
static void a_reload_gets_a_token(void **state)
{
	struct fake_features features = TOKEN_FEATURES;

	(void)state;
	features.token_attachs |= 1;
	features.token_maps |= UINT64_C(1) << BPF_MAP_TYPE_PROG_ARRAY;
	tool_start_with_token(&features);
	int prog = expect_fd(tool_load_simple(RETURN_0));
	int map = expect_fd(tool_create_map(BPF_MAP_TYPE_PROG_ARRAY));

	assert_int_equal(fake_attach_type_of(prog), UAPI_BPF_TRACE_UPROBE_MULTI);
	assert_int_equal(tool_put_into_map(map, 0, prog), 0);
	assert_int_equal(fake_count(FAKE_PROG), 2);
	assert_int_equal(fake_count(FAKE_TOKEN), 0);
	expect_safe();
}

/* Also with the tool's own, of the same bpffs, whose fd may be closed or something else by then. */
static void a_reload_does_not_need_the_tools_own(void **state)
{
	const struct uapi_token_create create = { .bpffs_fd = 3 };
	struct fake_features features = TOKEN_FEATURES;
	struct tool_program program = tool_simple(RETURN_0);

	(void)state;
	features.token_attachs |= 1;
	features.token_maps |= UINT64_C(1) << BPF_MAP_TYPE_PROG_ARRAY;
	tool_start_with_token(&features);
	sys_open(FAKE_BPFFS, O_RDONLY | O_DIRECTORY);
	program.token_fd = (int)tool_bpf(UAPI_BPF_TOKEN_CREATE, &create, sizeof(create));
	int prog = expect_fd(tool_load(&program));
	int map = expect_fd(tool_create_map(BPF_MAP_TYPE_PROG_ARRAY));

	tool_close(program.token_fd);
	assert_int_equal(tool_put_into_map(map, 0, prog), 0);
}

/** A tool that used a token without need: its load works without one as well. */
static void a_reload_does_without_a_token_that_is_gone(void **state)
{
	const struct uapi_token_create create = { .bpffs_fd = 3 };
	struct tool_program program = tool_simple(RETURN_0);

	(void)state;
	tool_start(&(struct fake_features)TOKEN_FEATURES);
	sys_open(FAKE_BPFFS, O_RDONLY | O_DIRECTORY);
	program.token_fd = (int)tool_bpf(UAPI_BPF_TOKEN_CREATE, &create, sizeof(create));
	int prog = expect_fd(tool_load(&program));

	tool_close(program.token_fd);
	fake_features = fake_linux_6_18;
	assert_int_equal(tool_set_bpf(expect_fd(tool_open_tracepoint()), prog), 0);
	expect_safe();
}

/* Loaded for uprobes, as nothing is known of it, and attached to a function of the kernel. */
static void a_kprobe_gets_its_own_variant(void **state)
{
	struct fake_features features = TOKEN_FEATURES;

	(void)state;
	features.kprobe_pmu_type = 8;
	features.token_attachs |= TOKEN_BIT(UAPI_BPF_TRACE_KPROBE_MULTI);
	tool_start_with_token(&features);
	config.kprobes = true;
	fake_list_functions(true);
	int prog = expect_fd(tool_load_simple(RETURN_0));

	assert_int_equal(fake_attach_type_of(prog), UAPI_BPF_TRACE_UPROBE_MULTI);
	expect_fd(attach_kprobe(&(struct tool_kprobe){ .function = FAKE_FUNCTION }, prog, 5));
	expect_kprobe(true);
	assert_int_equal(fake_count(FAKE_TOKEN), 0);
}

/* Of a token for uprobes alone: the program may be for those, whatever its section is called. */
static void a_token_for_uprobes_loads_kprobe_sections(void **state)
{
	const struct load_hint kprobe = { .program = "probe",
					  .section = "kprobe/dummy_kprobe",
					  .wish = SECTION_KPROBE_MULTI };
	const struct tool_program program = tool_simple(RETURN_0);
	struct fake_features features = TOKEN_FEATURES;

	(void)state;
	features.kprobe_pmu_type = 8;
	tool_start_with_token(&features);
	config.kprobes = true;
	for (int i = 0; i < 2; i++)
		assert_int_equal(fake_attach_type_of(expect_fd(tool_load_with_hint(&program, &kprobe))),
				 UAPI_BPF_TRACE_UPROBE_MULTI);
	assert_int_equal(times_in(fake_stderr(), "delegate_attachs=...:trace_kprobe_multi\n"), 1);
	assert_int_equal(times_in(fake_stderr(), "\n"), 1);
}

/* Kprobes would stay on perf there. */
static void where_kprobe_links_are_slow_all_is_loaded_for_uprobes(void **state)
{
	const struct load_hint kprobe = { .program = "probe",
					  .section = "kprobe/dummy_kprobe",
					  .wish = SECTION_KPROBE_MULTI };
	const struct tool_program program = tool_simple(RETURN_0);
	struct fake_features features = TOKEN_FEATURES;

	(void)state;
	features.kprobe_pmu_type = 8;
	features.fprobe_on_rethook = true;
	features.token_attachs |= TOKEN_BIT(UAPI_BPF_TRACE_KPROBE_MULTI);
	tool_start_with_token(&features);
	config.kprobes = true;
	int prog = expect_fd(tool_load_with_hint(&program, &kprobe));

	assert_int_equal(fake_attach_type_of(prog), UAPI_BPF_TRACE_UPROBE_MULTI);
	expect_fd(tool_attach_link(0x100, prog, 0));
	expect_probe(true, 0x100);
}

static void a_token_for_kprobes_alone(void **state)
{
	const struct tool_program simple = tool_simple(RETURN_0);
	struct uapi_prog_load probing = tool_load_attr(&simple);
	struct fake_features features = TOKEN_FEATURES;

	(void)state;
	features.kprobe_pmu_type = 8;
	features.token_attachs = TOKEN_BIT(UAPI_BPF_TRACE_KPROBE_MULTI);
	tool_start_with_token(&features);
	config.kprobes = true;
	probing.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	expect_fd(
		tool_bpf(BPF_PROG_LOAD, &probing, BPF_ATTR_END(struct uapi_prog_load, expected_attach_type)));
	int prog = expect_fd(tool_load_simple(RETURN_0));

	assert_int_equal(fake_attach_type_of(prog), UAPI_BPF_TRACE_KPROBE_MULTI);
	expect_fd(tool_link(expect_fd(open_kprobe_of(FAKE_FUNCTION)), prog, 5));
	expect_kprobe(true);
	assert_string_equal(fake_stderr(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_load_is_the_multi_variant),
		cmocka_unit_test(what_may_not_be_attached_is_loaded),
		cmocka_unit_test(a_section_for_perf_stays_single),
		cmocka_unit_test(what_the_owner_chose_stays),
		cmocka_unit_test(what_rules_keep_single_is_single),
		cmocka_unit_test(programs_without_an_attach_type_load),
		cmocka_unit_test(with_the_tools_own_token_too),
		cmocka_unit_test(a_reload_gets_a_token),
		cmocka_unit_test(a_reload_does_not_need_the_tools_own),
		cmocka_unit_test(a_reload_does_without_a_token_that_is_gone),
		cmocka_unit_test(a_kprobe_gets_its_own_variant),
		cmocka_unit_test(a_token_for_uprobes_loads_kprobe_sections),
		cmocka_unit_test(where_kprobe_links_are_slow_all_is_loaded_for_uprobes),
		cmocka_unit_test(a_token_for_kprobes_alone),
	};

	return RUN_ISOLATED("token-variants", tests);
}
