// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* UPSHIFT_TOKEN: what cannot be had, what the tool is told of it by the kernel, and its user by upshift. */
#include "tool.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/syscall.h>

#include "bpf.h"
#include "config.h"
#include "kernel.h"
#include "token_tool.h"

static void expect_line(const char *part)
{
	if (times_in(fake_stderr(), part) != 1)
		fail_msg("not once \"%s\" in: %s", part, fake_stderr());
}

static unsigned int lines(void)
{
	return times_in(fake_stderr(), "\n");
}

/* ---- no token ------------------------------------------------------------------------------------ */

static void expect_no_token(int token_errno, const char *words)
{
	struct fake_features features = TOKEN_FEATURES;

	features.token_errno = token_errno;
	tool_start_with_token(&features);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(tool_create_map(BPF_MAP_TYPE_HASH), -EPERM);
		assert_int_equal(tool_load_simple(RETURN_0), -EPERM);
	}
	expect_line(words);
	assert_int_equal(lines(), 1);
	assert_int_equal(fake_open_fds(), 3);
}

static void why_there_is_none(void **state)
{
	(void)state;
	expect_no_token(ENOENT, "no BPF token of /run/bpf (ENOENT): nothing is delegated there");
}

static void why_the_process_may_not(void **state)
{
	(void)state;
	expect_no_token(EPERM, "(EPERM): it takes CAP_BPF in the user namespace");
}

static void why_the_kernel_knows_none(void **state)
{
	(void)state;
	expect_no_token(EINVAL, "(EINVAL): it is not where a BPF file system is mounted, or");
}

static void why_not_outside_a_namespace(void **state)
{
	(void)state;
	tool_start_with_token(&fake_linux_6_18);
	for (int i = 0; i < 2; i++) {
		expect_fd(tool_create_map(BPF_MAP_TYPE_HASH));
		assert_int_equal(fake_attach_type_of(expect_fd(tool_load_simple(RETURN_0))), 0);
	}
	expect_line("(EOPNOTSUPP): there are no BPF tokens in the initial user namespace");
	assert_int_equal(lines(), 1);
}

static void why_there_is_no_file_system(void **state)
{
	(void)state;
	tool_start_with_token(&(struct fake_features)TOKEN_FEATURES);
	fake_remove_file(FAKE_BPFFS);
	assert_int_equal(tool_create_map(BPF_MAP_TYPE_HASH), -EPERM);
	expect_line("no BPF token of /run/bpf (ENOENT): it cannot be opened");
}

/* A tool that loads something, and enters its namespace only then. */
static void one_that_comes_late_is_used(void **state)
{
	struct fake_features inside = TOKEN_FEATURES;

	(void)state;
	tool_start_with_token(&fake_linux_6_18);
	expect_fd(tool_load_simple(RETURN_0));
	fake_features = inside;
	int prog = expect_fd(tool_load_simple(RETURN_0));

	assert_int_equal(fake_attach_type_of(prog), UAPI_BPF_TRACE_UPROBE_MULTI);
	expect_fd(tool_attach_link(0x100, prog, 0));
	expect_probe(true, 0x100);
}

/** What a token does not allow is not tried for each program again. */
static void one_that_does_not_do_is_tried_once(void **state)
{
	struct fake_features features = TOKEN_FEATURES;
	const struct fake_call *calls;
	unsigned int cnt, loads = 0;

	(void)state;
	features.token_attachs = 1;
	tool_start_with_token(&features);
	expect_fd(tool_load_simple(RETURN_0));
	fake_forget_calls();
	expect_fd(tool_load_simple(RETURN_0));
	calls = fake_calls(&cnt);
	for (unsigned int i = 0; i < cnt; i++)
		loads += calls[i].nr == SYS_bpf && calls[i].args[0] == BPF_PROG_LOAD;
	assert_int_equal(loads, 1);
}

/* ---- what it does not allow ---------------------------------------------------------------------- */

/** The kernel's last word is about the call as the tool made it. */
static void expect_refused_as_made(long result)
{
	unsigned int cnt;
	const struct fake_call *calls = fake_calls(&cnt), *last = &calls[cnt - 1];

	assert_int_equal(result, -EPERM);
	assert_int_equal(last->nr, SYS_bpf);
	if (last->args[0] == BPF_PROG_LOAD)
		assert_int_equal(((const struct uapi_prog_load *)last->attr)->prog_flags, 0);
	else
		assert_int_equal(((const struct uapi_map_create *)last->attr)->map_flags, 0);
	assert_int_equal(fake_count(FAKE_TOKEN), 0);
}

