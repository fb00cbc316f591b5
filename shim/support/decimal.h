/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* A number in a name, for who has little stack, or nothing of libc's: signal handlers and threads of ours. */
#ifndef UPSHIFT_DECIMAL_H
#define UPSHIFT_DECIMAL_H

#include <stddef.h>
#include <string.h>

/** Writes "BEFORE", the number and "AFTER" into buf, which has to be large enough. */
static inline void put_decimal(char *buf, const char *before, unsigned int number, const char *after)
{
	char digits[12];
	size_t len = strlen(before), at = sizeof(digits);

	do
		digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	memcpy(buf, before, len);
	memcpy(buf + len, digits + at, sizeof(digits) - at);
	strcpy(buf + len + sizeof(digits) - at, after);
}

#endif
