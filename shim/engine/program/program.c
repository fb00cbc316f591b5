// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "program.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "bpf.h"
#include "fd_limit.h"
#include "kernel.h"
#include "reload.h"

enum { BUCKETS = 1024, FIRST_SWEEP = 256 };

static struct program *buckets[BUCKETS];
static unsigned int program_cnt, next_sweep = FIRST_SWEEP;
static atomic_bool have_multi, have_ours, have_unseen;
static bool read_stacks;
static struct program *latest; /* seen alive */

static const uint32_t attach_types[] = {
	[VARIANT_SINGLE] = 0,
	[VARIANT_UPROBE_MULTI] = UAPI_BPF_TRACE_UPROBE_MULTI,
	[VARIANT_KPROBE_MULTI] = UAPI_BPF_TRACE_KPROBE_MULTI,
};

uint32_t variant_attach_type(enum variant variant)
{
	return attach_types[variant];
}

enum variant variant_of_attach_type(uint32_t expected_attach_type)
{
	int variant = VARIANT_SINGLE;

	while (variant < VARIANT_OTHER && attach_types[variant] != expected_attach_type)
		variant++;
	return (enum variant)variant;
}

static long key_behind(int fd, struct program_key *key)
{
	struct bpf_prog_info info = { 0 };
	long err = bpf_info(fd, &info, BPF_ATTR_END(struct bpf_prog_info, load_time));

	*key = (struct program_key){ .id = info.id, .load_time = info.load_time };
	if (!err && info.type != BPF_PROG_TYPE_KPROBE)
		err = -EINVAL;
	return err;
}

static bool same_key(struct program_key a, struct program_key b)
{
	return a.id == b.id && a.load_time == b.load_time;
}

static struct program **bucket_of(uint32_t id)
{
	return &buckets[id % BUCKETS];
}

static void forget(struct program **place)
{
	struct program *program = *place;

	if (latest == program)
		latest = NULL;
	*place = program->next;
	atomic_thread_fence(memory_order_release);
	program_cnt--;
	reload_free(program->reload);
	free(program->name);
	free(program->section);
	free(program);
}

void program_forget(struct program *program)
{
	struct program **place = bucket_of(program->keys[program->variant].id);

	while (*place != program)
		place = &(*place)->next;
	forget(place);
}

/** Needs CAP_SYS_ADMIN to be sure; whoever lacks it keeps what it remembers. */
static bool is_gone(const struct program *program)
{
	for (int variant = 0; variant < VARIANTS; variant++) {
		const uint32_t id = program->keys[variant].id;
		long fd = id ? bpf_fd_by_id(BPF_PROG_GET_FD_BY_ID, id) : -ENOENT;

		if (fd >= 0)
			sys_close((int)fd);
		if (fd != -ENOENT)
			return false;
	}
	return true;
}

/** Forgets programs that no longer exist, each time that the number of those known has doubled. */
static void sweep(void)
{
	if (program_cnt < next_sweep)
		return;
	for (unsigned int i = 0; i < BUCKETS; i++)
		for (struct program **place = &buckets[i]; *place;) {
			if (is_gone(*place))
				forget(place);
			else
				place = &(*place)->next;
		}
	next_sweep = 2 * program_cnt > FIRST_SWEEP ? 2 * program_cnt : FIRST_SWEEP;
}

static void swap_text(char **a, char **b)
{
	char *before = *a;

	*a = *b;
	*b = before;
}

void program_describe(struct program *program, const struct load_hint *hint)
{
	char *name = strdup(hint->program), *section = strdup(hint->section);

	if (name && section) {
		swap_text(&program->name, &name);
		swap_text(&program->section, &section);
	}
	free(name);
	free(section);
	program->wish = hint->wish;
	program->in_prog_array |= hint->has_prog_array;
}

struct program *program_remember(int fd, const struct uapi_prog_load *load, const struct load_hint *hint,
				 enum variant variant, bool owner_chose)
{
	struct program *program;
	struct program_key key;

