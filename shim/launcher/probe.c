// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* upshift probe: what this kernel can do for uprobes and kprobes, and what the caller may do of it. */
#include <errno.h>
#include <json-c/json.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "arguments.h"
#include "bpf.h"
#include "command.h"
#include "config.h"
#include "kernel.h"
#include "kernel_features.h"
#include "kprobe.h"
#include "policy.h"
#include "private_bpffs.h"

struct feature {
	const char *name, *title, *since, *why;
	bool there;
};

enum { FEATURES = 10, CAPABILITIES = 3 };

struct privileges {
	bool token;               /* a BPF token is used */
	const char *why_no_token; /* where one was asked for */
	const char *why_no_keeper;
	int load_errno; /* what loading a KPROBE program fails with, or 0 */
	long perf_event_paranoid, unprivileged_bpf_disabled; /* -1: not known */
	struct {
		const char *name;
		bool effective;
	} capabilities[CAPABILITIES];
};

struct findings {
	struct utsname kernel;
	struct feature features[FEATURES];
	struct privileges privileges;
	const char *why_not;         /* are uprobes not upgraded here, or NULL */
	const char *why_not_pid;     /* the same, of those for one process */
	const char *why_not_kprobes; /* the same, with UPSHIFT_KPROBES=on */
};

/* ---- finding out --------------------------------------------------------------------------------- */

/** The token that the library would use; -1 without, and *why if there should be one. */
static int open_token(const char **why)
{
	const char *path = getenv("UPSHIFT_TOKEN");

	if (!path || !*path)
		path = getenv("LIBBPF_BPF_TOKEN_PATH");
	*why = NULL;
	return path && *path ? (int)bpf_create_token(path, why) : -1;
}

static void find_features(struct findings *findings)
{
	struct features found;

	features_probe(&found);
	const struct feature features[FEATURES] = {
		{ "uprobe_pmu", "perf uprobes", "4.17",
		  "what tools use by themselves, and what upshift falls back to", found.uprobe_pmu_type > 0 },
		{ "uprobe_multi_link", "uprobe_multi links", "6.6",
		  "many uprobes on one link: without it nothing is upgraded", found.uprobe_multi_link },
		{ "pid_filter", "... that filter processes", "6.10, 6.6.35",
		  "before, they filter single threads, and nothing is upgraded", found.pid_filter },
		{ "return_ignored", "... that ignore return values", "6.13, 6.12.2, 6.6.64",
		  "before, only programs that provably return 0 are upgraded; known here by what is newer",
		  found.return_ignored },
		{ "sessions", "uprobe sessions", "6.13", "one program for entry and return; passed through",
		  found.sessions },
		{ "cookie", "cookies on perf links", "5.15", "a value of its own for each attach",
		  found.cookie },
		{ "prog_array_checked", "checked tail calls", "6.18, 6.17.3, 6.12.53, 6.6.112, 6.1.156",
		  "programs of different attach types cannot call each other", found.prog_array_checked },
		{ "kprobe_pmu", "perf kprobes", "4.17",
		  "what tools use by themselves for the kernel's functions", kprobe_pmu_type() > 0 },
		{ "kprobe_multi_link", "kprobe_multi links", "5.18 with CONFIG_FPROBE",
		  "the same as uprobe_multi for these; used with UPSHIFT_KPROBES=on",
		  found.kprobe_multi_link },
		{ "kprobe_fast_detach", "... that detach faster", "6.14",
		  "before, these take longer to be detached than perf kprobes, and none is upgraded",
		  found.kprobe_multi_link && !kprobe_links_are_slow() },
	};

	memcpy(findings->features, features, sizeof(features));
	if (!found.uprobe_multi_link)
		findings->why_not = "this kernel has no uprobe_multi links";
	else if (!found.pid_filter)
		findings->why_not = "this kernel's uprobe_multi links filter single threads";
	findings->why_not_kprobes = policy_kernel(&found, true).reason;
}

static long read_number(const char *path)
{
	char text[32];

	return kernel_read_file(path, text, sizeof(text)) > 0 ? strtol(text, NULL, 10) : -1;
}

static unsigned long long effective_capabilities(void)
{
	char status[4096];
	const char *line;

	if (kernel_read_file("/proc/self/status", status, sizeof(status)) <= 0)
		return 0;
	line = strstr(status, "\nCapEff:");
	return line ? strtoull(line + strlen("\nCapEff:"), NULL, 16) : 0;
}

/** As the library does at the first link, but for what the tool's own fds leave it. */
static const char *find_keeper(void)
{
	const char *why;
	const long fd = private_bpffs_open(&why);

	if (fd < 0)
		return why;
	sys_close((int)fd);
	return NULL;
}

