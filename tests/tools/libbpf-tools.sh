# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# shellcheck shell=bash
# shellcheck disable=SC2154 # scripts/compat-tools sets them
# libbpf-tools, which link libbpf statically: 1.1, 1.5 and 1.7.

rows_of_libbpf_tools() {
	local suffix=-libbpf
	[[ $suite != bookworm ]] || suffix=
	row bashreadline bash 'matches ": upshift.*"' "bashreadline$suffix"
	row "funclatency, program" target histogram "funclatency$suffix" /opt/upshift/target:nap
	row "funclatency -p, libc" target histogram "funclatency$suffix" -p %pid% c:getaddrinfo
	row gethostlatency target 'lines "127.0.0" 3 5' "gethostlatency$suffix"
	row "gethostlatency -p" target 'lines "127.0.0" 3 5' "gethostlatency$suffix" -p %pid%
	# That of 0.31 and 0.37 is refused by the libbpf that is linked into it.
	cannot='find USDT support BPF maps' row javagc java 'lines "^[0-9:]+ +[0-9]+ +[0-9]+" 3' "javagc$suffix" -p %pid% -t 0
	[[ $suite == bookworm ]] ||
		end=itself row memleak target 'matches "^[0-9]+ bytes in [0-9]+ allocations"' "memleak$suffix" -p %pid% 4 1
}
