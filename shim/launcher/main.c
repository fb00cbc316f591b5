// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* upshift: the launcher. "upshift COMMAND..." is short for "upshift run COMMAND...". */
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

static const struct command {
	const char *name;
	const char *summary;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "run", "run a tool with its uprobes on uprobe_multi links", command_run },
	{ "probe", "what this kernel can do for uprobes, and what you may", command_probe },
	{ "inspect", "how a tool attaches its uprobes, and what would be upgraded", command_inspect },
	{ "report", "a summary of what UPSHIFT_REPORT wrote", command_report },
	{ "enable", "have systemd start a service under upshift", command_enable },
	{ "disable", "take that back", command_disable },
	{ "status", "is a service enabled, and does it run with the library?", command_status },
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

void complain(const char *format, ...)
{
	va_list args;

	fputs("upshift: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

const char *library_path(void)
{
	static char path[PATH_MAX];
	char self[PATH_MAX];
	const ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len > 0) {
		self[len] = '\0';
		if (snprintf(path, sizeof(path), "%s/libupshift.so", dirname(self)) < (int)sizeof(path) &&
		    access(path, R_OK) == 0)
			return path;
	}
	return UPSHIFT_LIBRARY;
}

static void usage(FILE *out)
{
	fputs("Usage: upshift [run] [OPTION...] [--] COMMAND [ARGUMENT...]\n"
	      "       upshift SUBCOMMAND [ARGUMENT...]\n"
	      "Move tracing tools from perf uprobes to uprobe_multi links, without rebuilding them.\n\n",
	      out);
	for (int i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
	fputs("\n  upshift SUBCOMMAND --help     its options\n"
	      "  upshift --version\n"
	      "  man upshift                   the manual\n",
	      out);
}

static int run_command(const struct command *command, int argc, char **argv)
{
	char name[32];

	snprintf(name, sizeof(name), "upshift %s", command->name);
	argv[0] = name;
	return command->run(argc, argv);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		usage(stderr);
		return STATUS_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-?") || !strcmp(argv[1], "help")) {
		usage(stdout);
		return STATUS_OK;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts("upshift " UPSHIFT_VERSION);
		return STATUS_OK;
	}
	for (int i = 0; i < COMMANDS; i++)
		if (!strcmp(argv[1], commands[i].name))
			return run_command(&commands[i], argc - 1, argv + 1);
	return run_command(&commands[0], argc, argv);
}
