// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#ifndef TESTS_UNWOUND_H
#define TESTS_UNWOUND_H

#include "functions.h"

TRACED long f_unwound(long arg);

/* Remembers f_unwound's text. */
void remember_text(void);
/* A child calls f_unwound so often, and is unwound at each second call: one line about how it ended. */
void say_how_child_unwinds(long times);

#endif