static void find_privileges(struct privileges *privileges)
{
	const struct bpf_insn return_0[] = { INSN_MOV64_IMM(BPF_REG_0, 0), INSN_EXIT() };
	const unsigned long long effective = effective_capabilities();
	long fd = bpf_load_small(0, return_0, 2);

	if (fd == -EPERM) /* a token may allow nothing but this type */
		fd = bpf_load_small(UAPI_BPF_TRACE_UPROBE_MULTI, return_0, 2);
	if (fd >= 0)
		sys_close((int)fd);
	*privileges = (struct privileges){
		.token = privileges->token,
		.why_no_token = privileges->token ? NULL : privileges->why_no_token,
		.why_no_keeper = find_keeper(),
		.load_errno = fd < 0 ? (int)-fd : 0,
		.perf_event_paranoid = read_number("/proc/sys/kernel/perf_event_paranoid"),
		.unprivileged_bpf_disabled = read_number("/proc/sys/kernel/unprivileged_bpf_disabled"),
		.capabilities = {
			{ "cap_bpf", effective & 1ull << CAP_BPF },
			{ "cap_perfmon", effective & 1ull << CAP_PERFMON },
			{ "cap_sys_admin", effective & 1ull << CAP_SYS_ADMIN },
		},
	};
}

static const char *reason_of_pid(const struct findings *findings)
{
	const char *setting = getenv("UPSHIFT_PID");

	config.pid_multi = setting && !strcmp(setting, "multi");
	return policy_pid(0, findings->privileges.token).reason;
}

static void find(struct findings *findings)
{
	int token;

	*findings = (struct findings){ 0 };
	token = open_token(&findings->privileges.why_no_token);
	bpf_use_token(token < 0 ? -1 : token);
	findings->privileges.token = token >= 0;
	uname(&findings->kernel);
	find_features(findings);
	find_privileges(&findings->privileges);
	if (findings->privileges.load_errno)
		findings->why_not = findings->why_not_kprobes =
			"you may not load BPF programs, so the kernel could not be asked";
	findings->why_not_pid = findings->why_not ? findings->why_not : reason_of_pid(findings);
}

/* ---- telling ------------------------------------------------------------------------------------- */

/** Without a program to ask with, or with a token that may not allow it, absent means nothing. Perf's type is
 * in a file. */
static bool is_known(const struct findings *findings, const struct feature *feature)
{
	return feature->there || !strcmp(feature->name, "uprobe_pmu") ||
	       !strcmp(feature->name, "kprobe_pmu") ||
	       (!findings->privileges.load_errno && !findings->privileges.token);
}

static void print_text(const struct findings *findings)
{
	const struct privileges *privileges = &findings->privileges;

	printf("Linux %s %s\n\n", findings->kernel.release, findings->kernel.machine);
	for (int i = 0; i < FEATURES; i++) {
		const struct feature *feature = &findings->features[i];

		printf("  %-3s  %-30s %s (%s)\n",
		       feature->there              ? "yes" :
		       is_known(findings, feature) ? "no" :
						     "?",
		       feature->title, feature->why, feature->since);
	}
	printf("\nYou (uid %d):\n", (int)geteuid());
	for (int i = 0; i < CAPABILITIES; i++)
		printf("  %-3s  %s\n", privileges->capabilities[i].effective ? "yes" : "no",
		       privileges->capabilities[i].name);
	if (privileges->token || privileges->why_no_token)
		printf("  %-3s  a BPF token%s%s\n", privileges->token ? "yes" : "no",
		       privileges->token ? "" : ": ", privileges->token ? "" : privileges->why_no_token);
	printf("  %-3s  load BPF programs%s%s\n", privileges->load_errno ? "no" : "yes",
	       privileges->load_errno ? ": " : "",
	       privileges->load_errno ? strerror(privileges->load_errno) : "");
	printf("  %-3s  have a keeper, by which a tool that is killed dies at once%s%s\n",
	       privileges->why_no_keeper ? "no" : "yes", privileges->why_no_keeper ? ": " : "",
	       privileges->why_no_keeper ? privileges->why_no_keeper : "");
	if (privileges->perf_event_paranoid >= 0)
		printf("       kernel.perf_event_paranoid is %ld\n", privileges->perf_event_paranoid);
	if (privileges->unprivileged_bpf_disabled >= 0)
		printf("       kernel.unprivileged_bpf_disabled is %ld\n",
		       privileges->unprivileged_bpf_disabled);
	printf("\nPerf uprobes take CAP_PERFMON, and CAP_SYS_ADMIN since 6.16, 6.12.39 and 6.1.146; "
	       "uprobe_multi\n"
	       "links take CAP_BPF and CAP_PERFMON, or a BPF token (UPSHIFT_TOKEN).\n\n");
	if (findings->why_not)
		printf("Uprobes are not upgraded: %s.\n", findings->why_not);
	else
		printf("Uprobes are upgraded here%s.\n",
		       findings->why_not_pid ?
			       ", but for those of one process: a multi link would leave its\n"
			       "breakpoints in that process's forked children (UPSHIFT_PID)" :
			       "");
	if (findings->why_not_kprobes)
		printf("Kprobes are not: %s.\n", findings->why_not_kprobes);
	else
		printf("Kprobes are, with UPSHIFT_KPROBES=on.\n");
}

