// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
// USDTs with semaphores, which fire only while somebody traces them. The first is at two places.
#define _SDT_HAS_SEMAPHORES 1
#include <sys/sdt.h>

#include "target.h"

#define SEMAPHORE(name) __attribute__((section(".probes"))) unsigned short volatile name##_semaphore
SEMAPHORE(upshift_begin);
SEMAPHORE(upshift_end);
SEMAPHORE(php_function__entry);
SEMAPHORE(php_function__return);

void counted_usdt(int round)
{
	if (upshift_begin_semaphore)
		DTRACE_PROBE2(upshift, begin, round, "first");
	if (upshift_begin_semaphore)
		DTRACE_PROBE2(upshift, begin, round, "second");
	if (upshift_end_semaphore)
		DTRACE_PROBE1(upshift, end, round);
	if (php_function__entry_semaphore)
		DTRACE_PROBE5(php, function__entry, "function", "file.php", round, "Class", "::");
	if (php_function__return_semaphore)
		DTRACE_PROBE5(php, function__return, "function", "file.php", round, "Class", "::");
}

int semaphores_in_use(void)
{
	return !!upshift_begin_semaphore + !!upshift_end_semaphore + !!php_function__entry_semaphore +
	       !!php_function__return_semaphore;
}
