// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* BPF_PROG_LOAD: as the tool made it, or with the multi type where the libbpf layer announced an eligible
 * section. */
#include "tool.h"

#include <errno.h>

#include "bpf.h"
#include "engine.h"
#include "kernel.h"

/* R10: in a user namespace, where nothing can be loaded, and no perf uprobe opened, without the token. */
static void expect_token_is_enough(bool hinted)
{
	const struct load_hint hint = { .program = "probe", .section = "uprobe", .wish = SECTION_MULTI };
	struct fake_features features = fake_linux_6_18;
	struct tool_program program = tool_simple(RETURN_0);
	int prog;

	features.needed_token = 7;
	features.perf_errno = EACCES;
	tool_start(&features);
	/* Looks for multi links, and may not. */
	assert_int_equal(tool_load_with_hint(&program, &hint), -EPERM);
	program.token_fd = 7;
	prog = expect_fd(hinted ? tool_load_with_hint(&program, &hint) : tool_load(&program));
	expect_fd(tool_attach_link(0x100, prog, 3));
	expect_probe(true, 0x100);
	expect_safe();
}

static void a_token_is_enough_for_an_eligible_section(void **state)
{
	(void)state;
	expect_token_is_enough(true);
}

static void a_token_is_enough_at_the_attach(void **state)
{
	(void)state;
	expect_token_is_enough(false);
}

/* For a uprobe program the kernel refuses a multi link: also if it is one because we loaded it so. */
static void no_multi_link_that_the_tool_makes_itself(void **state)
{
	const uint64_t offset = 0x100;
	struct uapi_link_create attr = {
		.attach_type = UAPI_BPF_TRACE_UPROBE_MULTI,
		.uprobe_multi = { .path = ptr_to_u64(FAKE_TARGET), .offsets = ptr_to_u64(&offset), .cnt = 1 },
	};

	(void)state;
	tool_start(&fake_linux_6_18);
	attr.prog_fd = (uint32_t)expect_fd(tool_load_hinted(RETURN_0));
	assert_int_equal(tool_bpf(BPF_LINK_CREATE, &attr, sizeof(attr)), -EINVAL);
	expect_probes(0, 0);
	expect_fd(tool_attach_link(offset, (int)attr.prog_fd, 0));
	expect_probe(true, 0x100);
	expect_safe();
}

static void a_load_without_a_hint_is_the_tools_own(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	assert_int_equal(fake_attach_type_of(expect_fd(tool_load_simple(RETURN_0))), 0);
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_PROG_LOAD), 1);
}

static void an_eligible_section_is_loaded_as_multi(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_hinted(RETURN_0));

	assert_int_equal(fake_attach_type_of(prog), UAPI_BPF_TRACE_UPROBE_MULTI);
	expect_fd(tool_attach_link(0, prog, 9));
	expect_probe(true, 0);
	assert_int_equal(only_probe().prog_id, fake_id_of(prog));
	assert_int_equal(fake_count(FAKE_PROG), 1);
}

static void short_attributes_are_made_long_enough(void **state)
{
	const struct load_hint hint = { .program = "", .section = "uprobe", .wish = SECTION_MULTI };
	const struct load_hints hints = { .hints = &hint, .cnt = 1 };
	const struct tool_program program = tool_simple(RETURN_0);
	const struct uapi_prog_load attr = tool_load_attr(&program);

	(void)state;
	tool_start(&fake_linux_6_18);
	hints_set_load(&hints);
	int prog =
		expect_fd(tool_bpf(BPF_PROG_LOAD, &attr, BPF_ATTR_END(struct uapi_prog_load, kern_version)));

	hints_set_load(NULL);
	assert_int_equal(fake_attach_type_of(prog), UAPI_BPF_TRACE_UPROBE_MULTI);
}

static void expect_single(enum tool_behaviour behaviour, const struct load_hint *hint)
{
	const struct tool_program program = tool_simple(behaviour);
	int prog = expect_fd(tool_load_with_hint(&program, hint));

	assert_int_equal(fake_attach_type_of(prog), 0);
	expect_safe();
}

static const struct load_hint eligible = { .program = "probe", .section = "uprobe", .wish = SECTION_MULTI };

