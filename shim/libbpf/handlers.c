// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "handlers.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "elf_symbols.h"
#include "engine.h"
#include "log.h"
#include "search_path.h"
#include "sections.h"
#include "symbol.h"
#include "uapi.h"

/* The handler's cookie. */
enum { RETURN = 1 << 0, SLEEPABLE = 1 << 1 };

/* libbpf calls what follows, so libbpf is the caller whose functions are wanted. */
#define LIBBPF __builtin_return_address(0)

static int set_up(struct bpf_program *prog, long cookie)
{
	struct libbpf_api api;

	if (!(cookie & SLEEPABLE))
		return 0;
	if (!libbpf_api(LIBBPF, &api))
		return -EOPNOTSUPP;
	return api.bpf_program__set_flags(prog, api.bpf_program__flags(prog) | BPF_F_SLEEPABLE);
}

/** What the program's section names; empty for a bare one, which is valid but attaches to nothing by itself.
 */
static int parse(const struct libbpf_api *api, const struct bpf_program *prog, bool pattern,
		 struct section_target *target)
{
	int err = section_parse(api->bpf_program__section_name(prog), pattern, target);

	return err == -ENOENT ? 0 : err;
}

static void free_target(struct section_target *target)
{
	free(target->path);
	free(target->function);
}

static int attach_single(const struct bpf_program *prog, long cookie, struct bpf_link **link)
{
	struct section_target target;
	struct libbpf_api api;
	int err = libbpf_api(LIBBPF, &api) ? parse(&api, prog, false, &target) : -EOPNOTSUPP;

	*link = NULL;
	if (err || !target.path)
		return err;
	if ((cookie & RETURN) && target.offset) {
		err = -EINVAL;
	} else {
		LIBBPF_OPTS(bpf_uprobe_opts, opts, .retprobe = cookie & RETURN, .func_name = target.function);

		*link = api.bpf_program__attach_uprobe_opts(prog, -1, target.path, target.offset, &opts);
		err = (int)api.libbpf_get_error(*link);
	}
	free_target(&target);
	return err;
}

/** As libbpf attaches the program of a kprobe section. */
static int attach_kprobe(const struct bpf_program *prog, long cookie, struct bpf_link **link)
{
	struct section_target target;
	struct libbpf_api api;
	int err = -EOPNOTSUPP;

	*link = NULL;
	if (libbpf_api(LIBBPF, &api))
		err = section_parse_kprobe(api.bpf_program__section_name(prog), &target);
	if (err)
		return err == -ENOENT ? 0 : err;
	if ((cookie & RETURN) && target.offset) {
		err = -EINVAL;
	} else {
		LIBBPF_OPTS(bpf_kprobe_opts, opts, .retprobe = cookie & RETURN, .offset = target.offset);

		*link = api.bpf_program__attach_kprobe_opts(prog, target.function, &opts);
		err = (int)api.libbpf_get_error(*link);
	}
	free_target(&target);
	return err;
}

/** libbpf attaches one uprobe, and the engine makes the link one of them all. */
static int attach_offsets(const struct libbpf_api *api, const struct bpf_program *prog, bool retprobe,
			  const char *path, const struct attach_hint *hint, struct bpf_link **link)
{
	LIBBPF_OPTS(bpf_uprobe_opts, opts, .retprobe = retprobe);
	const struct attach_hint *before = hints_set_attach(hint);

	*link = api->bpf_program__attach_uprobe_opts(prog, -1, path, hint->offsets[0], &opts);
	hints_set_attach(before);
	return (int)api->libbpf_get_error(*link);
}

static int attach_multi(const struct bpf_program *prog, long cookie, struct bpf_link **link)
{
	struct attach_hint hint = { .by_libbpf = true };
	struct section_target target;
	uint64_t *offsets = NULL;
	struct libbpf_api api;
	char *path = NULL;
	int err = libbpf_api(LIBBPF, &api) ? parse(&api, prog, true, &target) : -EOPNOTSUPP;

	*link = NULL;
	if (err || !target.path)
		return err;
	err = engine_can_attach_multi() ? search_path(target.path, &path) : -EOPNOTSUPP;
	if (!err)
		err = elf_function_offsets(path, target.function, &offsets, &hint.cnt);
	if (!err) {
		hint.offsets = offsets;
		err = attach_offsets(&api, prog, cookie & RETURN, path, &hint, link);
	}
	free(offsets);
	free(path);
	free_target(&target);
	return err;
}

static const struct section {
	const char *name;
	libbpf_prog_attach_fn_t attach;
	uint32_t attach_type;
	long cookie;
} sections[] = {
	{ "uprobe.single", attach_single, 0, 0 },
	{ "uretprobe.single", attach_single, 0, RETURN },
	{ "uprobe.single.s", attach_single, 0, SLEEPABLE },
	{ "uretprobe.single.s", attach_single, 0, RETURN | SLEEPABLE },
	{ "uprobe.multi", attach_multi, UAPI_BPF_TRACE_UPROBE_MULTI, 0 },
	{ "uretprobe.multi", attach_multi, UAPI_BPF_TRACE_UPROBE_MULTI, RETURN },
	{ "uprobe.multi.s", attach_multi, UAPI_BPF_TRACE_UPROBE_MULTI, SLEEPABLE },
	{ "uretprobe.multi.s", attach_multi, UAPI_BPF_TRACE_UPROBE_MULTI, RETURN | SLEEPABLE },
	{ "kprobe.single", attach_kprobe, 0, 0 },
	{ "kretprobe.single", attach_kprobe, 0, RETURN },
};

static void teach(const struct libbpf_api *api, const struct section *section)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .cookie = section->cookie, .prog_setup_fn = set_up,
		    .prog_attach_fn = section->attach);
	enum bpf_attach_type known_attach_type;
	enum bpf_prog_type known_type;
	char pattern[32]; /* "uprobe.multi+": alone or followed by '/' */
	int err;

	if (api->libbpf_prog_type_by_name(section->name, &known_type, &known_attach_type) == 0)
		return;
	snprintf(pattern, sizeof(pattern), "%s+", section->name);
	err = api->libbpf_register_prog_handler(pattern, BPF_PROG_TYPE_KPROBE,
						(enum bpf_attach_type)section->attach_type, &opts);
	if (err < 0)
		log_line(LOG_WARN, "libbpf does not take a handler for %s: errno %d", section->name, -err);
}

/** The question which sections it knows makes libbpf print lists of them, if the tool wants its debug
 * messages. */
static void teach_all(const struct libbpf_api *api)
{
	const libbpf_print_fn_t print = api->libbpf_set_print(NULL);

	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		teach(api, &sections[i]);
	api->libbpf_set_print(print);
}

void handlers_teach(const void *caller)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static void *taught; /* the last libbpf, by the address of its function */
	int saved_errno = errno;
	struct libbpf_api api;

	if (!engine_on() || !libbpf_api(caller, &api))
		goto out;
	pthread_mutex_lock(&lock); /* libbpf does not lock its table of handlers */
	if (taught != (void *)api.libbpf_register_prog_handler)
		teach_all(&api);
	taught = (void *)api.libbpf_register_prog_handler;
	pthread_mutex_unlock(&lock);
out:
	errno = saved_errno;
}
