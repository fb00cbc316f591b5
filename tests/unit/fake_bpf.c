// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Programs, maps and BTF. */
#include "fake_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf.h"
#include "kernel.h"

/* ---- what programs do ---------------------------------------------------------------------------- */

/* Read more simply than upshift does, so that one mistake does not hide the other. */

static bool calls_helper(const struct fake_object *prog, int helper)
{
	for (uint32_t i = 0; i < prog->insn_cnt; i++) {
		if (prog->insns[i].code == (BPF_LD | BPF_IMM | BPF_DW))
			i++;
		else if (prog->insns[i].code == (BPF_JMP | BPF_CALL) && !prog->insns[i].src_reg &&
			 prog->insns[i].imm == helper)
			return true;
	}
	return false;
}

bool program_overrides_return(const struct fake_object *prog)
{
	return calls_helper(prog, BPF_FUNC_override_return);
}

/** Is there a "r0 = 0" right before each exit? */
bool program_returns_zero(const struct fake_object *prog)
{
	for (uint32_t i = 0; i < prog->insn_cnt; i++) {
		const struct bpf_insn *before = &prog->insns[i ? i - 1 : 0];

		if (prog->insns[i].code == (BPF_JMP | BPF_EXIT) &&
		    !(before->code == (BPF_ALU64 | BPF_MOV | BPF_K) && before->dst_reg == 0 &&
		      before->imm == 0))
			return false;
	}
	return true;
}

/* ---- loading ------------------------------------------------------------------------------------- */

static long use(struct fake_object *prog, int fd, enum fake_kind kind)
{
	struct fake_object *object = object_any(fd);

	if (!object)
		return -EBADF;
	if (object->kind != kind || prog->use_cnt == MAX_USES)
		return -EINVAL;
	prog->uses[prog->use_cnt++] = object_get(object);
	return 0;
}

/** A counted fd array binds what is in it, of either kind, whether an instruction names it or not. */
static long use_of_array(struct fake_object *prog, int fd)
{
	return use(prog, fd, object_at(fd, FAKE_BTF) ? FAKE_BTF : FAKE_MAP);
}

static long use_of_insn(struct fake_object *prog, const struct bpf_insn *insn, const int *fd_array)
{
	if (insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == 2 /* a kfunc */ && insn->off)
		return fd_array ? use(prog, fd_array[insn->off], FAKE_BTF) : -EINVAL;
	if (insn->code != (BPF_LD | BPF_IMM | BPF_DW))
		return 0;
	switch (insn->src_reg) {
	case BPF_PSEUDO_MAP_FD:
	case BPF_PSEUDO_MAP_VALUE:
		return use(prog, insn->imm, FAKE_MAP);
	case BPF_PSEUDO_MAP_IDX:
	case BPF_PSEUDO_MAP_IDX_VALUE:
		return fd_array ? use(prog, fd_array[insn->imm], FAKE_MAP) : -EINVAL;
	default:
		return 0;
	}
}

/**
 * A PROG_ARRAY and a program of its, as caller or as callee. Programs of two types in it are no harm as long
 * as nothing calls them, as in the probe for whether the kernel checks.
 */
static long join_prog_array(struct fake_object *map, const struct fake_object *prog, bool as_caller)
{
	const bool fits = !map->owned || map->owner_attach_type == prog->attach_type;

	if (!fits && fake_features.prog_array_checked)
		return -EINVAL;
	map->mixed |= !fits;
	map->called |= as_caller;
	if (map->mixed && map->called)
		unsafe(3, "tail calls between programs of two expected attach types");
	map->owned = true;
	map->owner_attach_type = prog->attach_type;
	return 0;
}

static long resolve(struct fake_object *prog, const struct uapi_prog_load *load)
{
	long err = 0;

	if (!fake_features.cookie && calls_helper(prog, BPF_FUNC_get_attach_cookie))
		return -EINVAL;
	for (uint32_t i = 0; i < prog->insn_cnt && !err; i++) {
		err = use_of_insn(prog, &prog->insns[i], u64_to_ptr(load->fd_array));
		if (prog->insns[i].code == (BPF_LD | BPF_IMM | BPF_DW))
			i++;
	}
	for (uint32_t i = 0; i < load->fd_array_cnt && !err; i++)
		err = use_of_array(prog, ((const int *)u64_to_ptr(load->fd_array))[i]);
	for (unsigned int i = 0; i < prog->use_cnt && !err; i++)
		if (prog->uses[i]->type == BPF_MAP_TYPE_PROG_ARRAY && calls_helper(prog, BPF_FUNC_tail_call))
			err = join_prog_array(prog->uses[i], prog, true);
	if (load->prog_btf_fd && !err)
		err = use(prog, (int)load->prog_btf_fd, FAKE_BTF);
	return err;
}