static void other_sections_are_left(void **state)
{
	const struct load_hint single = { .program = "probe",
					  .section = "uprobe.single",
					  .wish = SECTION_PERF };
	const struct load_hint kprobe = { .program = "probe",
					  .section = "kprobe/x",
					  .wish = SECTION_UNKNOWN };
	const struct load_hint other_name = { .program = "other",
					      .section = "uprobe",
					      .wish = SECTION_MULTI };

	(void)state;
	tool_start(&fake_linux_6_18);
	expect_single(RETURN_0, &single);
	expect_single(RETURN_0, &kprobe);
	expect_single(RETURN_0, &other_name);
}

static void a_name_that_two_programs_have_says_nothing(void **state)
{
	const struct load_hint both[] = {
		{ .program = "a_name_of_15_chr_one", .section = "uprobe", .wish = SECTION_MULTI },
		{ .program = "a_name_of_15_chr_two", .section = "kprobe", .wish = SECTION_UNKNOWN },
	};
	const struct load_hints hints = { .hints = both, .cnt = 2 };
	struct tool_program program = tool_simple(RETURN_0);

	(void)state;
	tool_start(&fake_linux_6_18);
	program.name = "a_name_of_15_ch";
	hints_set_load(&hints);
	assert_int_equal(fake_attach_type_of(expect_fd(tool_load(&program))), 0);
	hints_set_load(NULL);
}

static void a_kernel_that_filters_threads_is_left(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_6);
	expect_single(RETURN_0, &eligible);
}

static void a_kernel_without_multi_links_is_left(void **state)
{
	(void)state;
	tool_start(&fake_linux_6_1);
	expect_single(RETURN_0, &eligible);
}

static void programs_that_rules_keep_on_perf_are_left(void **state)
{
	const struct load_hint with_tail_calls = {
		.program = "probe", .section = "uprobe", .wish = SECTION_MULTI, .has_prog_array = true
	};

	(void)state;
	tool_start(&fake_linux_6_11);
	expect_single(OVERRIDE_RETURN, &eligible);
	expect_single(TAIL_CALL, &eligible);
	expect_single(RETURN_1, &eligible);
	expect_single(RETURN_0, &with_tail_calls);
}

static void what_the_owner_chose_stays(void **state)
{
	struct tool_program program = tool_simple(RETURN_0);

	(void)state;
	tool_start(&fake_linux_6_18);
	program.expected_attach_type = UAPI_BPF_TRACE_KPROBE_MULTI;
	assert_int_equal(fake_attach_type_of(expect_fd(tool_load_with_hint(&program, &eligible))),
			 UAPI_BPF_TRACE_KPROBE_MULTI);
	/* A multi program of the tool's own: the kernel refuses it for a perf link, and so it shall. */
	program.expected_attach_type = UAPI_BPF_TRACE_UPROBE_MULTI;
	int prog = expect_fd(tool_load_with_hint(&program, &eligible));

	assert_int_equal(tool_attach_link(0, prog, 0), -EINVAL);
	expect_probes(0, 0);
}

/* ---- what the kernel refuses --------------------------------------------------------------------- */

static void a_refused_multi_load_is_made_again_as_it_was(void **state)
{
	struct tool_program program = tool_simple(RETURN_0);
	char with[128] = "", without[128] = "";

	(void)state;
	tool_start_without(&fake_linux_6_18);
	program.log = without;
	program.log_size = sizeof(without);
	expect_fd(tool_load(&program));

	tool_start(&fake_linux_6_18);
	fake_features.multi_load_errno = EPERM;
	program.log = with;
	int prog = expect_fd(tool_load_with_hint(&program, &eligible));

	assert_int_equal(fake_attach_type_of(prog), 0);
	assert_string_equal(with, without);
	expect_fd(tool_attach_link(0, prog, 0));
	expect_probes(0, 1);
}

