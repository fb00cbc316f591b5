// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "reload.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bpf.h"
#include "kernel.h"
#include "token.h"

/* In src_reg of an instruction; all in Linux 5.14 or before. */
enum { PSEUDO_CALL_KFUNC = 2 };

/** An fd of the tool inside the copy: where it stands, and what it was at the first load. */
struct reference {
	void *place; /* the 32 bits that hold the fd: of an instruction, the fd array, or the attributes */
	uint32_t fd;
	uint32_t id;
	bool is_btf;
	int opened; /* our own fd for it during a second load, or -1 */
};

struct reload {
	struct uapi_prog_load attr; /* its pointers are to memory of our own, in blocks */
	struct bpf_insn *insns;
	int *fd_array;
	uint32_t fd_array_cnt;
	struct reference *references;
	uint32_t reference_cnt, reference_max;
	void *blocks[6];
	unsigned int block_cnt;
};

/** Replaces a pointer in the attributes by one to a copy of what it points to. */
static bool own(struct reload *reload, __u64 *pointer, size_t size)
{
	void *block;

	if (!*pointer || !size)
		return true;
	block = malloc(size);
	if (!block)
		return false;
	memcpy(block, u64_to_ptr(*pointer), size);
	*pointer = ptr_to_u64(block);
	reload->blocks[reload->block_cnt++] = block;
	return true;
}

static bool uses_fd_array(const struct bpf_insn *insn)
{
	if (insn->code == (BPF_LD | BPF_IMM | BPF_DW))
		return insn->src_reg == BPF_PSEUDO_MAP_IDX || insn->src_reg == BPF_PSEUDO_MAP_IDX_VALUE;
	return insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == PSEUDO_CALL_KFUNC && insn->off;
}

/** The fd array has no length of its own on most kernels: as long as the instructions use it. */
static uint32_t fd_array_length(const struct reload *reload)
{
	uint32_t cnt = reload->attr.fd_array_cnt;

	for (uint32_t i = 0; i < reload->attr.insn_cnt; i++) {
		const struct bpf_insn *insn = &reload->insns[i];
		uint32_t index =
			insn->code == (BPF_LD | BPF_IMM | BPF_DW) ? (uint32_t)insn->imm : (uint16_t)insn->off;

		if (uses_fd_array(insn) && index + 1 > cnt)
			cnt = index + 1;
	}
	return cnt;
}

static bool own_everything(struct reload *reload)
{
	struct uapi_prog_load *attr = &reload->attr;

	if (!own(reload, &attr->insns, attr->insn_cnt * sizeof(struct bpf_insn)) ||
	    !own(reload, &attr->license, strnlen(u64_to_ptr(attr->license), 127) + 1) ||
	    !own(reload, &attr->func_info, (size_t)attr->func_info_cnt * attr->func_info_rec_size) ||
	    !own(reload, &attr->line_info, (size_t)attr->line_info_cnt * attr->line_info_rec_size) ||
	    !own(reload, &attr->core_relos, (size_t)attr->core_relo_cnt * attr->core_relo_rec_size))
		return false;
	reload->insns = u64_to_ptr(attr->insns);
	reload->fd_array_cnt = attr->fd_array ? fd_array_length(reload) : 0;
	if (!own(reload, &attr->fd_array, reload->fd_array_cnt * sizeof(int)))
		return false;
	reload->fd_array = u64_to_ptr(attr->fd_array);
	return true;
}

/** Which map or BTF is behind the reference's fd. */
static long identify(struct reference *reference)
{
	/* One question for both: what is a map's type is for BTF a pointer, which we leave NULL. */
	union {
		struct bpf_map_info map;
		struct bpf_btf_info btf;
	} info = { 0 };
	long err = bpf_info((int)reference->fd, &info, sizeof(info.btf));

	reference->is_btf = info.map.type == BPF_MAP_TYPE_UNSPEC;
	reference->id = reference->is_btf ? info.btf.id : info.map.id;
	return err;
}

/** Remembers one fd; the same fd is asked about once only. */
static bool refer(struct reload *reload, void *place)
{
	struct reference reference = { .place = place, .opened = -1 };

	memcpy(&reference.fd, place, sizeof(reference.fd));
	for (uint32_t i = 0; i < reload->reference_cnt && !reference.id; i++)
		if (reload->references[i].fd == reference.fd)
			reference = reload->references[i];
	reference.place = place;
	if (!reference.id && identify(&reference))
		return false;
	if (reload->reference_cnt == reload->reference_max) {
		uint32_t max = reload->reference_max ? 2 * reload->reference_max : 8;
		void *bigger = realloc(reload->references, max * sizeof(reference));

		if (!bigger)
			return false;
		reload->references = bigger;
		reload->reference_max = max;
	}
	reload->references[reload->reference_cnt++] = reference;
	return true;
}