static void write_log(struct uapi_prog_load *load, long err)
{
	if (load->log_level && load->log_buf && load->log_size)
		load->log_true_size =
			(uint32_t)snprintf(u64_to_ptr(load->log_buf), load->log_size, "attach type %u: %ld",
					   load->expected_attach_type, err) +
			1;
}

static long prog_load(struct uapi_prog_load *load)
{
	static uint64_t load_time = 1000000;
	struct fake_object *prog;
	long err;

	if (load->fd_array_cnt && !fake_features.fd_array_cnt)
		return -EINVAL;
	err = token_may_load(load);
	if (err)
		return err;
	if (!load->insns || !load->license || (load->fd_array_cnt && !load->fd_array))
		return -EFAULT;
	if (!load->insn_cnt || !load->prog_type || load->prog_type > BPF_PROG_TYPE_TRACEPOINT)
		return -EINVAL;
	prog = object_new(FAKE_PROG);
	prog->type = load->prog_type;
	prog->attach_type = load->expected_attach_type;
	prog->load_time = ++load_time;
	prog->insn_cnt = load->insn_cnt;
	prog->insns = malloc(load->insn_cnt * sizeof(struct bpf_insn));
	memcpy(prog->insns, u64_to_ptr(load->insns), load->insn_cnt * sizeof(struct bpf_insn));
	err = resolve(prog, load);
	if (!err && prog->attach_type == UAPI_BPF_TRACE_UPROBE_MULTI)
		err = -fake_features.multi_load_errno;
	write_log(load, err);
	if (!err)
		return fd_install(prog, 0, true);
	object_put(prog);
	return err;
}

/* ---- maps ---------------------------------------------------------------------------------------- */

static long map_create(const struct uapi_map_create *attr)
{
	const long err = token_may_create(attr);
	struct fake_object *map;

	if (err)
		return err;
	map = object_new(FAKE_MAP);
	map->type = attr->map_type;
	return fd_install(map, 0, true);
}

static long map_update(const union bpf_attr *attr)
{
	struct fake_object *map = object_at((int)attr->map_fd, FAKE_MAP), *prog;
	uint32_t index;
	int prog_fd;
	long err;

	if (!map)
		return -EBADF;
	if (map->type != BPF_MAP_TYPE_PROG_ARRAY)
		return 0;
	memcpy(&index, u64_to_ptr(attr->key), sizeof(index));
	memcpy(&prog_fd, u64_to_ptr(attr->value), sizeof(prog_fd));
	prog = object_at(prog_fd, FAKE_PROG);
	if (index >= MAX_SLOTS)
		return -E2BIG;
	if (!prog)
		return -EBADF;
	err = join_prog_array(map, prog, false);
	if (err)
		return err;
	object_put(map->slots[index]);
	map->slots[index] = object_get(prog);
	return 0;
}

/* ---- pins ---------------------------------------------------------------------------------------- */

static struct {
	char path[64];
	struct fake_object *object;
} pins[4];
static unsigned int pin_cnt;

void fake_pin(int fd, const char *path)
{
	if (pin_cnt == sizeof(pins) / sizeof(pins[0]))
		abort();
	strncpy(pins[pin_cnt].path, path, sizeof(pins[0].path) - 1);
	pins[pin_cnt++].object = object_get(object_any(fd));
}

static long obj_pin(const union uapi_bpf_attr *known)
{
	const union bpf_attr *attr = &known->base;

	if (attr->file_flags & UAPI_BPF_F_PATH_FD)
		return bpffs_pin((const struct uapi_obj *)known);
	if (!object_any((int)attr->bpf_fd))
		return -EBADF;
	fake_pin((int)attr->bpf_fd, u64_to_ptr(attr->pathname));
	return 0;
}

static long obj_get(const union bpf_attr *attr)
{
	for (unsigned int i = 0; attr->pathname && i < pin_cnt; i++)
		if (strcmp(pins[i].path, u64_to_ptr(attr->pathname)) == 0)
			return fd_install(object_get(pins[i].object), 0, true);
	return -ENOENT;
}

/* ---- asking about objects ------------------------------------------------------------------------ */

