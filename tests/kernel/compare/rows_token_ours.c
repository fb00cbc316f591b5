// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/token_ours.c, and scenarios of other tables in a namespace with a BPF token. */
#include <stddef.h>
#include "row.h"

/* What it takes, and no more. By tracepoint programs libbpf sees whether there are perf links, and so
 * cookies. */
#define DELEGATE_WITH(maps)                                               \
	"delegate_cmds=map_create:prog_load:btf_load delegate_maps=" maps \
	" delegate_progs=kprobe:socket_filter:tracepoint delegate_attachs=trace_uprobe_multi"
#define DELEGATE   DELEGATE_WITH("hash:array")
#define OURS       "UPSHIFT_TOKEN=/sys/fs/bpf"
#define LIBBPFS    "LIBBPF_BPF_TOKEN_PATH=/sys/fs/bpf"
#define ALL_BUILDS (SHARED | STATIC | DLOPEN)

#define NOT_DELEGATED                       \
	"xdp program EPERM\n"               \
	"raw tracepoint program EPERM\n"    \
	"program of an attach type EPERM\n" \
	"queue EPERM\n"                     \
	"stack trace map EPERM\n"           \
	"program by id EPERM\n"             \
	"map by id EPERM\n"                 \
	"a link by id EPERM\n"              \
	"next program EPERM\n"              \
	"statistics EPERM\n"                \
	"perf buffer EACCES\n"              \
	"cycles of everybody EACCES\n"      \
	"tracepoint EACCES\n"

/* As everywhere else: what a scenario of another table prints, and its links with upshift. */
#define AS_ALWAYS(scenario_, settings_, links, links_with_static)                        \
	{                                                                                \
		.name = "token-" scenario_, .scenario = scenario_, .builds = ALL_BUILDS, \
		.delegate = DELEGATE, .settings = settings_, .with = links,              \
		.with_static = links_with_static,                                        \
	}

const struct row token_ours_rows[] = {
	{
		.name = "token-not-delegated",
		.builds = ALL_BUILDS,
		.delegate = DELEGATE,
		.expect = NOT_DELEGATED,
		.without = "",
		.with = "",
	},
	{
		.name = "token-not-delegated-ours",
		.scenario = "token-not-delegated",
		.builds = ALL_BUILDS,
		.delegate = DELEGATE,
		.settings = OURS,
		/* xdp and raw_tracepoint (2 each), perf_event, queue, stack_trace, a perf buffer, a perf
		   event */
		.complaints = 9,
		.complains =
			"BPF token of /sys/fs/bpf allows no programs of type xdp: mount its BPF file system "
			"with "
			"delegate_progs=...:xdp\n|delegate_attachs=...:xdp\n|"
			"delegate_progs=...:raw_tracepoint\n|delegate_attachs=...:cgroup_inet_ingress\n|"
			"delegate_attachs=...:perf_event\n|delegate_maps=...:queue\n|"
			"delegate_maps=...:stack_trace\n|a perf buffer is refused (perf_event_open, EACCES)|"
			"a perf event is refused (perf_event_open, EACCES)",
		.with = "",
	},
	{
		.name = "token-children",
		.delegate = DELEGATE,
		.expect = "load EPERM\n",
		.without = "",
		.with = "",
	},
	{
		.name = "token-children-ours",
		.scenario = "token-children",
		.delegate = DELEGATE,
		.settings = OURS,
		.expect = "load ok\n"
			  "in children 0, in commands 0, left 0\n"
			  "own token ok, seen 1\n",
		.with = "",
	},
	{
		.name = "token-ring",
		.builds = ALL_BUILDS,
		.delegate = DELEGATE_WITH("array:percpu_array:ringbuf"),
		.expect = "load EPERM\n",
		.without = "",
		.with = "",
	},
	{
		.name = "token-ring-ours",
		.scenario = "token-ring",
		.builds = ALL_BUILDS,
		.delegate = DELEGATE_WITH("array:percpu_array:ringbuf"),
		.settings = OURS,
		.expect = "load ok\n"
			  "events 4, sum 10\n"
			  "count 4, last 4\n",
		.with = "uprobe_multi=1",
	},
	{
		.name = "token-ring-by-itself",
		.delegate = DELEGATE_WITH("array:percpu_array:ringbuf"),
		.expect = "load ok\n"
			  "events 4, sum 10\n"
			  "count 4, last 4\n",
		.with = "uprobe_multi=1",
		.only_with = true,
	},
	AS_ALWAYS("cookies", OURS, "uprobe_multi=3", NULL),
	AS_ALWAYS("return", LIBBPFS, "uprobe_multi=1", NULL),
	AS_ALWAYS("plain-call", OURS, "uprobe_multi=2", NULL),
	AS_ALWAYS("kprobe-section", OURS, "uprobe_multi=1", NULL),
	AS_ALWAYS("returns-one", OURS, "uprobe_multi=1", NULL),
	AS_ALWAYS("sleepable", OURS, "uprobe_multi=1", NULL),
	AS_ALWAYS("pid-another-process", OURS, "uprobe_multi=1", NULL),
	AS_ALWAYS("usdt-many", OURS, "uprobe_multi=1/5", "uprobe_multi=5|uprobe_multi=1/5"),
	AS_ALWAYS("usdt-many-pid", LIBBPFS, "uprobe_multi=1/5", "uprobe_multi=5|uprobe_multi=1/5"),
	AS_ALWAYS("bcc-return", OURS, "uprobe_multi=1", NULL),
	AS_ALWAYS("exit-with-links", OURS, "uprobe_multi=2", NULL),
	{},
};
