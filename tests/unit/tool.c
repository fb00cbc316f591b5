// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "tool.h"

#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "bpf.h"
#include "engine.h"
#include "fdtable.h"
#include "kernel.h"

static bool with_upshift;

static void clear_environment(void)
{
	static const char *const names[] = { "UPSHIFT",          "UPSHIFT_LOG",           "UPSHIFT_LOG_FILE",
					     "UPSHIFT_REPORT",   "UPSHIFT_ONLY",          "UPSHIFT_SKIP",
					     "UPSHIFT_COMMANDS", "UPSHIFT_VERSIONED",     "UPSHIFT_DETACH",
					     "UPSHIFT_KEEP",     "UPSHIFT_STATS",         "UPSHIFT_KPROBES",
					     "UPSHIFT_TOKEN",    "LIBBPF_BPF_TOKEN_PATH", "UPSHIFT_PID" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		unsetenv(names[i]);
}

void tool_start_without(const struct fake_features *features)
{
	fake_boot(features);
	with_upshift = false;
}

static void start_with_environment(const struct fake_features *features)
{
	tool_start_without(features);
	with_upshift = true;
	assert_true(engine_on());
	fake_forget_calls();
}

void tool_start(const struct fake_features *features)
{
	clear_environment();
	start_with_environment(features);
}

void tool_start_with_token(const struct fake_features *features)
{
	clear_environment();
	setenv("UPSHIFT_TOKEN", FAKE_BPFFS, 1);
	start_with_environment(features);
}

int tool_start_with_program(const struct fake_features *features)
{
	tool_start(features);
	return expect_fd(tool_load_simple(RETURN_0));
}

/* ---- the process's calls ------------------------------------------------------------------------- */

long tool_bpf(long cmd, const void *attr, unsigned int size)
{
	if (with_upshift)
		return engine_bpf(cmd, (long)attr, size, 0, 0, 0);
	return kernel_call(SYS_bpf, cmd, (long)attr, size, 0, 0, 0);
}

long tool_perf_event_open(const void *attr, pid_t pid, int cpu, int group_fd, unsigned long flags)
{
	if (with_upshift)
		return engine_perf_event_open((long)attr, pid, cpu, group_fd, (long)flags);
	return kernel_call(SYS_perf_event_open, (long)attr, pid, cpu, group_fd, (long)flags, 0);
}

long tool_ioctl(int fd, unsigned long request, long arg)
{
	const bool concerns_us = fdtable_has(fd) || request == PERF_EVENT_IOC_SET_BPF ||
				 (request == PERF_EVENT_IOC_SET_OUTPUT && fdtable_has((int)arg));
	long result;

	if (with_upshift && concerns_us && engine_ioctl(fd, request, arg, &result))
		return result;
	return sys_ioctl(fd, request, arg);
}

long tool_close(int fd)
{
	long result;

	hints_forget_left_scope(__builtin_dwarf_cfa());
	if (with_upshift && fdtable_has(fd) && engine_close(fd, &result))
		return result;
	return sys_close(fd);
}

static long copied(int old_fd, long new_fd)
{
	if (with_upshift && new_fd >= 0 && (fdtable_has(old_fd) || fdtable_has((int)new_fd)))
		engine_copied(old_fd, (int)new_fd);
	return new_fd;
}

long tool_close_range(unsigned int first, unsigned int last)
{
	if (with_upshift && fdtable_used())
		engine_before_closed_range(first, last);
	return kernel_call(SYS_close_range, first, last, 0, 0, 0, 0);
}

long tool_fcntl(int fd, int cmd, long arg)
{
	long result;

	if (with_upshift && fdtable_has(fd))
		engine_before_fcntl(fd, cmd, arg);
	result = sys_fcntl(fd, cmd, arg);
	return cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC ? copied(fd, result) : result;
}

long tool_dup(int fd)
{
	return tool_fcntl(fd, F_DUPFD, 0);
}

long tool_dup3(int old_fd, int new_fd, int flags)
{
	if (with_upshift && old_fd != new_fd && fdtable_has(new_fd))
		engine_before_closed(new_fd);
	return copied(old_fd, sys_dup3(old_fd, new_fd, flags));
}

/* ---- programs ------------------------------------------------------------------------------------ */

static const struct bpf_insn returns_0[] = { INSN_MOV64_IMM(BPF_REG_0, 0), INSN_EXIT() };
static const struct bpf_insn returns_1[] = { INSN_MOV64_IMM(BPF_REG_0, 1), INSN_EXIT() };
static const struct bpf_insn overrides[] = { INSN_CALL(BPF_FUNC_override_return),
					     INSN_MOV64_IMM(BPF_REG_0, 0), INSN_EXIT() };
static const struct bpf_insn tail_calls[] = { INSN_CALL(BPF_FUNC_tail_call), INSN_MOV64_IMM(BPF_REG_0, 0),
					      INSN_EXIT() };

#define SIMPLE(code)                                                                         \
	{                                                                                    \
		.name = "probe", .insns = code, .insn_cnt = sizeof(code) / sizeof((code)[0]) \
	}

struct tool_program tool_simple(enum tool_behaviour behaviour)
{
	static const struct tool_program programs[] = {
		[RETURN_0] = SIMPLE(returns_0),
		[RETURN_1] = SIMPLE(returns_1),
		[OVERRIDE_RETURN] = SIMPLE(overrides),
		[TAIL_CALL] = SIMPLE(tail_calls),
	};

	return programs[behaviour];
}

struct uapi_prog_load tool_load_attr(const struct tool_program *program)
{
	struct uapi_prog_load attr = {
		.prog_type = BPF_PROG_TYPE_KPROBE,
		.insn_cnt = program->insn_cnt,
		.insns = ptr_to_u64(program->insns),
		.license = ptr_to_u64("GPL"),
		.expected_attach_type = program->expected_attach_type,
		.fd_array = ptr_to_u64(program->fd_array),
		.prog_btf_fd = (uint32_t)program->btf_fd,
		.prog_flags = program->flags | (program->token_fd ? UAPI_BPF_F_TOKEN_FD : 0),
		.prog_token_fd = program->token_fd,
		.log_level = program->log ? 1 : 0,
		.log_buf = ptr_to_u64(program->log),
		.log_size = program->log_size,
	};

	strncpy(attr.prog_name, program->name ? program->name : "", BPF_OBJ_NAME_LEN - 1);
	return attr;
}

long tool_load(const struct tool_program *program)
{
	const struct uapi_prog_load attr = tool_load_attr(program);

	if (program->token_fd)
		return tool_bpf(BPF_PROG_LOAD, &attr, BPF_ATTR_END(struct uapi_prog_load, prog_token_fd));
	return tool_bpf(BPF_PROG_LOAD, &attr, BPF_ATTR_END(struct uapi_prog_load, core_relo_rec_size));
}

long tool_load_simple(enum tool_behaviour behaviour)
{
	const struct tool_program program = tool_simple(behaviour);

	return tool_load(&program);
}

long tool_load_unseen(enum tool_behaviour behaviour, uint32_t expected_attach_type)
{
	struct tool_program program = tool_simple(behaviour);
	long fd;

	program.expected_attach_type = expected_attach_type;
	with_upshift = false;
	fd = tool_load(&program);
	with_upshift = true;
	return fd;
}

const struct load_hints tool_eligible = {
	.hints = &(const struct load_hint){ .program = "probe", .section = "uprobe", .wish = SECTION_MULTI },
	.cnt = 1,
};

long tool_load_with_hint(const struct tool_program *program, const struct load_hint *hint)
{
	const struct load_hints hints = { .hints = hint, .cnt = 1 };
	const struct load_hints *before = hints_set_load(&hints);
	long fd = tool_load(program);

	hints_set_load(before);
	return fd;
}

long tool_load_hinted(enum tool_behaviour behaviour)
{
	const struct tool_program program = tool_simple(behaviour);

	return tool_load_with_hint(&program, tool_eligible.hints);
}

long tool_load_with_map(int map_fd)
{
	const struct bpf_insn insns[] = {
		INSN(BPF_LD | BPF_IMM | BPF_DW, BPF_REG_1, BPF_PSEUDO_MAP_FD, 0, map_fd),
		INSN(0, 0, 0, 0, 0),
		INSN_MOV64_IMM(BPF_REG_0, 0),
		INSN_EXIT(),
	};
	const struct tool_program program = { .name = "with_map", .insns = insns, .insn_cnt = 4 };

	return tool_load(&program);
}

long tool_pin(int fd, const char *path)
{
	const union bpf_attr attr = { .pathname = ptr_to_u64(path), .bpf_fd = (uint32_t)fd };

	return tool_bpf(BPF_OBJ_PIN, &attr, BPF_ATTR_END(union bpf_attr, file_flags));
}

long tool_get_pinned(const char *path)
{
	const union bpf_attr attr = { .pathname = ptr_to_u64(path) };

	return tool_bpf(BPF_OBJ_GET, &attr, BPF_ATTR_END(union bpf_attr, file_flags));
}

long tool_create_map(uint32_t type)
{
	const union bpf_attr attr = { .map_type = type, .key_size = 4, .value_size = 4, .max_entries = 8 };

	return tool_bpf(BPF_MAP_CREATE, &attr, BPF_ATTR_END(union bpf_attr, map_flags));
}

long tool_put_into_map(int map_fd, uint32_t key, int fd)
{
	const union bpf_attr attr = { .map_fd = (uint32_t)map_fd,
				      .key = ptr_to_u64(&key),
				      .value = ptr_to_u64(&fd) };

	return tool_bpf(BPF_MAP_UPDATE_ELEM, &attr, BPF_ATTR_END(union bpf_attr, flags));
}

/* ---- uprobes ------------------------------------------------------------------------------------- */

static pid_t perf_pid(pid_t pid)
{
	if (pid == TOOL_SELF)
		return 0;
	return pid ? pid : -1;
}

long tool_open_uprobe(const struct tool_uprobe *uprobe)
{
	const pid_t pid = perf_pid(uprobe->pid);
	const struct perf_event_attr attr = {
		.type = (uint32_t)fake_features.uprobe_pmu_type,
		.size = sizeof(attr),
		.config = uprobe->ref_ctr_offset << 32 | uprobe->retprobe,
		.uprobe_path = ptr_to_u64(uprobe->path ? uprobe->path : FAKE_TARGET),
		.probe_offset = uprobe->offset,
	};

	return tool_perf_event_open(&attr, pid, pid == -1 ? 0 : -1, -1,
				    uprobe->keep_on_exec ? 0 : PERF_FLAG_FD_CLOEXEC);
}

long tool_open_at(uint64_t offset)
{
	const struct tool_uprobe uprobe = { .offset = offset };

	return tool_open_uprobe(&uprobe);
}

long tool_open_tracepoint(void)
{
	const struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT,
					      .size = sizeof(attr),
					      .config = 1 };

	return tool_perf_event_open(&attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
}

long tool_link(int event_fd, int prog_fd, uint64_t cookie)
{
	const struct uapi_link_create attr = {
		.prog_fd = (uint32_t)prog_fd,
		.target_fd = (uint32_t)event_fd,
		.attach_type = BPF_PERF_EVENT,
		.perf_event.bpf_cookie = cookie,
	};

	return tool_bpf(BPF_LINK_CREATE, &attr, BPF_ATTR_END(struct uapi_link_create, perf_event));
}

long tool_set_bpf(int event_fd, int prog_fd)
{
	return tool_ioctl(event_fd, PERF_EVENT_IOC_SET_BPF, prog_fd);
}

long tool_attach_link(uint64_t offset, int prog_fd, uint64_t cookie)
{
	return tool_link(expect_fd(tool_open_at(offset)), prog_fd, cookie);
}

long tool_attach_ioctl(uint64_t offset, int prog_fd)
{
	return tool_set_bpf(expect_fd(tool_open_at(offset)), prog_fd);
}

int tool_only_link(const struct tool_uprobe *uprobe, int prog_fd)
{
	const int event = expect_fd(tool_open_uprobe(uprobe));
	const int link = expect_fd(tool_link(event, prog_fd, 0));

	assert_int_equal(tool_close(event), 0);
	return link;
}

/* ---- what must be so at the end ------------------------------------------------------------------ */

void expect_probes(unsigned int multi, unsigned int perf)
{
	struct fake_probe probes[64];
	unsigned int cnt = fake_probes(probes, 64), found = 0;

	for (unsigned int i = 0; i < cnt; i++)
		found += probes[i].multi;
	assert_int_equal(found, multi);
	assert_int_equal(cnt - found, perf);
}

struct fake_probe only_probe(void)
{
	struct fake_probe probe;

	assert_int_equal(fake_probes(&probe, 1), 1);
	return probe;
}

void expect_probe(bool multi, uint64_t offset)
{
	const struct fake_probe probe = only_probe();

	assert_int_equal(probe.multi, multi);
	assert_int_equal(probe.offset, offset);
}

void expect_safe(void)
{
	assert_int_equal(fake_unsafe(0), 0);
}

int expect_fd(long fd)
{
	if (fd < 0)
		fail_msg("expected an fd, got %ld (%s)", fd, strerror((int)-fd));
	return (int)fd;
}

unsigned int times_in(const char *text, const char *part)
{
	unsigned int cnt = 0;

	for (; (text = strstr(text, part)); text++)
		cnt++;
	return cnt;
}
