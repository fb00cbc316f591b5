// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "program.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "bpf.h"
#include "kernel.h"
#include "reload.h"

enum { BUCKETS = 1024, FIRST_SWEEP = 256 };

static struct program *buckets[BUCKETS];
static unsigned int program_cnt, next_sweep = FIRST_SWEEP;
static atomic_bool have_multi;

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

	*place = program->next;
	program_cnt--;
	reload_free(program->reload);
	free(program->name);
	free(program->section);
	free(program);
}

/** Needs CAP_SYS_ADMIN to be sure; whoever lacks it keeps what it remembers. */
static bool is_gone(const struct program *program)
{
	long fd = bpf_fd_by_id(BPF_PROG_GET_FD_BY_ID, program->key.id);

	if (fd >= 0)
		sys_close((int)fd);
	return fd == -ENOENT;
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

void program_describe(struct program *program, const struct load_hint *hint)
{
	char *name = strdup(hint->program), *section = strdup(hint->section);

	if (name && section) {
		free(program->name);
		free(program->section);
		program->name = name;
		program->section = section;
	} else {
		free(name);
		free(section);
	}
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
	program->key = key;
	program->variant = variant;
	program->owner_chose = owner_chose;
	program->name = strndup(load->prog_name, BPF_OBJ_NAME_LEN);
	program->facts = insns_read(u64_to_ptr(load->insns), load->insn_cnt);
	program->reload = reload_copy(load);
	if (hint)
		program_describe(program, hint);
	program->next = *bucket_of(key.id);
	*bucket_of(key.id) = program;
	program_cnt++;
	if (variant == VARIANT_MULTI)
		atomic_store(&have_multi, true);
	return program;
}

struct program *program_behind(int fd)
{
	struct program_key key;

	if (!program_cnt || key_behind(fd, &key))
		return NULL;
	for (struct program *program = *bucket_of(key.id); program; program = program->next)
		if (same_key(program->key, key))
			return program;
	return NULL;
}

/** The variant that we loaded before, if something still holds it. */
static long open_other(struct program *program)
{
	struct program_key key;
	long fd = program->other.id ? bpf_fd_by_id(BPF_PROG_GET_FD_BY_ID, program->other.id) : -ENOENT;

	if (fd < 0)
		return fd;
	if (!key_behind((int)fd, &key) && same_key(key, program->other))
		return fd;
	sys_close((int)fd);
	return -ENOENT;
}

long program_open(struct program *program, int fd, enum variant variant)
{
	long other_fd;

	if (program->variant == variant)
		return sys_fcntl(fd, F_DUPFD_CLOEXEC, 0);
	other_fd = open_other(program);
	if (other_fd >= 0)
		return other_fd;
	if (!program->reload)
		return -EOPNOTSUPP;
	other_fd = reload_again(program->reload, variant == VARIANT_MULTI ? UAPI_BPF_TRACE_UPROBE_MULTI : 0);
	if (other_fd >= 0 && key_behind((int)other_fd, &program->other))
		program->other = (struct program_key){ 0 };
	return other_fd;
}

bool programs_have_multi(void)
{
	return atomic_load_explicit(&have_multi, memory_order_relaxed);
}
