// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* A tool with two skeletons and the shared libbpf. Nothing of it is ever run. */
#include "rules.skel.h"
#include "tail.skel.h"

int main(void)
{
	struct rules_bpf *rules = rules_bpf__open();
	struct tail_bpf *tail = tail_bpf__open();

	rules_bpf__destroy(rules);
	tail_bpf__destroy(tail);
	return 0;
}