static void a_map_type(void **state)
{
	(void)state;
	tool_start_with_token(&(struct fake_features)TOKEN_FEATURES);
	for (int i = 0; i < 3; i++)
		expect_refused_as_made(tool_create_map(BPF_MAP_TYPE_RINGBUF));
	expect_line("the BPF token of /run/bpf allows no maps of type ringbuf: "
		    "mount its BPF file system with delegate_maps=...:ringbuf\n");
	expect_refused_as_made(tool_create_map(BPF_MAP_TYPE_ARRAY));
	expect_line("delegate_maps=...:array\n");
	assert_int_equal(lines(), 2);
}

static void a_map_type_without_a_name(void **state)
{
	(void)state;
	tool_start_with_token(&(struct fake_features)TOKEN_FEATURES);
	expect_refused_as_made(tool_create_map(60));
	expect_line("no maps of type 0x1000000000000000: ");
	/* Of none that the mount option could take. */
	expect_refused_as_made(tool_create_map(64));
	assert_int_equal(lines(), 1);
}

static void commands(void **state)
{
	struct fake_features features = TOKEN_FEATURES;
	const struct uapi_btf_load btf = { .btf_size = 1 };

	(void)state;
	features.token_cmds = 0;
	tool_start_with_token(&features);
	assert_int_equal(tool_bpf(BPF_BTF_LOAD, &btf, sizeof(btf)), -EPERM);
	expect_line("allows no command btf_load: mount its BPF file system with delegate_cmds=btf_load\n");
	expect_refused_as_made(tool_create_map(BPF_MAP_TYPE_HASH));
	expect_line("delegate_cmds=map_create\n");
	expect_refused_as_made(tool_load_simple(RETURN_0));
	expect_line("delegate_cmds=prog_load\n");
	assert_int_equal(lines(), 3);
}

static void a_program_type(void **state)
{
	const struct tool_program simple = tool_simple(RETURN_0);
	struct uapi_prog_load load = tool_load_attr(&simple);

	(void)state;
	tool_start_with_token(&(struct fake_features)TOKEN_FEATURES);
	load.prog_type = BPF_PROG_TYPE_XDP;
	load.expected_attach_type = BPF_XDP;
	expect_refused_as_made(tool_bpf(BPF_PROG_LOAD, &load, sizeof(load)));
	expect_line(
		"allows no programs of type xdp: mount its BPF file system with delegate_progs=...:xdp\n");
	expect_line("delegate_attachs=...:xdp\n");
	assert_int_equal(lines(), 2);
}

/* Nothing but the type of multi links is missing, which says nothing else than that. */
static void the_multi_type(void **state)
{
	struct fake_features features = TOKEN_FEATURES;

	(void)state;
	features.token_attachs = 1;
	tool_start_with_token(&features);
	int prog = expect_fd(tool_load_simple(RETURN_0));

	expect_line("allows no programs of expected attach type trace_uprobe_multi: "
		    "mount its BPF file system with delegate_attachs=...:trace_uprobe_multi\n");
	assert_int_equal(fake_attach_type_of(prog), 0);
	assert_int_equal(tool_open_at(0x100), -EACCES);
	expect_line("a probe on a perf event is refused (perf_event_open, EACCES): no BPF token covers perf "
		    "events\n");
	assert_int_equal(lines(), 2);
}

static void neither_type(void **state)
{
	struct fake_features features = TOKEN_FEATURES;

	(void)state;
	features.token_attachs = 0;
	tool_start_with_token(&features);
	expect_refused_as_made(tool_load_simple(RETURN_0));
	expect_line("delegate_attachs=trace_uprobe_multi\n");
	assert_int_equal(lines(), 1);
}

static void the_tools_own_token(void **state)
{
	const struct uapi_token_create create = { .bpffs_fd = 3 };
	struct uapi_map_create map = { .map_type = BPF_MAP_TYPE_ARRAY, .map_flags = UAPI_BPF_F_TOKEN_FD };

	(void)state;
	tool_start(&(struct fake_features)TOKEN_FEATURES);
	sys_open(FAKE_BPFFS, O_RDONLY | O_DIRECTORY);
	map.map_token_fd = (int)tool_bpf(UAPI_BPF_TOKEN_CREATE, &create, sizeof(create));
	assert_int_equal(tool_bpf(BPF_MAP_CREATE, &map, sizeof(map)), -EPERM);
	expect_line("the BPF token allows no maps of type array: ");
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_MAP_CREATE), 1);
}

