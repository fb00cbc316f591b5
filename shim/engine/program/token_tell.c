// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "kernel.h"
#include "log.h"
#include "token.h"

/* What a token allows, by the mount option that delegates it. */
enum kind { CMDS, MAPS, PROGS, ATTACHS, KINDS };

/*
 * The names that the mount options take, by number: those of the enums bpf_cmd, bpf_map_type, bpf_prog_type
 * and bpf_attach_type without their prefixes. Of the commands, only those that take a token from us.
 */
static const char *const names[KINDS] = {
	[CMDS] = "map_create - - - - prog_load - - - - - - - - - - - - btf_load",
	[MAPS] =
		"unspec hash array prog_array perf_event_array percpu_hash percpu_array stack_trace "
		"cgroup_array "
		"lru_hash lru_percpu_hash lpm_trie array_of_maps hash_of_maps devmap sockmap cpumap xskmap "
		"sockhash "
		"cgroup_storage reuseport_sockarray percpu_cgroup_storage queue stack sk_storage devmap_hash "
		"struct_ops ringbuf inode_storage task_storage bloom_filter user_ringbuf cgrp_storage arena",
	[PROGS] =
		"unspec socket_filter kprobe sched_cls sched_act tracepoint xdp perf_event cgroup_skb "
		"cgroup_sock "
		"lwt_in lwt_out lwt_xmit sock_ops sk_skb cgroup_device sk_msg raw_tracepoint "
		"cgroup_sock_addr "
		"lwt_seg6local lirc_mode2 sk_reuseport flow_dissector cgroup_sysctl raw_tracepoint_writable "
		"cgroup_sockopt tracing struct_ops ext lsm sk_lookup syscall netfilter",
	[ATTACHS] =
		"cgroup_inet_ingress cgroup_inet_egress cgroup_inet_sock_create cgroup_sock_ops "
		"sk_skb_stream_parser sk_skb_stream_verdict cgroup_device sk_msg_verdict cgroup_inet4_bind "
		"cgroup_inet6_bind cgroup_inet4_connect cgroup_inet6_connect cgroup_inet4_post_bind "
		"cgroup_inet6_post_bind cgroup_udp4_sendmsg cgroup_udp6_sendmsg lirc_mode2 flow_dissector "
		"cgroup_sysctl cgroup_udp4_recvmsg cgroup_udp6_recvmsg cgroup_getsockopt cgroup_setsockopt "
		"trace_raw_tp trace_fentry trace_fexit modify_return lsm_mac trace_iter "
		"cgroup_inet4_getpeername cgroup_inet6_getpeername cgroup_inet4_getsockname "
		"cgroup_inet6_getsockname xdp_devmap cgroup_inet_sock_release xdp_cpumap sk_lookup xdp "
		"sk_skb_verdict sk_reuseport_select sk_reuseport_select_or_migrate perf_event "
		"trace_kprobe_multi lsm_cgroup struct_ops netfilter tcx_ingress tcx_egress "
		"trace_uprobe_multi cgroup_unix_connect cgroup_unix_sendmsg cgroup_unix_recvmsg "
		"cgroup_unix_getpeername cgroup_unix_getsockname netkit_primary netkit_peer "
		"trace_kprobe_session trace_uprobe_session",
};

static atomic_bool in_use;
static _Atomic uint64_t told[KINDS];
static atomic_uint told_perf;

void token_note_use(void)
{
	atomic_store_explicit(&in_use, true, memory_order_relaxed);
}

bool token_is_used(void)
{
	return atomic_load_explicit(&in_use, memory_order_relaxed);
}

/** A name, or the mask that the mount option takes as well. */
static void name_of(enum kind kind, uint32_t number, char *name, size_t size)
{
	const char *word = names[kind];

	for (uint32_t i = 0; i < number && word; i++) {
		word = strchr(word, ' ');
		word += word ? 1 : 0;
	}
	if (word)
		snprintf(name, size, "%.*s", (int)(strchrnul(word, ' ') - word), word);
	else
		snprintf(name, size, "%#" PRIx64, UINT64_C(1) << number);
}

