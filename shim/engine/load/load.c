// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "load.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "bpf.h"
#include "config.h"
#include "features_cache.h"
#include "hints.h"
#include "insns.h"
#include "policy.h"
#include "process.h"
#include "program.h"
#include "report.h"
#include "token.h"

static atomic_bool have_prog_array;

/**
 * Which of the multi variants a section asks for. That for uprobes if it says nothing: by such a program some
 * tools trace functions of either kind. Under a token, where only one of them can be had, that one.
 */
static enum variant multi_variant_of(const struct load_hint *hint, bool token)
{
	const bool of_kprobes = hint && hint->wish == SECTION_KPROBE_MULTI;
	const struct features *features = features_cached();

	if (token && config.kprobes) {
		const bool kprobes = !policy_kernel(features, true).reason;

		if (features->uprobe_multi_link != kprobes)
			return kprobes ? VARIANT_KPROBE_MULTI : VARIANT_UPROBE_MULTI;
	}
	return of_kprobes ? VARIANT_KPROBE_MULTI : VARIANT_UPROBE_MULTI;
}

/** Not yet seen by the kernel: the instructions may not be there. NULL if so, or for want of memory. */
static struct bpf_insn *copy_insns(const struct uapi_prog_load *load)
{
	enum { MOST = 1000000 }; /* BPF_COMPLEXITY_LIMIT_INSNS in linux/bpf_verifier.h */
	const size_t size = load->insn_cnt * sizeof(struct bpf_insn);
	struct bpf_insn *insns = load->insn_cnt && load->insn_cnt <= MOST ? malloc(size) : NULL;

	if (insns && !kernel_copy_from(insns, u64_to_ptr(load->insns), size))
		return insns;
	free(insns);
	return NULL;
}

/** What speaks against loading the multi variant in the tool's place, before there is a struct program. */
static const char *reason_for_single(const struct uapi_prog_load *load, const struct load_hint *hint,
				     const struct bpf_insn *insns, enum variant variant, bool token)
{
	const struct load_hint none = { .program = load->prog_name }, *known = hint ? hint : &none;
	const bool kprobe = variant == VARIANT_KPROBE_MULTI;
	struct program program = {
		.name = (char *)known->program,
		.section = (char *)known->section,
		.wish = known->wish,
		.in_prog_array = known->has_prog_array,
		.sleepable = load->prog_flags & BPF_F_SLEEPABLE,
		.facts = insns_read(insns, load->insn_cnt),
	};
	struct features features = *features_cached();
	struct verdict verdict = policy_configured(&program, NULL);

	/* R4, and which registers there are, is for the attach. Until then such a program is only to be
	 * loaded, with the rest of its object. */
	features.return_ignored |= token;
	if (token)
		program.facts.context_reads = 0;
	if (!verdict.reason)
		verdict = policy_kernel(&features, kprobe);
	if (!verdict.reason && kprobe)
		verdict = policy_kprobe_program(
			&program, strncmp(known->section ? known->section : "", "kret", 4) == 0);
	else if (!verdict.reason)
		verdict = policy_program(&program, &features);
	return verdict.reason;
}

/** Loads with a multi type in place of none; all else, and what the kernel writes back, is the tool's. */
static long load_multi(const struct bpf_call *call, const struct uapi_prog_load *load, enum variant variant)
{
	struct uapi_prog_load multi = *load;
	struct bpf_call changed = call_with(call, &multi, sizeof(multi));
	const unsigned int needed = BPF_ATTR_END(struct uapi_prog_load, expected_attach_type);
	long fd;

	multi.expected_attach_type = variant_attach_type(variant);
	changed.known.prog_load = multi;
	if (changed.size < needed)
		changed.size = needed;
	fd = token_forward(&changed);
	if (multi.log_true_size != load->log_true_size &&
	    CALL_HAS(call, struct uapi_prog_load, log_true_size))
		((struct uapi_prog_load *)call->attr)->log_true_size = multi.log_true_size;
	return fd;
}

static void report_load(const struct program *program, const struct uapi_prog_load *load, const char *reason)
{
	const struct report_line line = {
		.event = "load",
		.program = program ? program->name : load->prog_name,
		.section = program ? program->section : NULL,
		.path = program && variant_is_multi(program->variant) ? REPORT_MULTI : REPORT_PERF,
		.reason = reason,
	};

	report(&line);
}

/** Remembers a program that the tool has loaded, as it is. */
static void remember(int fd, const struct uapi_prog_load *load, const struct load_hint *hint,
		     const char *reason)
{
	const uint32_t type = load->expected_attach_type;
	struct program *program;
	sigset_t signals;

	if (type)
		reason = "the tool set the expected attach type itself";
	engine_lock(&signals);
	program = program_remember(fd, load, hint, variant_of_attach_type(type), type != 0);
	report_load(program, load, reason);
	engine_unlock(&signals);
}

/**
 * Loads the multi variant in the tool's place. -EOPNOTSUPP where that is not to be, any errno where the
 * kernel does not want it. It counts only if the single variant can be had from it, should a perf event need
 * that (R1).
 */
static long load_in_its_place(const struct bpf_call *call, const struct uapi_prog_load *load,
			      const struct load_hint *hint, bool token, const char **reason)
{
	struct bpf_insn *insns = copy_insns(load);
	enum variant variant;
	struct program *program;
	sigset_t signals;
	long fd;

	*reason = "its instructions cannot be read";
	if (!insns)
		return -EOPNOTSUPP;
	engine_lock(&signals);
	variant = multi_variant_of(hint, token);
	*reason = reason_for_single(load, hint, insns, variant, token);
	engine_unlock(&signals);
	free(insns);
	if (*reason)
		return -EOPNOTSUPP;
	fd = load_multi(call, load, variant);
	*reason = fd < 0 ? "the kernel refused the multi variant at the load" :
		  token  ? "eligible, loaded with a BPF token" :
			   "eligible by its section";
	if (fd < 0)
		return fd;
	engine_lock(&signals);
	program = program_remember((int)fd, load, hint, variant, false);
	if (program && program_is_repeatable(program)) {
		report_load(program, load, *reason);
	} else {
		*reason = "the program could not be loaded again for a perf event";
		if (program)
			program_forget(program);
		sys_close((int)fd);
		fd = -EOPNOTSUPP;
	}
	engine_unlock(&signals);
	return fd;
}

