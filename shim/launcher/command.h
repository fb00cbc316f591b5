/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/*
 * The launcher's subcommands. Each parses its own arguments with argp (argv[0] is "upshift NAME") and returns
 * the exit status; what a user has to know about a failure goes to stderr through complain(), in one line
 * that says what to do next where that is known. Single-threaded.
 */
#ifndef UPSHIFT_COMMAND_H
#define UPSHIFT_COMMAND_H

enum {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 64,       /* argp's own for wrong arguments: EX_USAGE */
	STATUS_CANNOT_RUN = 126, /* as env(1) and the shell */
	STATUS_NOT_FOUND = 127,
};

int command_run(int argc, char **argv);
int command_probe(int argc, char **argv);
int command_inspect(int argc, char **argv);
int command_report(int argc, char **argv);
int command_enable(int argc, char **argv);
int command_disable(int argc, char **argv);
int command_status(int argc, char **argv);

/** "upshift: " and a line on stderr. */
__attribute__((format(printf, 1, 2))) void complain(const char *format, ...);

/** What goes into LD_PRELOAD: the library beside the running launcher (a build), or where it was installed.
 */
const char *library_path(void);

#endif