static bool refer_to_insn(struct reload *reload, struct bpf_insn *insn)
{
	if (insn->code == (BPF_LD | BPF_IMM | BPF_DW) &&
	    (insn->src_reg == BPF_PSEUDO_MAP_FD || insn->src_reg == BPF_PSEUDO_MAP_VALUE))
		return refer(reload, &insn->imm);
	if (!uses_fd_array(insn))
		return true;
	if (!reload->fd_array)
		return false;
	if (insn->code == (BPF_JMP | BPF_CALL))
		return refer(reload, &reload->fd_array[(uint16_t)insn->off]);
	return refer(reload, &reload->fd_array[insn->imm]);
}

static bool refer_to_everything(struct reload *reload)
{
	for (uint32_t i = 0; i < reload->attr.insn_cnt; i++) {
		if (!refer_to_insn(reload, &reload->insns[i]))
			return false;
		if (reload->insns[i].code == (BPF_LD | BPF_IMM | BPF_DW))
			i++; /* its second half is no instruction */
	}
	/* A longer fd array binds maps that no instruction names (fd_array_cnt, Linux 6.14). */
	for (uint32_t i = 0; i < reload->attr.fd_array_cnt; i++)
		if (!refer(reload, &reload->fd_array[i]))
			return false;
	return !reload->attr.prog_btf_fd || refer(reload, &reload->attr.prog_btf_fd);
}

struct reload *reload_copy(const struct uapi_prog_load *load)
{
	struct reload *reload = calloc(1, sizeof(*reload));

	if (!reload)
		return NULL;
	reload->attr = *load;
	reload->attr.log_level = 0;
	reload->attr.log_size = 0;
	reload->attr.log_buf = 0;
	reload->attr.log_true_size = 0;
	if (!reload->attr.prog_ifindex && !reload->attr.signature && own_everything(reload) &&
	    refer_to_everything(reload))
		return reload;
	reload_free(reload);
	return NULL;
}

/** Puts a good fd in place of one that has been closed or reused since; EPERM without CAP_SYS_ADMIN. */
static long renew(struct reference *reference)
{
	const int cmd = reference->is_btf ? BPF_BTF_GET_FD_BY_ID : BPF_MAP_GET_FD_BY_ID;
	struct reference now = { .fd = reference->fd };
	uint32_t fd = reference->fd;
	long opened;

	if (identify(&now) || now.id != reference->id || now.is_btf != reference->is_btf) {
		opened = bpf_fd_by_id(cmd, reference->id);
		if (opened < 0)
			return opened;
		reference->opened = (int)opened;
		fd = (uint32_t)opened;
	}
	memcpy(reference->place, &fd, sizeof(fd));
	return 0;
}

static void close_renewed(struct reload *reload)
{
	for (uint32_t i = 0; i < reload->reference_cnt; i++) {
		if (reload->references[i].opened >= 0)
			sys_close(reload->references[i].opened);
		reload->references[i].opened = -1;
	}
}

/** What the attributes need, so that a kernel which knows fewer of them is not given more. */
static uint32_t attr_size(const struct uapi_prog_load *attr)
{
	if (attr->fd_array_cnt)
		return BPF_ATTR_END(struct uapi_prog_load, fd_array_cnt);
	if (attr->prog_flags & UAPI_BPF_F_TOKEN_FD)
		return BPF_ATTR_END(struct uapi_prog_load, prog_token_fd);
	if (attr->fd_array || attr->core_relo_cnt)
		return BPF_ATTR_END(struct uapi_prog_load, core_relo_rec_size);
	if (attr->line_info || attr->func_info)
		return BPF_ATTR_END(struct uapi_prog_load, attach_prog_fd);
	return BPF_ATTR_END(struct uapi_prog_load, prog_btf_fd);
}

/** With a token of our own, where one is configured: the tool's may be closed or something else by now. */
static long load(const struct reload *reload)
{
	struct uapi_prog_load attr = reload->attr;
	long token_fd = token_open(), fd;

	if (token_fd >= 0) {
		attr.prog_flags |= UAPI_BPF_F_TOKEN_FD;
		attr.prog_token_fd = (int)token_fd;
	}
	fd = sys_bpf(BPF_PROG_LOAD, &attr, attr_size(&attr));
	if (token_fd < 0 && attr.prog_flags & UAPI_BPF_F_TOKEN_FD && (fd == -EBADF || fd == -EINVAL)) {
		attr.prog_flags &= ~(uint32_t)UAPI_BPF_F_TOKEN_FD;
		attr.prog_token_fd = 0;
		fd = sys_bpf(BPF_PROG_LOAD, &attr, attr_size(&attr));
	}
	token_close(token_fd);
	return fd;
}

long reload_again(struct reload *reload, uint32_t expected_attach_type)
{
	long fd = 0;

	reload->attr.expected_attach_type = expected_attach_type;
	for (uint32_t i = 0; i < reload->reference_cnt && fd >= 0; i++)
		fd = renew(&reload->references[i]);
	if (fd >= 0)
		fd = load(reload);
	close_renewed(reload);
	return fd;
}

void reload_free(struct reload *reload)
{
	if (!reload)
		return;
	for (unsigned int i = 0; i < reload->block_cnt; i++)
		free(reload->blocks[i]);
	free(reload->references);
	free(reload);
}
