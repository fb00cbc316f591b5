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
#include "shared_link.h"
#include "symbol.h"

#define HOOK __attribute__((visibility("default")))

/* Who called the hook, for finding its libbpf. */
#define CALLER __builtin_return_address(0)

static int no_libbpf(void)
{
	errno = ENOSYS;
	return -ENOSYS;
}

HOOK struct bpf_object *bpf_object__open(const char *path)
{
	struct bpf_object *(*next)(const char *) = next_bpf_object__open(CALLER);

	handlers_teach(CALLER);
	if (next)
		return next(path);
	no_libbpf();
	return NULL;
}

HOOK struct bpf_object *bpf_object__open_file(const char *path, const struct bpf_object_open_opts *opts)
{
	struct bpf_object *(*next)(const char *, const struct bpf_object_open_opts *) =
		next_bpf_object__open_file(CALLER);

	handlers_teach(CALLER);
	if (next)
		return next(path, opts);
	no_libbpf();
	return NULL;
}

HOOK struct bpf_object *bpf_object__open_mem(const void *buf, size_t size,
					     const struct bpf_object_open_opts *opts)
{
	struct bpf_object *(*next)(const void *, size_t, const struct bpf_object_open_opts *) =
		next_bpf_object__open_mem(CALLER);

	handlers_teach(CALLER);
	if (next)
		return next(buf, size, opts);
	no_libbpf();
	return NULL;
}

HOOK int bpf_object__open_skeleton(struct bpf_object_skeleton *skel, const struct bpf_object_open_opts *opts)
{
	int (*next)(struct bpf_object_skeleton *, const struct bpf_object_open_opts *) =
		next_bpf_object__open_skeleton(CALLER);

	handlers_teach(CALLER);
	return next ? next(skel, opts) : no_libbpf();
}

HOOK int bpf_object__load(struct bpf_object *obj)
{
	int (*next)(struct bpf_object *) = next_bpf_object__load(CALLER);
	struct load_scope scope;
	int result;

	if (!next)
		return no_libbpf();
	load_scope_begin(&scope, CALLER, obj);
	result = next(obj);
	load_scope_end(&scope, result);
	return result;
}

HOOK int bpf_object__load_skeleton(struct bpf_object_skeleton *skel)
{
	int (*next)(struct bpf_object_skeleton *) = next_bpf_object__load_skeleton(CALLER);
	struct load_scope scope;
	int result;

	if (!next)
		return no_libbpf();
	load_scope_begin(&scope, CALLER, skel && skel->obj ? *skel->obj : NULL);
	result = next(skel);
	load_scope_end(&scope, result);
	return result;
}

/* What detaches all that it holds, and returns when it is detached. */
#define HOOK_DETACHES(name, type)                                                       \
	HOOK void name(type *what)                                                      \
	{                                                                               \
		void (*next)(type *) = next_##name(CALLER);                             \
		const bool outermost = hints_enter_detach_scope(__builtin_dwarf_cfa()); \
                                                                                        \
		if (next)                                                               \
			next(what);                                                     \
		if (outermost) {                                                        \
			hints_leave_detach_scope();                                     \
			engine_end_detaching();                                         \
		}                                                                       \
	}

HOOK_DETACHES(bpf_object__detach_skeleton, struct bpf_object_skeleton)
HOOK_DETACHES(bpf_object__destroy_skeleton, struct bpf_object_skeleton)
HOOK_DETACHES(bpf_object__close, struct bpf_object)

/* struct bpf_uprobe_opts as of libbpf 1.2, for Debian 12's headers, which end before attach_mode. */
struct uprobe_opts {
	size_t sz;
	size_t ref_ctr_offset;
	__u64 bpf_cookie;
	bool retprobe;
	const char *func_name;
	int attach_mode; /* enum probe_attach_mode, 0 is the default */
};

#define OPTS_REACH(opts, field) ((opts)->sz >= offsetof(__typeof__(*(opts)), field) + sizeof((opts)->field))

