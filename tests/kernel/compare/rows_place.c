// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/place.c. */
#include "row.h"

const struct row place_rows[] = {
	{
		.name = "by-offset",
		.expect = "hits target entry f1+0 cookie=1 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "by-name-and-offset",
		.expect = "hits target entry f_steps+4 cookie=0 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "offset-zero",
		.expect = "hits none\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "library-function",
		.expect = "hits target entry lib_f0+0 cookie=0 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "library-by-name",
		.expect = "hits target entry lib_f1+0 cookie=0 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "through-proc-root",
		.expect = "hits target entry f0+0 cookie=0 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "through-proc-root-container",
		.expect = "outside absent\n"
			  "hits contained entry f0+0 cookie=0 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "through-proc-exe",
		.expect = "hits target entry f0+0 cookie=0 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "relative-path",
		.expect = "hits target entry f0+0 cookie=0 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "symbolic-link",
		.expect = "hits target entry f0+0 cookie=0 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "versioned-name",
		.expect = "hits target entry lib_once+0 cookie=0 count=3 sum=6\n",
		.without = "perf_event=1",
		.with = "perf_event=1",
		.with_static = "uprobe_multi=1",
	},
	{
		.name = "bad-names",
		.expect = "missing ENOENT\n"
			  "ambiguous libbpf-error-4001\n"
			  "no-library ENOENT\n"
			  "hits none\n",
		.without = "none",
		.with = "none",
	},
	{},
};
