// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/*
 * libbpf's entry points. They only add knowledge: each calls the next definition with the same arguments
 * and returns its result. Without a libbpf in sight there is nothing to call, which is ENOSYS.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "config.h"
#include "engine.h"
#include "handlers.h"
#include "next.h"
#include "prepare.h"

#define HOOK __attribute__((visibility("default")))

static int no_libbpf(void)
{
	errno = ENOSYS;
	return -ENOSYS;
}

HOOK struct bpf_object *bpf_object__open(const char *path)
{
	handlers_teach();
	if (next_bpf_object__open())
		return next_bpf_object__open()(path);
	no_libbpf();
	return NULL;
}

HOOK struct bpf_object *bpf_object__open_file(const char *path, const struct bpf_object_open_opts *opts)
{
	handlers_teach();
	if (next_bpf_object__open_file())
		return next_bpf_object__open_file()(path, opts);
	no_libbpf();
	return NULL;
}

HOOK struct bpf_object *bpf_object__open_mem(const void *buf, size_t size,
					     const struct bpf_object_open_opts *opts)
{
	handlers_teach();
	if (next_bpf_object__open_mem())
		return next_bpf_object__open_mem()(buf, size, opts);
	no_libbpf();
	return NULL;
}

HOOK int bpf_object__open_skeleton(struct bpf_object_skeleton *skel, const struct bpf_object_open_opts *opts)
{
	handlers_teach();
	if (next_bpf_object__open_skeleton())
		return next_bpf_object__open_skeleton()(skel, opts);
	return no_libbpf();
}

HOOK int bpf_object__prepare(struct bpf_object *obj)
{
	struct load_scope scope;
	int result;

	if (!next_bpf_object__prepare())
		return no_libbpf();
	load_scope_begin(&scope, obj);
	result = next_bpf_object__prepare()(obj);
	load_scope_end(&scope, result);
	return result;
}

HOOK int bpf_object__load(struct bpf_object *obj)
{
	struct load_scope scope;
	int result;

	if (!next_bpf_object__load())
		return no_libbpf();
	load_scope_begin(&scope, obj);
	result = next_bpf_object__load()(obj);
	load_scope_end(&scope, result);
	return result;
}

HOOK int bpf_object__load_skeleton(struct bpf_object_skeleton *skel)
{
	struct load_scope scope;
	int result;

	if (!next_bpf_object__load_skeleton())
		return no_libbpf();
	load_scope_begin(&scope, skel && skel->obj ? *skel->obj : NULL);
	result = next_bpf_object__load_skeleton()(skel);
	load_scope_end(&scope, result);
	return result;
}

/* struct bpf_uprobe_opts as of libbpf 1.2, for Debian 12's headers, which end before attach_mode. */
struct uprobe_opts {
	size_t sz;
	size_t ref_ctr_offset;
	__u64 bpf_cookie;
	bool retprobe;
	const char *func_name;
	int attach_mode; /* enum probe_attach_mode, 0 is the default */
};

/** Why the caller itself wants a perf event, or NULL. */
static const char *wish_for_perf(const struct uprobe_opts *opts)
{
	if (!opts)
		return NULL;
	if (opts->sz >= offsetof(struct uprobe_opts, attach_mode) + sizeof(opts->attach_mode) &&
	    opts->attach_mode)
		return "the caller set attach_mode";
	if (opts->sz >= offsetof(struct uprobe_opts, func_name) + sizeof(opts->func_name) &&
	    opts->func_name && strchr(opts->func_name, '@') && !config.versioned_multi)
		return "the symbol is versioned";
	return NULL;
}

HOOK struct bpf_link *bpf_program__attach_uprobe_opts(const struct bpf_program *prog, pid_t pid,
						      const char *path, size_t offset,
						      const struct bpf_uprobe_opts *opts)
{
	struct attach_hint hint = { .keep_perf = wish_for_perf((const void *)opts) };
	const struct attach_hint *before;
	struct bpf_link *link;

	if (!next_bpf_program__attach_uprobe_opts()) {
		no_libbpf();
		return NULL;
	}
	if (!hint.keep_perf)
		return next_bpf_program__attach_uprobe_opts()(prog, pid, path, offset, opts);
	before = hints_set_attach(&hint);
	link = next_bpf_program__attach_uprobe_opts()(prog, pid, path, offset, opts);
	hints_set_attach(before);
	return link;
}
