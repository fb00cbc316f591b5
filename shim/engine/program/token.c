// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "token.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "bpf.h"
#include "config.h"
#include "fd_limit.h"
#include "kernel.h"
#include "log.h"
#include "process.h"
#include "thread.h"

/* ---- tokens and children ------------------------------------------------------------------------- */

/*
 * A child must know all tokens that are open, to close them. So fork() waits while another thread is just
 * opening or closing one, and threads that want to wait while there is a fork(): not for ever, as a handler
 * of another library may, in that fork(), wait for the engine's lock, which the thread may hold.
 */
static _Atomic int changing, forking;

/*
 * Under the engine's lock, and so with signals blocked. By value: a signal's handler may jump out of a call
 * that has one.
 */
enum { MOST_TOKENS = 64 };
static int open_tokens[MOST_TOKENS];
static int token_cnt;

static void change_end(void)
{
	if (atomic_fetch_sub(&changing, 1) == 1 && atomic_load(&forking))
		futex_wake(&changing, INT_MAX);
}

static void change_begin(void)
{
	bool waits = true;
	int forks;

	atomic_fetch_add(&changing, 1);
	while (waits && (forks = atomic_load(&forking))) {
		change_end();
		waits = futex_wait_for(&forking, forks, 1000000000);
		atomic_fetch_add(&changing, 1);
	}
}

static void before_fork(void)
{
	int changes;

	atomic_fetch_add(&forking, 1);
	while ((changes = atomic_load(&changing)))
		futex_wait(&changing, changes);
}

static void after_fork(void)
{
	atomic_fetch_sub(&forking, 1);
	futex_wake(&forking, INT_MAX);
}

void token_adopt(void)
{
	while (token_cnt)
		sys_close(open_tokens[--token_cnt]);
	atomic_store(&changing, 0);
	atomic_store(&forking, 0);
}

int token_start(void)
{
	return config.token ? -pthread_atfork(before_fork, after_fork, token_adopt) : 0;
}

/* ---- making them --------------------------------------------------------------------------------- */

/** Out of the tool's way, which may close all fds that it does not know and open its own meanwhile. */
static long create_token(const char **why)
{
	long fd = bpf_create_token(config.token, why), apart = fd < 0 ? fd : fd_limit_dup_apart((int)fd);

	if (apart < 0)
		return fd;
	sys_close((int)fd);
	return apart;
}

long token_open(void)
{
	static int last_failure;
	struct fd_limit limit = { 0 };
	const char *why = "too many are in use";
	long fd = -EMFILE;

	if (!config.token)
		return -ENOENT;
	change_begin();
	while (token_cnt < MOST_TOKENS) {
		fd = create_token(&why);
		if (fd != -EMFILE || !fd_limit_raise(&limit, 0))
			break;
	}
	fd_limit_restore(&limit);
	if (fd >= 0) {
		open_tokens[token_cnt++] = (int)fd;
		token_note_use();
	}
	change_end();
	if (fd < 0 && fd != last_failure)
		log_line(LOG_WARN, "no BPF token of %s (%s): %s; going on without", config.token,
			 errno_name((int)-fd), why);
	last_failure = (int)fd;
	return fd;
}

void token_close(long token_fd)
{
	int i = 0;

	if (token_fd < 0)
		return;
	change_begin();
	while (i < token_cnt && open_tokens[i] != token_fd)
		i++;
	/* In a child that a signal's handler made meanwhile it is closed already. */
	if (i < token_cnt) {
		open_tokens[i] = open_tokens[--token_cnt];
		sys_close((int)token_fd);
	}
	change_end();
}

static long open_locked(void)
{
	sigset_t signals;
	long fd;

	engine_lock(&signals);
	fd = token_open();
	engine_unlock(&signals);
	return fd;
}

static void close_locked(long token_fd)
{
	sigset_t signals;

	engine_lock(&signals);
	token_close(token_fd);
	engine_unlock(&signals);
}

bool token_is_at_hand(const struct uapi_prog_load *load)
{
	long token_fd;

	if (load->prog_flags & UAPI_BPF_F_TOKEN_FD)
		return true;
	token_fd = config.token ? open_locked() : -ENOENT;
	if (token_fd < 0)
		return false;
	close_locked(token_fd);
	return true;
}

/* ---- adding them to calls ------------------------------------------------------------------------ */