static void see_token(int token_fd)
{
	sigset_t signals;

	engine_lock(&signals);
	features_see_token(token_fd);
	engine_unlock(&signals);
}

/**
 * Is the multi variant to be tried first? Where the section asks for uprobes; and with a BPF token whatever
 * the section, because a token cannot open the perf event that the single variant is for, and need not allow
 * that.
 */
static bool multi_comes_first(const struct uapi_prog_load *load, const struct load_hint *hint, bool token)
{
	return !load->expected_attach_type && (token || (hint && hint->wish != SECTION_UNKNOWN));
}

long load_program(const struct bpf_call *call)
{
	const struct uapi_prog_load *load = &call->known.prog_load;
	const char *reason = "decided at the attach";
	const struct load_hint *hint;
	long fd, multi = -EOPNOTSUPP;
	bool token;

	if (load->prog_type != BPF_PROG_TYPE_KPROBE || !call_is_known(call, sizeof(*load))) {
		if (load->prog_type == BPF_PROG_TYPE_SYSCALL || load->prog_type == BPF_PROG_TYPE_KPROBE)
			programs_note_unseen(); /* the first kind is there to load others (light skeletons) */
		return token_forward(call);
	}
	token = token_is_at_hand(load);
	if (token)
		see_token(load->prog_flags & UAPI_BPF_F_TOKEN_FD ? load->prog_token_fd : -1);
	hint = hints_for_load(load->prog_name);
	if (multi_comes_first(load, hint, token))
		multi = load_in_its_place(call, load, hint, token, &reason);
	/* A signal is waiting: libbpf tries again. */
	if (multi >= 0 || multi == -EAGAIN)
		return multi;
	/* What the kernel has against the program itself: the single variant would be of no use. */
	if (token && multi != -EPERM && multi != -EOPNOTSUPP)
		return multi;
	fd = token_forward(call);
	if (fd >= 0)
		remember((int)fd, load, hint, reason);
	return fd;
}

/** Hands the call on with the fd of the single variant in place of the multi one that was our choice. */
static long forward_single(const struct bpf_call *call, struct program *program, union bpf_attr *attr,
			   __u32 *fd)
{
	const struct bpf_call changed = call_with(call, attr, sizeof(*attr));
	long single_fd = program_open(program, VARIANT_SINGLE), err;

	if (single_fd < 0)
		return single_fd;
	*fd = (__u32)single_fd;
	err = call_forward(&changed);
	sys_close((int)single_fd);
	return err;
}

long load_pin(const struct bpf_call *call)
{
	union bpf_attr attr = call->known.base;
	enum variant variant;
	struct program *program;
	sigset_t signals;
	long err;

	engine_lock(&signals);
	program = program_behind((int)attr.bpf_fd, &variant);
	if (program && variant_is_multi(variant) && !program->owner_chose)
		err = forward_single(call, program, &attr, &attr.bpf_fd);
	else
		err = call_forward(call);
	engine_unlock(&signals);
	return err;
}

/* ---- R3 ------------------------------------------------------------------------------------------ */

long load_create_map(const struct bpf_call *call)
{
	if (call->known.base.map_type == BPF_MAP_TYPE_PROG_ARRAY)
		atomic_store_explicit(&have_prog_array, true, memory_order_relaxed);
	return token_forward(call);
}

static bool is_prog_array(int fd)
{
	struct bpf_map_info info = { 0 };

	return bpf_info(fd, &info, BPF_ATTR_END(struct bpf_map_info, id)) == 0 &&
	       info.type == BPF_MAP_TYPE_PROG_ARRAY;
}

/**
 * Callers of tail calls are never upgraded, so whatever is put into a PROG_ARRAY has to be the single
 * variant, and is not upgraded from then on.
 */
static long put_into_prog_array(const struct bpf_call *call)
{
	union bpf_attr attr = call->known.base;
	struct program *program;
	enum variant variant;
	__u32 prog_fd;

	if (kernel_copy_from(&prog_fd, u64_to_ptr(attr.value), sizeof(prog_fd)))
		return call_forward(call);
	program = program_behind((int)prog_fd, &variant);
	if (!program || program->owner_chose)
		return call_forward(call);
	program->in_prog_array = true;
	if (!variant_is_multi(variant))
		return call_forward(call);
	attr.value = ptr_to_u64(&prog_fd);
	return forward_single(call, program, &attr, &prog_fd);
}

long load_update_map(struct bpf_call *call)
{
	const bool prog_array_seen = atomic_load_explicit(&have_prog_array, memory_order_relaxed);
	/* A kernel that refuses what must not be says so by itself: most updates stay one system call. */
	const bool ask_first = !prog_array_seen && (!programs_have_ours() || features_prog_array_checked());
	long err = ask_first ? call_forward(call) : -EINVAL;
	sigset_t signals;

	if (err != -EINVAL || (!prog_array_seen && !programs_have_ours()))
		return err;
	if (!call_copy_known(call) || !is_prog_array((int)call->known.base.map_fd))
		return ask_first ? err : call_forward(call);
	engine_lock(&signals);
	err = put_into_prog_array(call);
	engine_unlock(&signals);
	return err;
}
