// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#pragma once

// Fires, for one round, the USDTs of interpreters and databases (languages.c: without semaphores).
void languages(int round);
int nap(int round);

// Fires those with semaphores (semaphores.c).
void counted_usdt(int round);
int semaphores_in_use(void);
