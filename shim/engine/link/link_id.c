// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "link_id.h"

#include <errno.h>

#include "bpf.h"

long link_behind(int fd, struct link_id *link)
{
	struct bpf_link_info info;
	long err = bpf_describe_link(fd, &info);

	*link = (struct link_id){ .id = err ? 0 : info.id, .type = err ? 0 : info.type };
	return err;
}

bool link_is(int fd, struct link_id link)
{
	struct link_id found;
	long err = link_behind(fd, &found);

	return err ? err != -EBADF && err != -EINVAL : found.id == link.id && found.type == link.type;
}
