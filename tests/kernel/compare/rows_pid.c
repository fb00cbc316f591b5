// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/pid.c: what is traced in one process stays on perf. With UPSHIFT_PID=multi there is R5. */
#include "row.h"

/* A scenario with what R11 is there for left out of account. */
#define PID_MULTI(of, links, ...)                                                                    \
	{                                                                                            \
		.name = of "-multi", .scenario = of, .settings = "UPSHIFT_PID=multi", .with = links, \
		##__VA_ARGS__                                                                        \
	}

const struct row pid_rows[] = {
	{
		.name = "pid-zero",
		.expect = "hits self entry lib_f0+0 cookie=1 count=4 sum=7\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
		.reason = "it is for one process",
	},
	{
		.name = "pid-own",
		.expect = "hits self entry lib_f0+0 cookie=1 count=4 sum=7\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
		.reason = "it is for one process",
	},
	{
		.name = "pid-zero-own-executable",
		.expect = "hits self entry self_f+0 cookie=1 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
		.reason = "it is for one process",
	},
	{
		.name = "pid-all-own-executable",
		.expect = "hits self entry self_f+0 cookie=1 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "pid-all",
		.expect = "hits later entry f0+0 cookie=1 count=5 sum=15\n"
			  "hits other entry f0+0 cookie=1 count=4 sum=10\n"
			  "hits target entry f0+0 cookie=1 count=5 sum=9\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "pid-another-process",
		.expect = "hits target entry f0+0 cookie=1 count=5 sum=9\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
		.reason = "it is for one process",
	},
	{
		.name = "pid-thread",
		.expect = "hits target entry f0+0 cookie=1 count=5 sum=9\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
		.reason = "it is for one process",
	},
	{
		.name = "pid-thread-return",
		.expect = "hits target return f1+0 cookie=1 count=3 sum=604\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
		.reason = "it is for one process",
	},
	{
		.name = "pid-forked-child",
		.expect = "hits target entry f0+0 cookie=1 count=3 sum=4\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
		.reason = "it is for one process",
	},
	{
		.name = "pid-all-forked-child",
		.expect = "hits child entry f0+0 cookie=1 count=7 sum=28\n"
			  "hits target entry f0+0 cookie=1 count=1 sum=1\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "pid-child-unwinds",
		.expect = "child ends as it should\n"
			  "child ends as it should\n"
			  "hits target entry f_unwound+0 cookie=1 count=3 sum=4\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
	},
	{
		.name = "pid-child-unwinds-return",
		.expect = "child ends as it should\n"
			  "child ends as it should\n"
			  "hits target return f_unwound+0 cookie=1 count=3 sum=2104\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
	},
	{
		.name = "pid-nobody",
		.expect = "gone ESRCH\n"
			  "never ESRCH\n"
			  "hits none\n",
		.without = "none",
		.with = "none",
	},
	{
		.name = "pid-require",
		.scenario = "pid-another-process",
		.settings = "UPSHIFT=require",
		.with = "perf_event=1",
	},
	PID_MULTI("pid-zero", "uprobe_multi=1"),
	PID_MULTI("pid-own", "uprobe_multi=1"),
	PID_MULTI("pid-zero-own-executable", "uprobe_multi=1"),
	PID_MULTI("pid-another-process", "uprobe_multi=1"),
	PID_MULTI("pid-thread", "uprobe_multi=1"),
	PID_MULTI("pid-thread-return", "uprobe_multi=1"),
	PID_MULTI("pid-forked-child", "uprobe_multi=1"),
	PID_MULTI("pid-nobody", "none"),
	PID_MULTI("bcc-pid", "uprobe_multi=1"),
	PID_MULTI("own-perf-event", "uprobe_multi=2"),
	PID_MULTI("usdt-many-pid", "uprobe_multi=1/5", .with_static = "uprobe_multi=5|uprobe_multi=1/5"),
	PID_MULTI("usdt-one-pid", "uprobe_multi=1"),
	PID_MULTI("detach-itself", ""),
	{},
};
