// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "scope.h"

#include <errno.h>

#include "engine.h"

void libbpf_scope_begin(struct libbpf_scope *scope, bool whole_object)
{
	*scope = (struct libbpf_scope){ .detach.must_wait = whole_object };
	scope->before = hints_set_detach_scope(&scope->detach);
}

void libbpf_scope_end(struct libbpf_scope *scope)
{
	const int saved_errno = errno;

	hints_set_detach_scope(scope->before);
	if (scope->before) {
		scope->before->links += scope->detach.links;
		scope->before->must_wait |= scope->detach.must_wait || scope->before->links > 1;
	} else if (scope->detach.must_wait && engine_on()) {
		engine_settle();
	}
	errno = saved_errno;
}
