// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Perf events: uprobes, and others without anything in them. */
#include "fake_internal.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel.h"

static long find_target(struct fake_object *perf, const struct perf_event_attr *attr)
{
	const char *path = u64_to_ptr(attr->uprobe_path);

	if (!path)
		return -EINVAL;
	if (strlen(path) >= 4096)
		return -E2BIG;
	if (!*path)
		return -EINVAL;
	perf->inode = inode_at(path);
	if (!perf->inode)
		return -ENOENT;
	perf->cnt = 1;
	perf->offsets[0] = attr->probe_offset;
	perf->ref_ctr_offsets[0] = attr->config >> 32;
	perf->retprobe = attr->config & 1;
	if (!S_ISREG(perf->inode->mode) || perf->offsets[0] >= perf->inode->size ||
	    perf->ref_ctr_offsets[0] % 2)
		return -EINVAL;
	if (refused(perf->offsets[0], false))
		return refused(perf->offsets[0], false);
	return perf->inode->on_procfs ? -EIO : 0;
}

long perf_open(const long a[6])
{
	const struct perf_event_attr *attr = (const void *)a[0];
	const int pid = (int)a[1], cpu = (int)a[2], group_fd = (int)a[3];
	struct fake_object *perf;
	long err = 0;

	if (!attr)
		return -EFAULT;
	if (fake_features.perf_errno)
		return -fake_features.perf_errno;
	if (pid == -1 && cpu == -1)
		return -EINVAL;
	if (!fd_is_left())
		return -EMFILE;
	if (group_fd != -1 && !object_at(group_fd, FAKE_PERF))
		return -EBADF;
	if (pid && pid != -1 && !task_tgid(pid))
		return -ESRCH;
	perf = object_new(FAKE_PERF);
	perf->type = attr->type;
	perf->pid = pid;
	if (fake_features.uprobe_pmu_type && (int)attr->type == fake_features.uprobe_pmu_type)
		err = find_target(perf, attr);
	else if (fake_features.kprobe_pmu_type && (int)attr->type == fake_features.kprobe_pmu_type)
		err = kprobe_place(perf, attr);
	else if (attr->type >= PERF_TYPE_MAX)
		err = -ENOENT;
	if (!err)
		return fd_install(perf, 0, a[4] & PERF_FLAG_FD_CLOEXEC);
	object_put(perf);
	return err;
}

long perf_attach(struct fake_object *perf, struct fake_object *prog, uint64_t cookie)
{
	if (perf->type == PERF_TYPE_HARDWARE || perf->type == PERF_TYPE_SOFTWARE)
		return -EINVAL; /* those take programs of another type */
	if (program_overrides_return(prog) && !perf->kprobe)
		return -EINVAL;
	if (perf->prog)
		return -EEXIST;
	perf->prog = object_get(prog);
	perf->cookies[0] = cookie;
	return 0;
}

static long set_bpf(struct fake_object *perf, int prog_fd)
{
	struct fake_object *prog = object_at(prog_fd, FAKE_PROG);

	if (!prog)
		return -EBADF;
	/* Whatever comes of it: this kernel does not look at the expected attach type here. */
	if ((fake_features.uprobe_multi && prog->attach_type == UAPI_BPF_TRACE_UPROBE_MULTI) ||
	    (fake_features.kprobe_multi && prog->attach_type == UAPI_BPF_TRACE_KPROBE_MULTI))
		unsafe(1, "a multi program in PERF_EVENT_IOC_SET_BPF");
	return perf_attach(perf, prog, 0);
}

static bool at_a_terminal;

void fake_be_at_a_terminal(void)
{
	at_a_terminal = true;
}

long perf_ioctl(int fd, unsigned long request, long arg)
{
	struct fake_object *object = object_any(fd);

	if (!object || object->kind == FAKE_PATH)
		return -EBADF;
	if (object->kind == FAKE_STDIO && request == TCGETS && at_a_terminal)
		return 0;
	if (object->kind != FAKE_PERF)
		return -ENOTTY;
	switch (request) {
	case PERF_EVENT_IOC_SET_BPF:
		return set_bpf(object, (int)arg);
	case PERF_EVENT_IOC_ID:
		*(uint64_t *)arg = object->id;
		return 0;
	case PERF_EVENT_IOC_ENABLE:
	case PERF_EVENT_IOC_DISABLE:
	case PERF_EVENT_IOC_RESET:
	case PERF_EVENT_IOC_SET_OUTPUT:
		return 0;
	default:
		return -ENOTTY;
	}
}
