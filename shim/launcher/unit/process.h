/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* A running service. Keeps no state. */
#ifndef UPSHIFT_UNIT_PROCESS_H
#define UPSHIFT_UNIT_PROCESS_H

#include <sys/types.h>

/** The main process of a service as the running systemd knows it; 0 if there is none, or no systemd to ask.
 */
pid_t service_main_pid(const char *unit);

/** 1 if libupshift.so is mapped in the process, 0 if not, or a negative errno. */
int process_has_upshift(pid_t pid);

#endif