static json_object *features_json(const struct findings *findings)
{
	json_object *list = json_object_new_array();

	for (int i = 0; i < FEATURES; i++) {
		const struct feature *feature = &findings->features[i];
		json_object *object = json_object_new_object();

		json_object_object_add(object, "name", json_object_new_string(feature->name));
		json_object_object_add(object, "available",
				       is_known(findings, feature) ? json_object_new_boolean(feature->there) :
								     NULL);
		json_object_object_add(object, "since", json_object_new_string(feature->since));
		json_object_object_add(object, "why", json_object_new_string(feature->why));
		json_object_array_add(list, object);
	}
	return list;
}

static json_object *privileges_json(const struct privileges *privileges)
{
	json_object *object = json_object_new_object();

	json_object_object_add(object, "uid", json_object_new_int((int)geteuid()));
	for (int i = 0; i < CAPABILITIES; i++)
		json_object_object_add(object, privileges->capabilities[i].name,
				       json_object_new_boolean(privileges->capabilities[i].effective));
	json_object_object_add(object, "token", json_object_new_boolean(privileges->token));
	json_object_object_add(object, "keeper", json_object_new_boolean(!privileges->why_no_keeper));
	json_object_object_add(object, "why_no_keeper",
			       privileges->why_no_keeper ? json_object_new_string(privileges->why_no_keeper) :
							   NULL);
	json_object_object_add(object, "load_programs", json_object_new_boolean(!privileges->load_errno));
	json_object_object_add(object, "perf_event_paranoid",
			       privileges->perf_event_paranoid < 0 ?
				       NULL :
				       json_object_new_int64(privileges->perf_event_paranoid));
	json_object_object_add(object, "unprivileged_bpf_disabled",
			       privileges->unprivileged_bpf_disabled < 0 ?
				       NULL :
				       json_object_new_int64(privileges->unprivileged_bpf_disabled));
	return object;
}

static void print_json(const struct findings *findings)
{
	json_object *object = json_object_new_object();

	json_object_object_add(object, "kernel", json_object_new_string(findings->kernel.release));
	json_object_object_add(object, "machine", json_object_new_string(findings->kernel.machine));
	json_object_object_add(object, "upgrades", json_object_new_boolean(!findings->why_not));
	json_object_object_add(object, "why_not",
			       findings->why_not ? json_object_new_string(findings->why_not) : NULL);
	json_object_object_add(object, "upgrades_pid", json_object_new_boolean(!findings->why_not_pid));
	json_object_object_add(object, "why_not_pid",
			       findings->why_not_pid ? json_object_new_string(findings->why_not_pid) : NULL);
	json_object_object_add(object, "upgrades_kprobes",
			       json_object_new_boolean(!findings->why_not_kprobes));
	json_object_object_add(object, "why_not_kprobes",
			       findings->why_not_kprobes ? json_object_new_string(findings->why_not_kprobes) :
							   NULL);
	json_object_object_add(object, "features", features_json(findings));
	json_object_object_add(object, "privileges", privileges_json(&findings->privileges));
	puts(json_object_to_json_string_ext(object,
					    JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

/* ---- the command --------------------------------------------------------------------------------- */

int command_probe(int argc, char **argv)
{
	struct findings findings;
	struct arguments arguments;

	if (arguments_read(
		    argc, argv, NULL,
		    "What this kernel can do for uprobes and kprobes, found by asking it for links that "
		    "cannot be made, "
		    "and "
		    "what your privileges allow. Nothing is attached.\vThe exit status is 0 if uprobes are "
		    "upgraded here, else 1.",
		    &arguments))
		return STATUS_FAILED;
	find(&findings);
	if (arguments.json)
		print_json(&findings);
	else
		print_text(&findings);
	return findings.why_not ? STATUS_FAILED : STATUS_OK;
}
