// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For what the environment says, over scenarios of the other kprobe tables. */
#include "row.h"

const struct row kprobe_settings_rows[] = {
	{
		.name = "kprobe-off",
		.scenario = "kprobe-entry-and-return",
		.settings = "UPSHIFT_KPROBES=off",
		.with = "perf_event=2",
	},
	{
		.name = "kprobe-off-bcc",
		.scenario = "kprobe-bcc-entry",
		.settings = "UPSHIFT_KPROBES=off",
		.with = "none",
	},
	{
		.name = "kprobe-skip-program",
		.scenario = "kprobe-entry-and-return",
		.settings = "UPSHIFT_SKIP=leave",
		.with = "perf_event=1 kprobe_multi=1",
		.reason = "UPSHIFT_SKIP",
	},
	{
		.name = "kprobe-skip-function",
		.scenario = "kprobe-cookies",
		.settings = "UPSHIFT_SKIP=*_sys_getsid:*_priority_m?n",
		.with = "perf_event=2 kprobe_multi=2",
		.reason = "UPSHIFT_SKIP",
	},
	{
		.name = "kprobe-skip-section",
		.scenario = "kprobe-entry-and-return",
		.builds = SHARED | DLOPEN,
		.settings = "UPSHIFT_SKIP=kretprobe*",
		.with = "perf_event=1 kprobe_multi=1",
		.reason = "UPSHIFT_SKIP",
	},
	{
		.name = "kprobe-only-function",
		.scenario = "kprobe-cookies",
		.settings = "UPSHIFT_ONLY=*_sys_getsid",
		.with = "perf_event=3 kprobe_multi=1",
		.reason = "UPSHIFT_ONLY",
	},
	{
		.name = "kprobe-only-bcc",
		.scenario = "kprobe-bcc-entry",
		.settings = "UPSHIFT_ONLY=*_getsid",
		.with = "none",
		.reason = "UPSHIFT_ONLY",
	},
	{
		.name = "kprobe-require",
		.scenario = "kprobe-entry",
		.settings = "UPSHIFT=require",
		.with = "kprobe_multi=1",
	},
	{
		.name = "kprobe-require-bcc",
		.scenario = "kprobe-bcc-entry",
		.settings = "UPSHIFT=require",
		.with = "kprobe_multi=1",
	},
	{
		.name = "kprobe-require-offset",
		.scenario = "kprobe-offset",
		.settings = "UPSHIFT=require",
		.with = "perf_event=1",
		.reason = "at an offset",
	},
	{
		.name = "kprobe-sync",
		.scenario = "kprobe-cookies",
		.settings = "UPSHIFT_DETACH=sync",
		.with = "kprobe_multi=4",
	},
	{
		.name = "kprobe-sync-again",
		.scenario = "kprobe-again",
		.settings = "UPSHIFT_DETACH=sync",
		.with = "kprobe_multi=1; kprobe_multi=1; kprobe_multi=1; kprobe_multi=1",
	},
	{
		.name = "kprobe-async",
		.scenario = "kprobe-left-at-exit",
		.settings = "UPSHIFT_DETACH=async",
		.with = "kprobe_multi=5",
	},
	{},
};