static void without_procfs_nobody_knows(void **state)
{
	(void)state;
	tool_start_with_token(&(struct fake_features)TOKEN_FEATURES);
	fake_fail(SYS_openat, 2, ENOENT); /* after that of the BPF file system */
	expect_refused_as_made(tool_create_map(BPF_MAP_TYPE_RINGBUF));
	assert_string_equal(fake_stderr(), "");
}

/* What the kernel has against the program itself: not that the single variant was the second choice. */
static void a_program_that_is_wrong(void **state)
{
	struct tool_program program = tool_simple(RETURN_0);
	char log[128] = "";

	(void)state;
	tool_start_with_token(&(struct fake_features)TOKEN_FEATURES);
	expect_fd(tool_load(&program)); /* features are known now */
	fake_features.multi_load_errno = EACCES;
	program.log = log;
	program.log_size = sizeof(log);
	assert_int_equal(tool_load(&program), -EACCES);
	assert_string_equal(log, "attach type 48: -13");
	assert_string_equal(fake_stderr(), "");
}

/* ---- perf events --------------------------------------------------------------------------------- */

static long open_event(uint32_t type, uint64_t config_word)
{
	const struct perf_event_attr attr = { .type = type, .size = sizeof(attr), .config = config_word };

	return tool_perf_event_open(&attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
}

static void a_perf_buffer(void **state)
{
	(void)state;
	tool_start_with_token(&(struct fake_features)TOKEN_FEATURES);
	fake_fail(SYS_perf_event_open, 1, EACCES);
	assert_int_equal(open_event(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_BPF_OUTPUT), -EACCES);
	assert_string_equal(fake_stderr(), ""); /* nobody has used a token yet */
	expect_fd(tool_create_map(BPF_MAP_TYPE_HASH));
	for (int i = 0; i < 2; i++) {
		fake_fail(SYS_perf_event_open, 1, EACCES);
		assert_int_equal(open_event(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_BPF_OUTPUT), -EACCES);
	}
	expect_line("a perf buffer is refused (perf_event_open, EACCES): no BPF token covers perf events\n");
	fake_fail(SYS_perf_event_open, 1, EPERM);
	assert_int_equal(open_event(PERF_TYPE_HARDWARE, 0), -EPERM);
	expect_line("a perf event is refused (perf_event_open, EPERM): no BPF token covers perf events\n");
	assert_int_equal(lines(), 2);
}

/* ---- when calls fail ----------------------------------------------------------------------------- */

/* Whichever it is: nothing stays open, and the tool gets a result of its own call. */
static void whatever_fails_leaves_nothing(void **state)
{
	(void)state;
	for (unsigned int nth = 1;; nth++) {
		tool_start_with_token(&(struct fake_features)TOKEN_FEATURES);
		fake_fail(-1, nth, ENOMEM);
		const long map = tool_create_map(BPF_MAP_TYPE_HASH), prog = tool_load_simple(RETURN_0);
		const bool failed = fake_has_failed();

		if (map < 0 && map != -EPERM && map != -ENOMEM)
			fail_msg("map %ld after %s", map, fake_failed_call());
		if (prog < 0 && prog != -EPERM && prog != -ENOMEM)
			fail_msg("program %ld after %s", prog, fake_failed_call());
		assert_int_equal(fake_open_fds(), 3 + (map >= 0) + (prog >= 0));
		assert_int_equal(fake_count(FAKE_TOKEN), 0);
		if (!failed)
			return;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(why_there_is_none),
		cmocka_unit_test(why_the_process_may_not),
		cmocka_unit_test(why_the_kernel_knows_none),
		cmocka_unit_test(why_not_outside_a_namespace),
		cmocka_unit_test(why_there_is_no_file_system),
		cmocka_unit_test(one_that_comes_late_is_used),
		cmocka_unit_test(one_that_does_not_do_is_tried_once),
		cmocka_unit_test(a_map_type),
		cmocka_unit_test(a_map_type_without_a_name),
		cmocka_unit_test(commands),
		cmocka_unit_test(a_program_type),
		cmocka_unit_test(the_multi_type),
		cmocka_unit_test(neither_type),
		cmocka_unit_test(the_tools_own_token),
		cmocka_unit_test(without_procfs_nobody_knows),
		cmocka_unit_test(a_program_that_is_wrong),
		cmocka_unit_test(a_perf_buffer),
		cmocka_unit_test(whatever_fails_leaves_nothing),
	};

	return RUN_ISOLATED("token-refused", tests);
}
