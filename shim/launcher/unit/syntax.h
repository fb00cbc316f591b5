/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* The syntax of systemd's unit files, systemd.syntax(7). Keeps no state. */
#ifndef UPSHIFT_UNIT_SYNTAX_H
#define UPSHIFT_UNIT_SYNTAX_H

#include <stdbool.h>
#include <stdio.h>

/** A place in a file. All zero but the file at its start. */
struct unit_reader {
	FILE *file;
	char *section, *key, *value; /* of the last setting that was read; NULL: none yet */
};

/** The next "key=value", lines that are continued joined. False at the end, when everything is freed and
 * closed. */
bool unit_read_setting(struct unit_reader *reader);

/**
 * The next word of a value, its quotes and escapes resolved, as systemd reads Environment=. To be freed. NULL
 * if there is none, or what follows is wrong: systemd ignores the rest of the line then.
 */
char *unit_next_word(const char **value);

/** Writes text as one word that systemd reads as this text; "%" is left alone: specifiers are. */
void unit_write_word(FILE *file, const char *text);

#endif
