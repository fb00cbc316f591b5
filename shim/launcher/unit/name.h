/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Names of systemd services, and of the directories where they get their settings from. Keeps no state. */
#ifndef UPSHIFT_UNIT_NAME_H
#define UPSHIFT_UNIT_NAME_H

#include <stdbool.h>

enum { UNIT_NAME_SIZE = 256 };

/**
 * The full name of what the user calls a service: ".service" is added where there is no suffix. Complains and
 * returns false if it cannot be one.
 */
bool unit_name_read(const char *text, char name[UNIT_NAME_SIZE]);

/** Could systemd have a service of this name? Nothing in it means anything to a shell, but for a backslash.
 */
bool unit_name_is_valid(const char *name);

/** For foo@bar.service foo@.service, or false if it is not an instance. */
bool unit_name_template(const char *name, char template[UNIT_NAME_SIZE]);

/** Is it a template, foo@.service? Nothing runs under its name. */
bool unit_name_is_template(const char *name);

/**
 * The next less specific name whose drop-ins count too: for a-b-c.service a-b-.service, then a-.service; or
 * false.
 */
bool unit_name_shorten(const char *name, char shorter[UNIT_NAME_SIZE]);

#endif