/* By a signal that is waiting, which libbpf knows. */
static void an_interrupted_load_is_the_tools_to_repeat(void **state)
{
	const struct tool_program program = tool_simple(RETURN_0);

	(void)state;
	tool_start(&fake_linux_6_18);
	expect_fd(tool_load_with_hint(&program, &eligible)); /* features are known now */
	fake_features.multi_load_errno = EAGAIN;
	assert_int_equal(tool_load_with_hint(&program, &eligible), -EAGAIN);
	fake_features.multi_load_errno = 0;
	assert_int_equal(fake_attach_type_of(expect_fd(tool_load_with_hint(&program, &eligible))),
			 UAPI_BPF_TRACE_UPROBE_MULTI);
}

static void a_load_that_fails_fails_as_it_was_made(void **state)
{
	const struct bpf_insn unknown_map[] = {
		INSN(BPF_LD | BPF_IMM | BPF_DW, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, 999),
		INSN(0, 0, 0, 0, 0),
		INSN_MOV64_IMM(BPF_REG_0, 0),
		INSN_EXIT(),
	};
	char log[128] = "";
	const struct tool_program program = {
		.name = "probe", .insns = unknown_map, .insn_cnt = 4, .log = log, .log_size = sizeof(log)
	};
	const struct fake_call *calls;
	unsigned int cnt;

	(void)state;
	tool_start(&fake_linux_6_18);
	assert_int_equal(tool_load_with_hint(&program, &eligible), -EBADF);
	assert_string_equal(log, "attach type 0: -9");
	calls = fake_calls(&cnt);
	assert_int_equal(calls[cnt - 1].nr, SYS_bpf);
	assert_int_equal(((const struct uapi_prog_load *)calls[cnt - 1].attr)->expected_attach_type, 0);
}

static void attributes_past_what_is_known_are_left(void **state)
{
	const struct tool_program simple = tool_simple(RETURN_0);
	struct {
		struct uapi_prog_load load;
		unsigned char more[8];
	} attr = { .load = tool_load_attr(&simple) };
	const struct load_hints hints = { .hints = &eligible, .cnt = 1 };

	(void)state;
	tool_start(&fake_linux_6_18);
	hints_set_load(&hints);
	assert_int_equal(fake_attach_type_of(expect_fd(tool_bpf(BPF_PROG_LOAD, &attr, sizeof(attr)))),
			 UAPI_BPF_TRACE_UPROBE_MULTI);
	attr.more[sizeof(attr.more) - 1] = 1;
	assert_int_equal(fake_attach_type_of(expect_fd(tool_bpf(BPF_PROG_LOAD, &attr, sizeof(attr)))), 0);
	hints_set_load(NULL);
}

/* ---- programs that are described after the load -------------------------------------------------- */

static void a_described_program_follows_its_section(void **state)
{
	const struct load_hint single = { .program = "probe",
					  .section = "uprobe.single",
					  .wish = SECTION_PERF };

	(void)state;
	tool_start(&fake_linux_6_18);
	int prog = expect_fd(tool_load_simple(RETURN_0));

	engine_describe(prog, &single);
	expect_fd(tool_attach_link(0, prog, 0));
	expect_probes(0, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_is_enough_for_an_eligible_section),
		cmocka_unit_test(a_token_is_enough_at_the_attach),
		cmocka_unit_test(no_multi_link_that_the_tool_makes_itself),
		cmocka_unit_test(a_load_without_a_hint_is_the_tools_own),
		cmocka_unit_test(an_eligible_section_is_loaded_as_multi),
		cmocka_unit_test(short_attributes_are_made_long_enough),
		cmocka_unit_test(other_sections_are_left),
		cmocka_unit_test(a_name_that_two_programs_have_says_nothing),
		cmocka_unit_test(a_kernel_that_filters_threads_is_left),
		cmocka_unit_test(a_kernel_without_multi_links_is_left),
		cmocka_unit_test(programs_that_rules_keep_on_perf_are_left),
		cmocka_unit_test(what_the_owner_chose_stays),
		cmocka_unit_test(a_refused_multi_load_is_made_again_as_it_was),
		cmocka_unit_test(an_interrupted_load_is_the_tools_to_repeat),
		cmocka_unit_test(a_load_that_fails_fails_as_it_was_made),
		cmocka_unit_test(attributes_past_what_is_known_are_left),
		cmocka_unit_test(a_described_program_follows_its_section),
	};

	return RUN_ISOLATED("load", tests);
}