static long obj_get_info(const union bpf_attr *attr)
{
	const struct fake_object *object = object_any((int)attr->info.bpf_fd);
	union {
		struct bpf_prog_info prog;
		struct bpf_map_info map;
		struct bpf_btf_info btf;
		struct bpf_link_info link;
	} info = { 0 };

	if (!object)
		return -EBADF;
	switch (object->kind) {
	case FAKE_PROG:
		info.prog.type = object->type;
		info.prog.id = object->id;
		info.prog.load_time = object->load_time;
		break;
	case FAKE_MAP:
		info.map.type = object->type;
		info.map.id = object->id;
		break;
	case FAKE_BTF:
		info.btf.id = object->id;
		break;
	case FAKE_LINK:
		info.link.type = object->type;
		info.link.id = object->id;
		info.link.prog_id = object->prog->id;
		break;
	default:
		return -EINVAL;
	}
	memcpy(u64_to_ptr(attr->info.info), &info,
	       attr->info.info_len < sizeof(info) ? attr->info.info_len : sizeof(info));
	return 0;
}

static long get_fd_by_id(enum fake_kind kind, uint32_t id)
{
	struct fake_object *object = object_by_id(kind, id);

	if (fake_features.by_id_errno)
		return -fake_features.by_id_errno;
	return object ? fd_install(object_get(object), 0, true) : -ENOENT;
}

/* Only a perf event, or a link of that type, can be asked this way. */
static long task_fd_query(const union bpf_attr *attr)
{
	const struct fake_object *object = object_any((int)attr->task_fd_query.fd);

	if (!object)
		return -EBADF;
	return object->kind == FAKE_PERF && object->prog ? 0 : -EOPNOTSUPP;
}

/** The size of the log, into attributes that have room for it. */
static long written_back(long result, void *user, unsigned int size, unsigned int offset, uint32_t value)
{
	if (value && size >= offset + sizeof(value))
		memcpy((char *)user + offset, &value, sizeof(value));
	return result;
}

static long btf_load(struct uapi_btf_load *load)
{
	const long err = token_may_load_btf(load);

	if (!err && load->btf_log_level)
		load->btf_log_true_size = 7;
	return err ? err : fd_install(object_new(FAKE_BTF), 0, true);
}

long bpf_call(long cmd, union uapi_bpf_attr *user_attr, unsigned int size)
{
	union uapi_bpf_attr attr = { 0 };
	long result;

	if (size > 4096)
		return -E2BIG;
	if (!user_attr)
		return size ? -EFAULT : -EINVAL;
	memcpy(&attr, user_attr, size < sizeof(attr) ? size : sizeof(attr));
	switch (cmd & ~(long)UAPI_BPF_COMMON_ATTRS) {
	case BPF_PROG_LOAD:
		result = prog_load(&attr.prog_load);
		return written_back(result, user_attr, size, offsetof(struct uapi_prog_load, log_true_size),
				    attr.prog_load.log_true_size);
	case BPF_MAP_CREATE:
		return map_create(&attr.map_create);
	case BPF_MAP_UPDATE_ELEM:
		return map_update(&attr.base);
	case BPF_BTF_LOAD:
		result = btf_load(&attr.btf_load);
		return written_back(result, user_attr, size,
				    offsetof(struct uapi_btf_load, btf_log_true_size),
				    attr.btf_load.btf_log_true_size);
	case UAPI_BPF_TOKEN_CREATE:
		return token_create(&attr.token_create);
	case BPF_LINK_CREATE:
		return link_create(&attr.link_create);
	case BPF_OBJ_PIN:
		return obj_pin(&attr);
	case BPF_OBJ_GET:
		return obj_get(&attr.base);
	case BPF_OBJ_GET_INFO_BY_FD:
		return obj_get_info(&attr.base);
	case BPF_PROG_GET_FD_BY_ID:
		return get_fd_by_id(FAKE_PROG, attr.base.prog_id);
	case BPF_MAP_GET_FD_BY_ID:
		return get_fd_by_id(FAKE_MAP, attr.base.map_id);
	case BPF_BTF_GET_FD_BY_ID:
		return get_fd_by_id(FAKE_BTF, attr.base.btf_id);
	case BPF_LINK_GET_FD_BY_ID:
		return get_fd_by_id(FAKE_LINK, attr.base.link_id);
	case BPF_TASK_FD_QUERY:
		return task_fd_query(&attr.base);
	default:
		return -EINVAL;
	}
}
