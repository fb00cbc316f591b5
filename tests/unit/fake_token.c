// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* BPF tokens, and what takes one in a user namespace. */
#include "fake_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

long token_create(const struct uapi_token_create *attr)
{
	const struct fake_object *dir = object_at((int)attr->bpffs_fd, FAKE_FILE);

	if (!dir)
		return -EBADF;
	if (strcmp(dir->inode->path, FAKE_BPFFS) != 0)
		return -EINVAL;
	if (fake_features.token_errno || !fake_features.in_namespace)
		return fake_features.in_namespace ? -fake_features.token_errno : -EOPNOTSUPP;
	return fd_install(object_new(FAKE_TOKEN), 0, true);
}

/** What a token does not allow is as without one. */
static long permission(bool flag, int fd, bool allowed)
{
	const struct fake_object *token = object_any(fd);

	if (flag && !token)
		return -EBADF;
	if (flag && token->kind != FAKE_TOKEN)
		return -EINVAL;
	return fake_features.in_namespace && !(flag && allowed) ? -EPERM : 0;
}

static bool allows(uint64_t mask, uint32_t number)
{
	return number < 64 && mask >> number & 1;
}

long token_may_load(const struct uapi_prog_load *load)
{
	const bool flag = load->prog_flags & UAPI_BPF_F_TOKEN_FD;

	if (fake_features.needed_token)
		return flag && load->prog_token_fd == fake_features.needed_token ? 0 : -EPERM;
	return permission(flag, load->prog_token_fd,
			  allows(fake_features.token_cmds, BPF_PROG_LOAD) &&
				  allows(fake_features.token_progs, load->prog_type) &&
				  allows(fake_features.token_attachs, load->expected_attach_type));
}

long token_may_create(const struct uapi_map_create *attr)
{
	return permission(attr->map_flags & UAPI_BPF_F_TOKEN_FD, attr->map_token_fd,
			  allows(fake_features.token_cmds, BPF_MAP_CREATE) &&
				  allows(fake_features.token_maps, attr->map_type));
}

long token_may_load_btf(const struct uapi_btf_load *attr)
{
	return permission(attr->btf_flags & UAPI_BPF_F_TOKEN_FD, attr->btf_token_fd,
			  allows(fake_features.token_cmds, BPF_BTF_LOAD));
}

/* The kernel says "any" for all that it knows. */
static int print_mask(char *text, size_t size, const char *what, uint64_t mask)
{
	if (mask == UINT64_MAX)
		return snprintf(text, size, "allowed_%s:\tany\n", what);
	return snprintf(text, size, "allowed_%s:\t%#" PRIx64 "\n", what, mask);
}

struct fake_inode *token_fdinfo(int fd)
{
	static char text[256];
	static struct fake_inode inode = { .mode = S_IFREG | 0444, .on_procfs = true, .data = text };
	int len = 0;

	if (!object_at(fd, FAKE_TOKEN))
		return NULL;
	len += print_mask(text + len, sizeof(text) - (size_t)len, "cmds", fake_features.token_cmds);
	len += print_mask(text + len, sizeof(text) - (size_t)len, "maps", fake_features.token_maps);
	len += print_mask(text + len, sizeof(text) - (size_t)len, "progs", fake_features.token_progs);
	print_mask(text + len, sizeof(text) - (size_t)len, "attachs", fake_features.token_attachs);
	return &inode;
}