/** From the lines that the kernel has about the token's fd: a mask each, or "any". */
static bool read_allowed(int token_fd, uint64_t allowed[KINDS])
{
	static const char *const lines[KINDS] = { "allowed_cmds:\t", "allowed_maps:\t", "allowed_progs:\t",
						  "allowed_attachs:\t" };
	char path[48], text[512];
	const char *line;

	snprintf(path, sizeof(path), "/proc/thread-self/fdinfo/%d", token_fd);
	if (kernel_read_file(path, text, sizeof(text)) <= 0)
		return false;
	for (int kind = 0; kind < KINDS; kind++) {
		line = strstr(text, lines[kind]);
		if (!line)
			return false;
		line += strlen(lines[kind]);
		allowed[kind] = strncmp(line, "any", 3) == 0 ? UINT64_MAX : strtoull(line, NULL, 16);
	}
	return true;
}

/** One line if the token lacks it. */
static void tell(const uint64_t allowed[KINDS], enum kind kind, uint32_t number)
{
	static const char *const options[KINDS] = { "cmds", "maps", "progs", "attachs" };
	static const char *const what[KINDS] = { "no command", "no maps of type", "no programs of type",
						 "no programs of expected attach type" };
	char name[48];

	if (number >= 64 || allowed[kind] >> number & 1 ||
	    atomic_fetch_or(&told[kind], UINT64_C(1) << number) >> number & 1)
		return;
	name_of(kind, number, name, sizeof(name));
	log_line(LOG_WARN, "the BPF token%s%s allows %s %s: mount its BPF file system with delegate_%s=%s%s",
		 config.token ? " of " : "", config.token ? config.token : "", what[kind], name,
		 options[kind], allowed[kind] ? "...:" : "", name);
}

static void tell_program(const uint64_t allowed[KINDS], uint32_t prog_type, uint32_t attach_type)
{
	const bool any_will_do = !attach_type && (prog_type == BPF_PROG_TYPE_SOCKET_FILTER ||
						  prog_type == BPF_PROG_TYPE_TRACEPOINT);
	const bool loadable = allowed[CMDS] >> BPF_PROG_LOAD & 1 && allowed[PROGS] >> prog_type & 1;
	/* The single variant, after the multi one was refused for the same reason or for its own type. */
	const bool second_choice =
		!attach_type && prog_type == BPF_PROG_TYPE_KPROBE &&
		(!loadable || atomic_load(&told[ATTACHS]) >> UAPI_BPF_TRACE_UPROBE_MULTI & 1);

	tell(allowed, CMDS, BPF_PROG_LOAD);
	tell(allowed, PROGS, prog_type);
	if (any_will_do && !(allowed[ATTACHS] & 1))
		attach_type = UAPI_BPF_TRACE_UPROBE_MULTI;
	if (!second_choice)
		tell(allowed, ATTACHS, attach_type);
}

void token_tell_program(int token_fd, uint32_t prog_type, uint32_t attach_type)
{
	uint64_t allowed[KINDS];

	if (read_allowed(token_fd, allowed))
		tell_program(allowed, prog_type, attach_type);
}

void token_tell_refused(int token_fd, const struct bpf_call *call)
{
	uint64_t allowed[KINDS];

	if (!read_allowed(token_fd, allowed))
		return;
	switch (call_command(call)) {
	case BPF_PROG_LOAD:
		tell_program(allowed, call->known.prog_load.prog_type,
			     call->known.prog_load.expected_attach_type);
		break;
	case BPF_MAP_CREATE:
		tell(allowed, CMDS, BPF_MAP_CREATE);
		tell(allowed, MAPS, call->known.map_create.map_type);
		break;
	default:
		tell(allowed, CMDS, BPF_BTF_LOAD);
	}
}

long token_tell_perf(long result, uint32_t type, uint64_t config_word, bool probe)
{
	enum { PROBE, BUFFER, OTHER };
	static const char *const what[] = {
		[PROBE] = "a probe on a perf event",
		[BUFFER] = "a perf buffer",
		[OTHER] = "a perf event",
	};
	const unsigned int which = probe ? PROBE :
				   type == PERF_TYPE_SOFTWARE && config_word == PERF_COUNT_SW_BPF_OUTPUT ?
					   BUFFER :
					   OTHER;

	if ((result != -EACCES && result != -EPERM) || !token_is_used() ||
	    atomic_fetch_or(&told_perf, 1u << which) >> which & 1)
		return result;
	log_line(LOG_WARN, "%s is refused (perf_event_open, %s): no BPF token covers perf events",
		 what[which], errno_name((int)-result));
	return result;
}
