// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* BPF_LINK_CREATE, with the checks in the kernel's order. */
#include "fake_internal.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel.h"

static struct fake_object *link_new(uint32_t type, struct fake_object *prog)
{
	struct fake_object *link = object_new(FAKE_LINK);

	link->type = type;
	link->prog = object_get(prog);
	return link;
}

/* ---- perf links ---------------------------------------------------------------------------------- */

static long perf_link(const struct uapi_link_create *attr, struct fake_object *prog)
{
	struct fake_object *perf = object_at((int)attr->target_fd, FAKE_PERF), *link;
	long err;

	if (attr->flags)
		return -EINVAL;
	if (!perf)
		return -EBADF;
	if (attr->perf_event.bpf_cookie && !fake_features.cookie)
		return -E2BIG;
	if (!fd_is_left())
		return -EMFILE;
	err = perf_attach(perf, prog, attr->perf_event.bpf_cookie);
	if (err)
		return err;
	link = link_new(BPF_LINK_TYPE_PERF_EVENT, prog);
	link->perf = object_get(perf);
	return fd_install(link, 0, true);
}

/* ---- multi links --------------------------------------------------------------------------------- */

static long find_process(int pid)
{
	if (!pid)
		return 0;
	if (!task_tgid(pid))
		return -ESRCH;
	if (fake_features.pid_filter) {
		if (task_tgid(pid) == pid)
			return 0;
		unsafe(5, "a multi link was asked for with the id of a thread");
		return -ESRCH;
	}
	unsafe(5, "a multi link with a pid, where the kernel filters single threads");
	return 0;
}

static long read_probes(struct fake_object *link, const struct uapi_link_create *attr)
{
	const uint64_t *offsets = u64_to_ptr(attr->uprobe_multi.offsets);
	const uint64_t *ref_ctr_offsets = u64_to_ptr(attr->uprobe_multi.ref_ctr_offsets);
	const uint64_t *cookies = u64_to_ptr(attr->uprobe_multi.cookies);

	link->cnt = attr->uprobe_multi.cnt;
	if (link->cnt > MAX_PROBES)
		return -E2BIG;
	for (uint32_t i = 0; i < link->cnt; i++) {
		link->offsets[i] = offsets[i];
		link->ref_ctr_offsets[i] = ref_ctr_offsets ? ref_ctr_offsets[i] : 0;
		link->cookies[i] = cookies ? cookies[i] : 0;
		if (offsets[i] >= link->inode->size || link->ref_ctr_offsets[i] % 2)
			return -EINVAL;
		if (refused(offsets[i], true))
			return refused(offsets[i], true);
	}
	return link->inode->on_procfs ? -EIO : 0;
}

/** The link has its probes registered: what else can go wrong is dangerous. */
static long finish_multi_link(struct fake_object *link)
{
	const struct fake_object *prog = link->prog;

	if (!fd_is_left()) {
		if (!fake_features.link_fd_fixed)
			unsafe(6, "a multi link failed for want of an fd");
		object_put(link);
		return -EMFILE;
	}
	if (program_overrides_return(prog))
		unsafe(2, "a multi link with a program that calls bpf_override_return");
	if (!fake_features.return_ignored && !program_returns_zero(prog))
		unsafe(4, "a multi link with a program that may return something else than 0");
	link->attached = true;
	return fd_install(link, 0, true);
}

