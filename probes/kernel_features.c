// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "kernel_features.h"

void features_probe(struct features *features)
{
	*features = (struct features){
		.uprobe_pmu_type = uprobe_pmu_type(),
		.uprobe_multi_link = probe_uprobe_multi_link(),
		.sessions = probe_uprobe_session(),
		.kprobe_multi_link = probe_kprobe_multi_link(),
		.cookie = probe_bpf_cookie(),
		.prog_array_checked = probe_prog_array_checks_attach_type(),
	};
	if (features->uprobe_multi_link)
		features->pid_filter = probe_uprobe_multi_pid_filter();
	else
		features->no_uprobe_multi_link = probe_no_uprobe_multi_link();
	/* In sessions the return value means something, so their kernel ignores it everywhere else. */
	features->return_ignored =
		features->sessions || (features->uprobe_multi_link && probe_newer_than_sessions());
}
