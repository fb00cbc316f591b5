/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The part of the kernel's BPF interface that is newer than Debian 12's headers (Linux 6.1), under names
 * of our own so that newer headers do not clash. Values from include/uapi/linux/bpf.h; each says in which
 * Linux it came.
 */
#ifndef UPSHIFT_UAPI_H
#define UPSHIFT_UAPI_H

#include <linux/bpf.h>

enum {
	UAPI_BPF_TRACE_KPROBE_MULTI = 42,   /* 5.18 */
	UAPI_BPF_TRACE_UPROBE_MULTI = 48,   /* 6.6 */
	UAPI_BPF_TRACE_UPROBE_SESSION = 57, /* 6.13 */
};

enum {
	UAPI_BPF_TOKEN_CREATE = 36, /* 6.9 */
};

enum {
	UAPI_BPF_LINK_TYPE_KPROBE_MULTI = 8,  /* 5.18 */
	UAPI_BPF_LINK_TYPE_UPROBE_MULTI = 12, /* 6.6 */
};

enum {
	UAPI_BPF_F_KPROBE_MULTI_RETURN = 1 << 0, /* 5.18, link_create.kprobe_multi.flags */
	UAPI_BPF_F_UPROBE_MULTI_RETURN = 1 << 0, /* 6.6, link_create.uprobe_multi.flags */
	UAPI_BPF_F_TOKEN_FD = 1 << 16,           /* 6.9, prog_flags, map_flags, btf_flags */
	UAPI_BPF_F_PATH_FD = 1 << 14,            /* 6.5, file_flags of BPF_OBJ_PIN */
	UAPI_BPF_COMMON_ATTRS = 1 << 16,         /* 7.x: the command carries two more arguments */
};

/** bpf_attr of BPF_PROG_LOAD, up to Linux 7.x; the kernel takes any prefix of it. */
struct uapi_prog_load {
	__u32 prog_type;
	__u32 insn_cnt;
	__aligned_u64 insns;
	__aligned_u64 license;
	__u32 log_level;
	__u32 log_size;
	__aligned_u64 log_buf;
	__u32 kern_version;
	__u32 prog_flags;
	char prog_name[BPF_OBJ_NAME_LEN];
	__u32 prog_ifindex;
	__u32 expected_attach_type;
	__u32 prog_btf_fd;
	__u32 func_info_rec_size;
	__aligned_u64 func_info;
	__u32 func_info_cnt;
	__u32 line_info_rec_size;
	__aligned_u64 line_info;
	__u32 line_info_cnt;
	__u32 attach_btf_id;
	__u32 attach_prog_fd;
	__u32 core_relo_cnt;
	__aligned_u64 fd_array;
	__aligned_u64 core_relos;
	__u32 core_relo_rec_size;
	__u32 log_true_size;     /* 6.4, output */
	__s32 prog_token_fd;     /* 6.9 */
	__u32 fd_array_cnt;      /* 6.14 */
	__aligned_u64 signature; /* 6.18 */
	__u32 signature_size;    /* 6.18 */
	__s32 keyring_id;        /* 6.18 */
};

/** bpf_attr of BPF_MAP_CREATE, likewise. */
struct uapi_map_create {
	__u32 map_type;
	__u32 key_size;
	__u32 value_size;
	__u32 max_entries;
	__u32 map_flags;
	__u32 inner_map_fd;
	__u32 numa_node;
	char map_name[BPF_OBJ_NAME_LEN];
	__u32 map_ifindex;
	__u32 btf_fd;
	__u32 btf_key_type_id;
	__u32 btf_value_type_id;
	__u32 btf_vmlinux_value_type_id;
	__u64 map_extra;
	__s32 value_type_btf_obj_fd;  /* 6.9 */
	__s32 map_token_fd;           /* 6.9 */
	__aligned_u64 excl_prog_hash; /* 6.18 */
	__u32 excl_prog_hash_size;    /* 6.18 */
};

/** bpf_attr of BPF_BTF_LOAD, likewise. */
struct uapi_btf_load {
	__aligned_u64 btf;
	__aligned_u64 btf_log_buf;
	__u32 btf_size;
	__u32 btf_log_size;
	__u32 btf_log_level;
	__u32 btf_log_true_size; /* 6.4, output */
	__u32 btf_flags;         /* 6.9 */
	__s32 btf_token_fd;      /* 6.9 */
};

/** bpf_attr of BPF_OBJ_PIN. */
struct uapi_obj {
	__aligned_u64 pathname;
	__u32 bpf_fd;
	__u32 file_flags;
	__s32 path_fd; /* 6.5 */
};

/** bpf_attr of BPF_TOKEN_CREATE. */
struct uapi_token_create {
	__u32 flags;
	__u32 bpffs_fd;
};

/** bpf_attr of BPF_LINK_CREATE for the kinds of link that upshift makes or looks at. */
struct uapi_link_create {
	__u32 prog_fd;
	__u32 target_fd;
	__u32 attach_type;
	__u32 flags;
	union {
		struct {
			__u64 bpf_cookie;
		} perf_event;
		struct {
			__u32 flags;
			__u32 cnt;
			__aligned_u64 syms;
			__aligned_u64 addrs;
			__aligned_u64 cookies;
		} kprobe_multi;
		struct {
			__aligned_u64 path;
			__aligned_u64 offsets;
			__aligned_u64 ref_ctr_offsets;
			__aligned_u64 cookies;
			__u32 cnt;
			__u32 flags;
			__u32 pid;
			__u32 reserved;
		} uprobe_multi; /* 6.6 */
	};
};

/** The largest bpf_attr that is known here. */
union uapi_bpf_attr {
	union bpf_attr base;
	struct uapi_prog_load prog_load;
	struct uapi_link_create link_create;
	struct uapi_map_create map_create;
	struct uapi_btf_load btf_load;
	struct uapi_token_create token_create;
};

#endif
