// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* libtarget.so: functions to trace in a shared library, two of them with symbol versions. */
#include "functions.h"

TRACED_FUNCTION(lib_f0, 100)
TRACED_FUNCTION(lib_f1, 200)

TRACED_FUNCTION(lib_once_v1, 300)
__asm__(".symver lib_once_v1, lib_once@@UPSHIFT_1");

TRACED_FUNCTION(lib_twice_v1, 400)
TRACED_FUNCTION(lib_twice_v2, 500)
__asm__(".symver lib_twice_v1, lib_twice@UPSHIFT_1");
__asm__(".symver lib_twice_v2, lib_twice@@UPSHIFT_2");
