# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # scripts/compat-tools sets them
# Is there a row for each of a release's tools that use uprobes or USDT?

# Of the libbpf-tools' strings that look like a uprobe section, most are libbpf's own and the same in all; a tool
# with others has programs of such sections. (funclatency's sections say kprobe, and it has a row.)
libbpf_tools_with_uprobes() {
	local tool
	grep -l 'libbpf: ' "$dir"/usr/sbin/* | while read -r tool; do
		printf '%s %s\n' "${tool##*/}" "$(strings -a "$tool" | grep -xE '(u(ret)?probe|usdt)(\.s)?(/.*)?' | sort | tr '\n' ' ')"
	done | awk '{ tool = $1; $1 = ""; sections[tool] = $0; if (++tools[$0] > most) { most = tools[$0]; usual = $0 } }
		END { for (tool in sections) if (sections[tool] != usual) print tool }'
}

# tplist only lists USDTs.
bcc_tools_with_uprobes() {
	grep -lEI 'attach_u(ret)?probe|USDT\(' "$dir"/usr/sbin/* | sed 's|.*/||' | grep -vx tplist-bpfcc
}

bpftrace_tools_with_uprobes() { grep -lE '^(u(ret)?probe|usdt):' "$dir"/usr/sbin/*.bt | sed 's|.*/||'; }

tools_without_row() {
	local globs=('*') # rows that are not selected count, too
	{ libbpf_tools_with_uprobes; bcc_tools_with_uprobes; bpftrace_tools_with_uprobes; } | sort -u |
		grep -vxFf <(list=commands all_rows) || true
}
