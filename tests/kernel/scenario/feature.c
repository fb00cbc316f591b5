// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Tools that find out what the kernel can do. What they hear is the kernel's, whatever that is. */
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "multi_link.h"
#include "scenario.h"

#define MAX_HELPER 220

static void say_numbers(const char *what, int first, int last, int (*probe)(int number))
{
	char text[MAX_HELPER + 2] = {};

	for (int i = first; i <= last; i++)
		text[i - first] = "-01"[probe(i) < 0 ? 0 : 1 + probe(i)];
	say("%s %s", what, text);
}

static int probe_program(int type)
{
	return libbpf_probe_bpf_prog_type(type, NULL);
}

static int probe_map(int type)
{
	return libbpf_probe_bpf_map_type(type, NULL);
}

static int probe_helper(int helper)
{
	return libbpf_probe_bpf_helper(BPF_PROG_TYPE_KPROBE, helper, NULL);
}

/* '1' for yes, '0' for no, '-' for an error */
static void libbpf_probes(void)
{
	say_numbers("programs", BPF_PROG_TYPE_SOCKET_FILTER, BPF_PROG_TYPE_SYSCALL, probe_program);
	say_numbers("maps", BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_BLOOM_FILTER, probe_map);
	say_numbers("helpers", 1, MAX_HELPER, probe_helper);
}

static int load(int expected_attach_type)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = expected_attach_type);
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_KPROBE, "probe", "GPL", insns, 2, &opts);

	if (fd < 0)
		die("cannot load");
	return fd;
}

/* Asks for the link, and sees to it that the attributes are what they were. */
static void try_link(const char *what, struct multi_link_attr attr, unsigned int size)
{
	struct {
		struct multi_link_attr attr;
		__u64 more[2];
	} given = { .attr = attr, .more = { 0, size > sizeof(attr) + 8 } }, before = given;
	int fd = syscall(SYS_bpf, BPF_LINK_CREATE, &given, size);

	say_result(what, fd >= 0);
	if (fd >= 0)
		close(fd);
	if (memcmp(&given, &before, sizeof(given)))
		say("%s: the attributes have changed", what);
}

/* Links that cannot be made, as libbpf asks for them to learn what the kernel knows, and similar ones. */
static void bad_links(void)
{
	const unsigned int size = sizeof(struct multi_link_attr);
	const unsigned long offset = 0;
	const struct multi_link_attr good = {
		.prog_fd = load(TRACE_UPROBE_MULTI),
		.target_fd = -1,
		.attach_type = TRACE_UPROBE_MULTI,
		.path = (uintptr_t) "/",
		.offsets = (uintptr_t)&offset,
		.cnt = 1,
	};
	struct multi_link_attr attr = good;
	int single = load(0);

	try_link("as libbpf", good, size);
	attr.pid = -1;
	try_link("as libbpf, pid -1", attr, size);
	attr = good;
	attr.prog_fd = single;
	try_link("single program", attr, size);
	attr.prog_fd = -1;
	try_link("no program", attr, size);
	attr = good;
	attr.path = 0;
	try_link("no path", attr, size);
	attr = good;
	attr.cnt = 0;
	try_link("no offsets", attr, size);
	attr = good;
	attr.multi_flags = ~0U;
	try_link("unknown flags", attr, size);
	attr = good;
	attr.flags = 1;
	try_link("flags of links", attr, size);
	attr = good;
	attr.attach_type = 999;
	try_link("unknown type", attr, size);
	try_link("short", good, 16);
	try_link("long", good, size + 8);
	try_link("long, not zero", good, size + 16);
	close(good.prog_fd);
	close(single);
	say_links();
}

const struct scenario feature_scenarios[] = {
	{ "feature-libbpf", libbpf_probes },
	{ "feature-bad-links", bad_links },
	{},
};
