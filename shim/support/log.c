// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel.h"

enum { KERNEL_ENOTSUPP = 524 }; /* for instructions that cannot be traced */

const char *errno_name(int error)
{
	const char *name = error == KERNEL_ENOTSUPP ? "ENOTSUPP" : strerrorname_np(error);

	return name ? name : "an unknown errno";
}

int append_line(const char *path, const char *line, size_t size)
{
	const int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	long fd = kernel_call(SYS_openat, AT_FDCWD, (long)path, flags, 0644, 0, 0);
	long written;

	if (fd < 0)
		return (int)fd;
	written = size ? sys_write((int)fd, line, size) : 0;
	sys_close((int)fd);
	return written < 0 ? (int)written : 0;
}

void log_write(const char *format, ...)
{
	char line[1024];
	int saved_errno = errno, len;
	va_list args;

	len = snprintf(line, sizeof(line), "upshift[%d]: ", sys_getpid());
	va_start(args, format);
	len += vsnprintf(line + len, sizeof(line) - (size_t)len, format, args);
	va_end(args);
	if (len > (int)sizeof(line) - 1)
		len = sizeof(line) - 1;
	line[len++] = '\n';
	if (!config.log_file || append_line(config.log_file, line, (size_t)len) < 0)
		sys_write(STDERR_FILENO, line, (size_t)len);
	errno = saved_errno;
}