	if (key_behind(fd, &key))
		return NULL;
	sweep();
	program = calloc(1, sizeof(*program));
	if (!program)
		return NULL;
	program->keys[variant] = key;
	program->variant = variant;
	program->owner_chose = owner_chose;
	program->sleepable = load->prog_flags & BPF_F_SLEEPABLE;
	program->name = strndup(load->prog_name, BPF_OBJ_NAME_LEN);
	program->facts = insns_read(u64_to_ptr(load->insns), load->insn_cnt);
	read_stacks |= program->facts.reads_stack;
	program->reload = reload_copy(load);
	if (hint)
		program_describe(program, hint);
	if (variant_is_multi(variant))
		atomic_store(&have_multi, true);
	if (variant_is_multi(variant) && !owner_chose)
		atomic_store(&have_ours, true);
	program->next = *bucket_of(key.id);
	program_cnt++;
	/* Found only when it is whole, in a forked child as well (process.h). */
	atomic_thread_fence(memory_order_release);
	*bucket_of(key.id) = program;
	latest = program;
	return program;
}

bool program_is_repeatable(const struct program *program)
{
	return program->reload;
}

static struct program *find(struct program *from, struct program_key key, enum variant *variant)
{
	for (struct program *program = from; program; program = program->next)
		for (*variant = 0; *variant < VARIANTS; ++*variant)
			if (same_key(program->keys[*variant], key))
				return program;
	return NULL;
}

struct program *program_behind(int fd, enum variant *variant)
{
	struct program *found;
	struct program_key key;

	if (!program_cnt || key_behind(fd, &key))
		return NULL;
	found = find(*bucket_of(key.id), key, variant);
	/* A variant of ours is in the bucket of the tool's. It comes back only by a pin or by its id. */
	for (unsigned int i = 0; !found && i < BUCKETS; i++)
		found = find(buckets[i], key, variant);
	return found;
}

static long open_by_key(const struct program_key *wanted)
{
	struct program_key key;
	long fd = wanted->id ? bpf_fd_by_id(BPF_PROG_GET_FD_BY_ID, wanted->id) : -ENOENT;

	if (fd < 0)
		return fd;
	if (!key_behind((int)fd, &key) && same_key(key, *wanted))
		return fd;
	sys_close((int)fd);
	return -ENOENT;
}

static long open_or_load(struct program *program, enum variant variant)
{
	long fd = open_by_key(&program->keys[variant]);

	if (fd >= 0 || fd == -EMFILE)
		return fd;
	if (!program->reload)
		return -EOPNOTSUPP;
	fd = reload_again(program->reload, variant_attach_type(variant));
	/* The tool's own stays known by what the tool holds, even if that cannot be opened by its id. */
	if (fd >= 0 && variant != program->variant && key_behind((int)fd, &program->keys[variant]))
		program->keys[variant] = (struct program_key){ 0 };
	return fd;
}

long program_open(struct program *program, enum variant variant)
{
	struct fd_limit limit = { 0 };
	long fd;

	do {
		fd = open_or_load(program, variant);
	} while (fd == -EMFILE && fd_limit_raise(&limit, 0));
	fd_limit_restore(&limit);
	return fd;
}

bool programs_have_multi(void)
{
	return atomic_load_explicit(&have_multi, memory_order_relaxed);
}

bool programs_have_ours(void)
{
	return atomic_load_explicit(&have_ours, memory_order_relaxed);
}

bool programs_read_stacks(void)
{
	return read_stacks;
}

bool programs_have_any(void)
{
	if (atomic_load_explicit(&have_unseen, memory_order_relaxed) || (latest && !is_gone(latest)))
		return true;
	for (unsigned int i = 0; i < BUCKETS; i++)
		for (struct program *program = buckets[i]; program; program = program->next)
			if (!is_gone(program)) {
				latest = program;
				return true;
			}
	return false;
}

void programs_note_unseen(void)
{
	atomic_store_explicit(&have_unseen, true, memory_order_relaxed);
}
