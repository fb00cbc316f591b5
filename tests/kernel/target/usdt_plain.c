// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* libtarget.so: a USDT probe without a semaphore; sys/sdt.h decides that for a whole file. */
#include <sys/sdt.h>

__attribute__((visibility("hidden"))) void usdt_plain(long arg);

void usdt_plain(long arg)
{
	STAP_PROBE2(upshift, plain, 20, arg);
}