static long uprobe_multi_link(const struct uapi_link_create *attr, struct fake_object *prog)
{
	const int pid = (int)attr->uprobe_multi.pid;
	struct fake_inode *inode;
	struct fake_object *link;
	long err;

	if (attr->flags || attr->uprobe_multi.flags & ~(uint32_t)UAPI_BPF_F_UPROBE_MULTI_RETURN ||
	    !attr->uprobe_multi.path || !attr->uprobe_multi.offsets || !attr->uprobe_multi.cnt)
		return -EINVAL;
	if (fake_features.pid_filter && pid < 0)
		return -EINVAL;
	inode = inode_at(u64_to_ptr(attr->uprobe_multi.path));
	if (!inode)
		return -ENOENT;
	if (!S_ISREG(inode->mode))
		return -EBADF;
	err = find_process(pid);
	if (!err)
		err = -fake_features.multi_errno;
	if (err)
		return err;
	link = link_new(UAPI_BPF_LINK_TYPE_UPROBE_MULTI, prog);
	link->inode = inode;
	link->pid = pid;
	link->retprobe = attr->uprobe_multi.flags & UAPI_BPF_F_UPROBE_MULTI_RETURN;
	err = read_probes(link, attr);
	if (!err)
		return finish_multi_link(link);
	object_put(link);
	return err;
}

/* ---- the command --------------------------------------------------------------------------------- */

/** A program of a multi type goes to links of that type only, as far as this kernel knows the type. */
static bool attach_type_fits(uint32_t of_prog, uint32_t of_link)
{
	const struct {
		uint32_t type;
		bool known;
	} types[] = {
		{ UAPI_BPF_TRACE_KPROBE_MULTI, fake_features.kprobe_multi },
		{ UAPI_BPF_TRACE_UPROBE_MULTI, fake_features.uprobe_multi },
		{ UAPI_BPF_TRACE_UPROBE_SESSION, fake_features.sessions },
	};

	for (unsigned int i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (types[i].known && (of_prog == types[i].type || of_link == types[i].type))
			return of_prog == of_link;
	}
	return of_link == BPF_PERF_EVENT;
}

long link_create(const struct uapi_link_create *attr)
{
	struct fake_object *prog = object_at((int)attr->prog_fd, FAKE_PROG);

	if (!prog)
		return -EBADF;
	if (!attach_type_fits(prog->attach_type, attr->attach_type))
		return -EINVAL;
	switch (attr->attach_type) {
	case BPF_PERF_EVENT:
		return perf_link(attr, prog);
	case UAPI_BPF_TRACE_KPROBE_MULTI:
		return kprobe_multi_link(attr, prog);
	default:
		return uprobe_multi_link(attr, prog);
	}
}

/* ---- places that are refused --------------------------------------------------------------------- */

static struct {
	uint64_t offset;
	int multi_errno, perf_errno;
} refusal;

void fake_refuse(uint64_t offset, int multi_errno, int perf_errno)
{
	refusal.offset = offset;
	refusal.multi_errno = multi_errno;
	refusal.perf_errno = perf_errno;
}

long refused(uint64_t offset, bool multi)
{
	if (offset != refusal.offset)
		return 0;
	return -(multi ? refusal.multi_errno : refusal.perf_errno);
}

/* ---- what is attached ---------------------------------------------------------------------------- */

static struct fake_probe probe_of(const struct fake_object *object, uint32_t i)
{
	return (struct fake_probe){
		.multi = object->kind == FAKE_LINK,
		.kprobe = object->kprobe,
		.path = object->inode ? object->inode->path : NULL,
		.replaced = object->inode && object->inode->gone,
		.offset = object->offsets[i],
		.ref_ctr_offset = object->ref_ctr_offsets[i],
		.cookie = object->cookies[i],
		.pid = object->pid,
		.retprobe = object->retprobe,
		.prog_id = object->prog->id,
		.attach_type = object->prog->attach_type,
	};
}

unsigned int fake_probes(struct fake_probe *probes, unsigned int max)
{
	unsigned int index = 0, cnt = 0;

	for (struct fake_object *object; (object = object_each(&index));) {
		const bool perf = object->kind == FAKE_PERF && object->prog;
		const bool multi = object->kind == FAKE_LINK && !object->perf &&
				   !(object->dying && object->detached_at <= time_now());

		for (uint32_t i = 0; (perf || multi) && i < object->cnt; i++, cnt++)
			if (cnt < max)
				probes[cnt] = probe_of(object, i);
	}
	return cnt;
}