/* And struct bpf_kprobe_opts. */
struct kprobe_opts {
	size_t sz;
	__u64 bpf_cookie;
	size_t offset;
	bool retprobe;
	int attach_mode;
};

static const char caller_set_attach_mode[] = "the caller set attach_mode";

/** Why the caller itself wants a perf event, or NULL. */
static const char *wish_for_perf(const struct uprobe_opts *opts)
{
	if (!opts)
		return NULL;
	if (OPTS_REACH(opts, attach_mode) && opts->attach_mode)
		return caller_set_attach_mode;
	if (OPTS_REACH(opts, func_name) && opts->func_name && strchr(opts->func_name, '@') &&
	    !config.versioned_multi)
		return "the symbol is versioned";
	return NULL;
}

HOOK struct bpf_link *bpf_program__attach_uprobe_opts(const struct bpf_program *prog, pid_t pid,
						      const char *path, size_t offset,
						      const struct bpf_uprobe_opts *opts)
{
	struct bpf_link *(*next)(const struct bpf_program *, pid_t, const char *, size_t,
				 const struct bpf_uprobe_opts *) =
		next_bpf_program__attach_uprobe_opts(CALLER);
	const struct attach_hint *before = hints_for_attach();
	struct attach_hint hint = {
		.keep_perf = wish_for_perf((const void *)opts),
		.by_libbpf = true,
		.collect = before ? before->collect : NULL,
	};
	struct bpf_link *link;

	if (!next) {
		no_libbpf();
		return NULL;
	}
	hints_set_attach(&hint);
	link = next(prog, pid, path, offset, opts);
	hints_set_attach(before);
	return link;
}

HOOK struct bpf_link *bpf_program__attach_kprobe_opts(const struct bpf_program *prog, const char *function,
						      const struct bpf_kprobe_opts *opts)
{
	struct bpf_link *(*next)(const struct bpf_program *, const char *, const struct bpf_kprobe_opts *) =
		next_bpf_program__attach_kprobe_opts(CALLER);
	const struct kprobe_opts *known = (const void *)opts;
	const struct attach_hint *before = hints_for_attach();
	struct attach_hint hint = { .by_libbpf = true };
	struct bpf_link *link;

	if (!next) {
		no_libbpf();
		return NULL;
	}
	if (known && OPTS_REACH(known, attach_mode) && known->attach_mode)
		hint.keep_perf = caller_set_attach_mode;
	hints_set_attach(&hint);
	link = next(prog, function, opts);
	hints_set_attach(before);
	return link;
}

/**
 * Its locations become one link. If that cannot be made, libbpf attaches each by itself, with the kernel's
 * own answers: what it believes attached so far is none of it.
 */
HOOK struct bpf_link *bpf_program__attach_usdt(const struct bpf_program *prog, pid_t pid, const char *path,
					       const char *provider, const char *name,
					       const struct bpf_usdt_opts *opts)
{
	struct bpf_link *(*next)(const struct bpf_program *, pid_t, const char *, const char *, const char *,
				 const struct bpf_usdt_opts *) = next_bpf_program__attach_usdt(CALLER);
	int (*destroy)(struct bpf_link *) =
		(int (*)(struct bpf_link *))libbpf_symbol(CALLER, "bpf_link__destroy");
	const struct attach_hint *before = hints_for_attach();
	struct collection collection = { 0 };
	struct attach_hint hint = { .by_libbpf = true, .collect = destroy ? &collection : NULL };
	struct bpf_link *link;

	if (!next) {
		no_libbpf();
		return NULL;
	}
	hints_set_attach(&hint);
	link = next(prog, pid, path, provider, name, opts);
	if (engine_end_collecting(&collection) < 0 && link) {
		destroy(link);
		hint.collect = NULL;
		link = next(prog, pid, path, provider, name, opts);
	}
	hints_set_attach(before);
	return link;
}
