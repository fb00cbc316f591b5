// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* UPSHIFT_TOKEN: BPF tokens for a tool that knows none. */
#include "tool.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bpf.h"
#include "process.h"
#include "token.h"
#include "token_tool.h"

/* ---- what gets one ------------------------------------------------------------------------------- */

static void programs_maps_and_btf_get_one(void **state)
{
	const struct uapi_btf_load btf = { .btf_size = 1 };

	(void)state;
	tool_start_with_token(&(struct fake_features)TOKEN_FEATURES);
	/* The numbers are those that they would have without upshift, and nothing else stays open. */
	assert_int_equal(tool_create_map(BPF_MAP_TYPE_HASH), 3);
	assert_int_equal(tool_bpf(BPF_BTF_LOAD, &btf, BPF_ATTR_END(struct uapi_btf_load, btf_log_level)), 4);
	assert_int_equal(tool_load_simple(RETURN_0), 5);
	assert_int_equal(fake_open_fds(), 6);
	assert_int_equal(fake_count(FAKE_TOKEN), 0);
	assert_string_equal(fake_stderr(), "");
}

static void nobody_gets_one_unasked(void **state)
{
	(void)state;
	tool_start(&(struct fake_features)TOKEN_FEATURES);
	assert_int_equal(tool_create_map(BPF_MAP_TYPE_HASH), -EPERM);
	assert_int_equal(tool_load_simple(RETURN_0), -EPERM);
	assert_int_equal(fake_calls_of(SYS_bpf, UAPI_BPF_TOKEN_CREATE), 0);
	assert_string_equal(fake_stderr(), "");
}

/* A token that the tool has made itself: its calls are the kernel's to judge as they are. */
static void the_tools_own_is_left_alone(void **state)
{
	const struct uapi_token_create create = { .bpffs_fd = 3 };
	struct tool_program program = tool_simple(RETURN_0);
	unsigned int cnt;

	(void)state;
	tool_start_with_token(&(struct fake_features)TOKEN_FEATURES);
	assert_int_equal(sys_open(FAKE_BPFFS, O_RDONLY | O_DIRECTORY), 3);
	program.token_fd = (int)tool_bpf(UAPI_BPF_TOKEN_CREATE, &create, sizeof(create));
	expect_fd(tool_load(&program));
	fake_forget_calls(); /* the kernel's features are known */
	expect_fd(tool_load(&program));
	const struct fake_call *calls = fake_calls(&cnt);

	for (unsigned int i = 0; i < cnt; i++)
		if (is_load_of(&calls[i], "probe"))
			assert_int_equal(((const struct uapi_prog_load *)calls[i].attr)->prog_token_fd,
					 program.token_fd);
	assert_int_equal(fake_calls_of(SYS_bpf, UAPI_BPF_TOKEN_CREATE), 0);
	assert_int_equal(fake_kind_of(program.token_fd), FAKE_TOKEN);
}

/* A later kernel's attributes may mean what we cannot know. */
static void attributes_past_what_is_known_are_left(void **state)
{
	struct {
		struct uapi_map_create map;
		unsigned char more[8];
	} attr = { .map = { .map_type = BPF_MAP_TYPE_HASH } };

	(void)state;
	tool_start_with_token(&(struct fake_features)TOKEN_FEATURES);
	expect_fd(tool_bpf(BPF_MAP_CREATE, &attr, sizeof(attr)));
	fake_forget_calls();
	attr.more[sizeof(attr.more) - 1] = 1;
	assert_int_equal(tool_bpf(BPF_MAP_CREATE, &attr, sizeof(attr)), -EPERM);
	assert_int_equal(fake_calls_of(SYS_bpf, -1), 1);
	assert_int_equal(fake_calls_of(SYS_bpf, BPF_MAP_CREATE), 1);
}

