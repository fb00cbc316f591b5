// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* For scenario/errors.c. */
#include "row.h"

const struct row error_rows[] = {
	{
		.name = "errors-set-bpf",
		.expect = "directory EINVAL\n"
			  "device EINVAL\n"
			  "empty EINVAL\n"
			  "long E2BIG\n"
			  "long-name ENAMETOOLONG\n"
			  "missing ENOENT\n"
			  "proc-file EIO\n"
			  "past-the-end EINVAL\n"
			  "odd-counter EINVAL\n"
			  "not-executable ok\n"
			  "hits none\n",
		.without = "none",
		.with = "none",
	},
	{
		.name = "errors-link",
		.expect = "directory EINVAL\n"
			  "device EINVAL\n"
			  "empty EINVAL\n"
			  "long E2BIG\n"
			  "long-name ENAMETOOLONG\n"
			  "missing ENOENT\n"
			  "proc-file EIO\n"
			  "past-the-end EINVAL\n"
			  "odd-counter EINVAL\n"
			  "not-executable ok\n"
			  "hits none\n",
		.without = "none",
		.with = "none",
	},
	{
		.name = "errors-libbpf",
		.expect = "directory EINVAL\n"
			  "device EINVAL\n"
			  "missing ENOENT\n"
			  "proc-file EIO\n"
			  "past-the-end EINVAL\n"
			  "odd-counter EINVAL\n"
			  "hits none\n",
		.without = "none",
		.with = "none",
	},
	{
		.name = "errors-instruction",
		/* ENOTSUPP, which the kernel should keep to itself. */
		.expect = "set libbpf-error-524\n"
			  "by-link libbpf-error-524\n"
			  "libbpf libbpf-error-524\n"
			  "return libbpf-error-524\n"
			  "hits none\n",
		.without = "none",
		.with = "none",
	},
	{
		.name = "errors-reference-counter",
		.expect = "other EINVAL\n"
			  "none EINVAL\n"
			  "same ok\n"
			  "semaphore 1\n"
			  "semaphore 0\n"
			  "semaphore other 1\n"
			  "hits target entry f0+0 cookie=0 count=2 sum=3\n"
			  "hits target entry f0+0 cookie=1 count=2 sum=3\n",
		.without = "perf_event=2",
		.with = "uprobe_multi=2",
	},
	{
		.name = "errors-second-program",
		.expect = "set ok\n"
			  "set-again EEXIST\n"
			  "set-another EEXIST\n"
			  "link-after-set EEXIST\n"
			  "create ok\n"
			  "link-again EEXIST\n"
			  "set-after-link EEXIST\n"
			  "hits target entry f0+0 cookie=0 count=1 sum=1\n"
			  "hits target entry f0+0 cookie=1 count=1 sum=1\n",
		.without = "none; perf_event=1",
		.with = "uprobe_multi=1; uprobe_multi=1",
	},
	{
		.name = "errors-wrong-fds",
		.expect = "set-on-closed EBADF\n"
			  "set-on-device ENOTTY\n"
			  "set-closed-program EBADF\n"
			  "set-no-program EINVAL\n"
			  "link-on-closed EBADF\n"
			  "link-on-device EBADF\n"
			  "link-closed-program EBADF\n"
			  "link-no-program EINVAL\n"
			  "set ok\n"
			  "hits target entry f0+0 cookie=0 count=2 sum=3\n",
		.without = "none",
		/* A uprobe that the kernel was asked about is a perf event from then on. */
		.with = "none",
	},
	{
		.name = "errors-link-commands",
		.expect = "update EINVAL\n"
			  "detach EOPNOTSUPP\n"
			  "hits target entry f0+0 cookie=1 count=2 sum=3\n",
		.without = "perf_event=1",
		.with = "uprobe_multi=1",
	},
	{
		.name = "errors-wrong-arguments",
		.expect = "flags EINVAL\n"
			  "type EINVAL\n"
			  "no-attributes EFAULT\n"
			  "no-path EINVAL\n"
			  "nobody ESRCH\n"
			  "hits none\n",
		.without = "none",
		.with = "none",
	},
	{},
};
