// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>
#include "scenario.h"

#define MAX_PROCESSES 16
#define MAX_SYMBOLS   32
/* No traced place lies farther than this into its function. */
#define MAX_FUNCTION  64UL

static struct process {
	pid_t pid;
	const char *who;
	int nr_symbols;
	struct symbol {
		char name[24];
		unsigned long address;
	} symbols[MAX_SYMBOLS];
} processes[MAX_PROCESSES];
static int nr_processes;

static struct process *find(pid_t pid)
{
	int i;

	for (i = 0; i < nr_processes; i++)
		if (processes[i].pid == pid)
			return &processes[i];
	return NULL;
}

void who_add(pid_t pid, const char *who)
{
	if (nr_processes == MAX_PROCESSES)
		die("too many processes");
	processes[nr_processes++] = (struct process){ .pid = pid, .who = who };
}

/* A child of fork() has everything where its parent has it. */
void who_add_like(pid_t pid, const char *who, pid_t like)
{
	struct process *parent = find(like), *child;

	who_add(pid, who);
	child = &processes[nr_processes - 1];
	child->nr_symbols = parent->nr_symbols;
	memcpy(child->symbols, parent->symbols, sizeof(child->symbols));
}

void who_add_symbol(pid_t pid, const char *name, unsigned long address)
{
	struct process *process = find(pid);
	struct symbol *symbol;

	if (process->nr_symbols == MAX_SYMBOLS)
		die("too many symbols");
	symbol = &process->symbols[process->nr_symbols++];
	snprintf(symbol->name, sizeof(symbol->name), "%s", name);
	symbol->address = address;
}

unsigned long who_address(pid_t pid, const char *name)
{
	struct process *process = find(pid);
	int i;

	for (i = 0; i < process->nr_symbols; i++)
		if (!strcmp(process->symbols[i].name, name))
			return process->symbols[i].address;
	die("no symbol %s", name);
}

const char *who_name(pid_t pid)
{
	struct process *process = find(pid);

	return process ? process->who : "stranger";
}

void who_place(pid_t pid, unsigned long address, char *text)
{
	struct process *process = find(pid);
	unsigned long distance, nearest = MAX_FUNCTION;
	int i;

	/* Kernels before 6.6 do not tell a uprobe's program where it is. */
	strcpy(text, address ? "elsewhere" : "no-func-ip");
	for (i = 0; process && i < process->nr_symbols; i++) {
		/* Wraps around for symbols behind the address. */
		distance = address - process->symbols[i].address;
		if (distance < nearest) {
			nearest = distance;
			snprintf(text, 64, "%s+%lu", process->symbols[i].name, distance);
		}
	}
}