static void what_the_kernel_writes_back_arrives(void **state)
{
	struct tool_program simple = tool_simple(RETURN_0);
	char log[128] = "";

	(void)state;
	tool_start_with_token(&(struct fake_features)TOKEN_FEATURES);
	simple.log = log;
	simple.log_size = sizeof(log);
	struct uapi_prog_load load = tool_load_attr(&simple);
	struct uapi_btf_load btf = { .btf_log_level = 1 };

	expect_fd(tool_bpf(BPF_PROG_LOAD, &load, BPF_ATTR_END(struct uapi_prog_load, log_true_size)));
	assert_string_equal(log, "attach type 48: 0");
	assert_int_equal(load.log_true_size, strlen(log) + 1);
	assert_int_equal(load.prog_flags | (uint32_t)load.prog_token_fd | load.expected_attach_type, 0);
	expect_fd(tool_bpf(BPF_BTF_LOAD, &btf, BPF_ATTR_END(struct uapi_btf_load, btf_log_true_size)));
	assert_int_equal(btf.btf_log_true_size, 7);
	assert_int_equal(btf.btf_flags | (uint32_t)btf.btf_token_fd, 0);

	/* And nothing is written past attributes without room for it. */
	load.log_true_size = btf.btf_log_true_size = 99;
	expect_fd(tool_bpf(BPF_PROG_LOAD, &load, BPF_ATTR_END(struct uapi_prog_load, core_relo_rec_size)));
	expect_fd(tool_bpf(BPF_BTF_LOAD, &btf, BPF_ATTR_END(struct uapi_btf_load, btf_log_level)));
	assert_int_equal(load.log_true_size, 99);
	assert_int_equal(btf.btf_log_true_size, 99);
}

static void without_an_fd_to_spare(void **state)
{
	const struct tool_program program = tool_simple(RETURN_0);

	(void)state;
	tool_start_with_token(&(struct fake_features)TOKEN_FEATURES);
	expect_fd(tool_load(&program)); /* features are known now */
	fake_spare_fds(1);
	const int limit = fake_fd_limit();

	assert_in_range(expect_fd(tool_create_map(BPF_MAP_TYPE_HASH)), 3, limit - 1);
	assert_int_equal(tool_create_map(BPF_MAP_TYPE_HASH), -EMFILE);
	assert_int_equal(fake_fd_limit(), limit);
	assert_int_equal(fake_count(FAKE_TOKEN), 0);
}

/* ---- children ------------------------------------------------------------------------------------ */

static bool no_token_in_child(void)
{
	pid_t child = fork();
	int status;

	if (!child)
		_exit(fake_fds_of(FAKE_TOKEN));
	assert_int_equal(waitpid(child, &status, 0), child);
	return status == 0;
}

/* As if another thread were in the middle of a load. */
static void a_fork_child_holds_none(void **state)
{
	long first, second;
	sigset_t signals;

	(void)state;
	tool_start_with_token(&(struct fake_features)TOKEN_FEATURES);
	engine_lock(&signals);
	first = token_open();
	second = token_open();
	assert_true(first >= 0 && second >= 0);
	assert_true(no_token_in_child());
	token_close(first);
	assert_true(no_token_in_child());
	assert_int_equal(fake_kind_of((int)second), FAKE_TOKEN);
	token_close(second);
	engine_unlock(&signals);
	assert_int_equal(fake_open_fds(), 3);
}

static void an_exec_child_holds_none(void **state)
{
	long token_fd;
	sigset_t signals;

	(void)state;
	tool_start_with_token(&(struct fake_features)TOKEN_FEATURES);
	engine_lock(&signals);
	token_fd = token_open();
	assert_true(fake_fd_is_cloexec((int)token_fd));
	token_close(token_fd);
	engine_unlock(&signals);
}

/** The kernel has not looked at them yet. */
static void instructions_that_are_not_there(void **state)
{
	struct tool_program program = tool_simple(RETURN_0);

	(void)state;
	tool_start_with_token(&(struct fake_features)TOKEN_FEATURES);
	expect_fd(tool_load(&program));
	program.insns = (const struct bpf_insn *)8;
	fake_fail_bpf(BPF_PROG_LOAD, 1, EFAULT);
	assert_int_equal(tool_load(&program), -EFAULT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_maps_and_btf_get_one),
		cmocka_unit_test(nobody_gets_one_unasked),
		cmocka_unit_test(the_tools_own_is_left_alone),
		cmocka_unit_test(attributes_past_what_is_known_are_left),
		cmocka_unit_test(what_the_kernel_writes_back_arrives),
		cmocka_unit_test(without_an_fd_to_spare),
		cmocka_unit_test(a_fork_child_holds_none),
		cmocka_unit_test(an_exec_child_holds_none),
		cmocka_unit_test(instructions_that_are_not_there),
	};

	return RUN_ISOLATED("token", tests);
}
