// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* libtarget.so: USDT probes whose semaphores the kernel raises while somebody traces them. */
#define _SDT_HAS_SEMAPHORES 1
#include <string.h>
#include <sys/sdt.h>
#include "functions.h"

#define SEMAPHORE __attribute__((section(".probes"), visibility("hidden")))

unsigned short upshift_one_semaphore SEMAPHORE;
unsigned short upshift_many_semaphore SEMAPHORE;
extern void usdt_plain(long arg);

unsigned short *lib_semaphore(const char *probe)
{
	return strcmp(probe, "one") ? &upshift_many_semaphore : &upshift_one_semaphore;
}

/* Each probe has its location's number as first argument. */
static void usdt_many(long arg)
{
	STAP_PROBE2(upshift, many, 1, arg);
	STAP_PROBE2(upshift, many, 2, arg);
	STAP_PROBE2(upshift, many, 3, arg);
	STAP_PROBE2(upshift, many, 4, arg);
	STAP_PROBE2(upshift, many, 5, arg);
}

long lib_usdt(long arg)
{
	/* As traced programs do: skip the work while nobody traces. Read anew each time. */
	if (*(volatile unsigned short *)&upshift_one_semaphore)
		STAP_PROBE2(upshift, one, 10, arg);
	if (*(volatile unsigned short *)&upshift_many_semaphore)
		usdt_many(arg);
	usdt_plain(arg);
	return arg;
}