/* Where a command's attributes have what concerns tokens, in bytes from their beginning. */
struct layout {
	unsigned int flags, fd;
	unsigned int written; /* the 32 bits that the kernel writes back, or 0 */
	unsigned int size;
};

static const struct layout *layout_of(int cmd)
{
	static const struct layout prog_load = {
		.flags = offsetof(struct uapi_prog_load, prog_flags),
		.fd = offsetof(struct uapi_prog_load, prog_token_fd),
		.written = offsetof(struct uapi_prog_load, log_true_size),
		.size = sizeof(struct uapi_prog_load),
	};
	static const struct layout map_create = {
		.flags = offsetof(struct uapi_map_create, map_flags),
		.fd = offsetof(struct uapi_map_create, map_token_fd),
		.size = BPF_ATTR_END(struct uapi_map_create, excl_prog_hash_size),
	};
	static const struct layout btf_load = {
		.flags = offsetof(struct uapi_btf_load, btf_flags),
		.fd = offsetof(struct uapi_btf_load, btf_token_fd),
		.written = offsetof(struct uapi_btf_load, btf_log_true_size),
		.size = sizeof(struct uapi_btf_load),
	};

	return cmd == BPF_PROG_LOAD ? &prog_load : cmd == BPF_MAP_CREATE ? &map_create : &btf_load;
}

static uint32_t *field(union uapi_bpf_attr *attr, unsigned int offset)
{
	return (uint32_t *)((char *)attr + offset);
}

/**
 * A token allows program types and expected attach types. Programs of these types, which libbpf loads to see
 * whether it may and what the kernel can do, have none: any that is delegated will do.
 */
static bool any_attach_type_will_do(const struct bpf_call *call)
{
	const struct uapi_prog_load *load = &call->known.prog_load;

	return call_command(call) == BPF_PROG_LOAD && !load->expected_attach_type &&
	       (load->prog_type == BPF_PROG_TYPE_SOCKET_FILTER ||
		load->prog_type == BPF_PROG_TYPE_TRACEPOINT);
}

/** With a token of ours or, in the same place, the tool's own. */
static long forward_with(const struct bpf_call *call, const struct layout *layout, int token_fd)
{
	static const uint32_t multi_types[] = { UAPI_BPF_TRACE_UPROBE_MULTI, UAPI_BPF_TRACE_KPROBE_MULTI };
	union uapi_bpf_attr attr = call->known;
	struct bpf_call changed = call_with(call, &attr, layout->size);
	const unsigned int needed = layout->fd + sizeof(uint32_t);
	uint32_t *written = layout->written ? field(&attr, layout->written) : NULL;
	const uint32_t before = written ? *written : 0;
	long result;

	*field(&attr, layout->flags) |= UAPI_BPF_F_TOKEN_FD;
	*field(&attr, layout->fd) = (uint32_t)token_fd;
	if (changed.size < needed)
		changed.size = needed;
	result = call_forward(&changed);
	for (int i = 0; result == -EPERM && i < 2 && any_attach_type_will_do(call); i++) {
		attr.prog_load.expected_attach_type = multi_types[i];
		result = call_forward(&changed);
	}
	if (written && *written != before && call->size >= layout->written + sizeof(before))
		memcpy((char *)call->attr + layout->written, written, sizeof(before));
	if (result == -EPERM)
		token_tell_refused(token_fd, call);
	return result;
}

/** The tool's own token: the call goes as it is, unless any attach type will do. */
static long forward_its_own(const struct bpf_call *call, const struct layout *layout, int token_fd)
{
	long result = call_forward(call);

	token_note_use();
	if (result == -EPERM && any_attach_type_will_do(call) && call_is_known(call, layout->size))
		return forward_with(call, layout, token_fd);
	if (result == -EPERM)
		token_tell_refused(token_fd, call);
	return result;
}

long token_forward(const struct bpf_call *call)
{
	const struct layout *layout = layout_of(call_command(call));
	union uapi_bpf_attr known = call->known;
	long token_fd, result;

	if (*field(&known, layout->flags) & UAPI_BPF_F_TOKEN_FD)
		return forward_its_own(call, layout, (int)*field(&known, layout->fd));
	if (!config.token || !call_is_known(call, layout->size))
		return call_forward(call);
	token_fd = open_locked();
	if (token_fd < 0)
		return call_forward(call);
	result = forward_with(call, layout, (int)token_fd);
	close_locked(token_fd);
	/* What the token does not give is the tool's own matter again. */
	return result == -EPERM ? call_forward(call) : result;
}
