// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What the names of sections ask for. */
#include "isolate.h"

#include <errno.h>
#include <stdlib.h>

#include "sections.h"

static void wishes(void **state)
{
	const struct {
		const char *section;
		enum section_wish wish;
	} cases[] = {
		{ "uprobe", SECTION_MULTI },
		{ "uretprobe", SECTION_MULTI },
		{ "uprobe.s", SECTION_MULTI },
		{ "uretprobe.s", SECTION_MULTI },
		{ "usdt", SECTION_MULTI },
		{ "usdt.s", SECTION_MULTI },
		{ "uprobe//bin/bash:readline", SECTION_MULTI },
		{ "uretprobe/libc.so.6:malloc+4", SECTION_MULTI },
		{ "usdt//usr/lib/x.so:provider:name", SECTION_MULTI },
		{ "uprobe/", SECTION_MULTI },
		{ "uprobe.single", SECTION_PERF },
		{ "uretprobe.single", SECTION_PERF },
		{ "uprobe.single.s", SECTION_PERF },
		{ "uretprobe.single.s//bin/bash:readline", SECTION_PERF },
		{ "uprobe.single//bin/bash:f@V1", SECTION_PERF },
		{ "uprobe/libc.so.6:memcpy@GLIBC_2.2.5", SECTION_PERF },
		{ "uretprobe/libc.so.6:memcpy@@GLIBC_2.14", SECTION_PERF },
		{ "uprobe.multi", SECTION_UNKNOWN },
		{ "uprobe.multi.s//bin/bash:read*", SECTION_UNKNOWN },
		{ "uprobe.session", SECTION_UNKNOWN },
		{ "kprobe/do_unlinkat", SECTION_UNKNOWN },
		{ "kretprobe", SECTION_UNKNOWN },
		{ "kprobe.single", SECTION_PERF },
		{ "kretprobe.single/do_unlinkat", SECTION_PERF },
		{ "kprobe.single/do_unlinkat+0x4", SECTION_PERF },
		{ "kprobe.single.s", SECTION_UNKNOWN },
		{ "uprobes", SECTION_UNKNOWN },
		{ "uprobe.", SECTION_UNKNOWN },
		{ "uprobe.singles", SECTION_UNKNOWN },
		{ "uprobe@x", SECTION_UNKNOWN },
		{ "Uprobe", SECTION_UNKNOWN },
		{ "", SECTION_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++)
		if (section_wish(cases[i].section, false, false) != cases[i].wish)
			fail_msg("section %s", cases[i].section);
}

static void versioned_symbols_may_be_multi(void **state)
{
	(void)state;
	assert_int_equal(section_wish("uprobe/libc.so.6:memcpy@GLIBC_2.2.5", true, false), SECTION_MULTI);
	assert_int_equal(section_wish("uprobe.single/libc.so.6:memcpy@GLIBC_2.2.5", true, false),
			 SECTION_PERF);
	assert_int_equal(section_wish("kprobe/x@y", true, false), SECTION_UNKNOWN);
}

/** Only if they are wanted, and go where a link can. */
static void kprobes(void **state)
{
	const struct {
		const char *section;
		enum section_wish wish;
	} cases[] = {
		{ "kprobe", SECTION_KPROBE_MULTI },
		{ "kretprobe", SECTION_KPROBE_MULTI },
		{ "kprobe/do_unlinkat", SECTION_KPROBE_MULTI },
		{ "kretprobe/do_unlinkat", SECTION_KPROBE_MULTI },
		{ "kprobe/do_unlinkat.isra.0", SECTION_KPROBE_MULTI },
		{ "kprobe/do_unlinkat+0x4", SECTION_UNKNOWN },
		{ "kprobe/ext4:ext4_readdir", SECTION_UNKNOWN },
		{ "kprobe.single/do_unlinkat", SECTION_PERF },
		{ "kretprobe.single", SECTION_PERF },
		{ "kprobe.s/do_unlinkat", SECTION_UNKNOWN },
		{ "kprobe.multi/do_*", SECTION_UNKNOWN },
		{ "kprobe.session/do_*", SECTION_UNKNOWN },
		{ "kprobes", SECTION_UNKNOWN },
		{ "ksyscall/unlinkat", SECTION_UNKNOWN },
		{ "uprobe", SECTION_MULTI },
		{ "uprobe/libc.so.6:memcpy@GLIBC_2.2.5", SECTION_PERF },
	};

	(void)state;
	for (size_t i = 0; i < TEST_CNT(cases); i++)
		if (section_wish(cases[i].section, false, true) != cases[i].wish)
			fail_msg("section %s", cases[i].section);
}

static void expect_parts(const char *section, bool pattern, const char *path, const char *function,
			 unsigned long offset)
{
	struct section_target target;

	assert_int_equal(section_parse(section, pattern, &target), 0);
	assert_string_equal(target.path, path);
	assert_string_equal(target.function, function);
	assert_int_equal(target.offset, offset);
	free(target.path);
	free(target.function);
}

static void parts(void **state)
{
	(void)state;
	expect_parts("uprobe.single//bin/bash:readline", false, "/bin/bash", "readline", 0);
	expect_parts("uprobe.single/libc.so.6:malloc", false, "libc.so.6", "malloc", 0);
	expect_parts("uretprobe.single//bin/bash:readline+16", false, "/bin/bash", "readline", 16);
	expect_parts("uprobe.single//bin/bash:readline+0x10", false, "/bin/bash", "readline", 16);
	expect_parts("uprobe.single//bin/bash:f@V1+1", false, "/bin/bash", "f@V1", 1);
	expect_parts("uprobe.single//proc/1/root/bin/bash:f", false, "/proc/1/root/bin/bash", "f", 0);
	expect_parts("uprobe.multi//bin/bash:read*", true, "/bin/bash", "read*", 0);
	expect_parts("uprobe.multi//bin/bash:a+b", true, "/bin/bash", "a+b", 0);
}

static void no_parts(void **state)
{
	static const char *const bad[] = { "uprobe.single/",
					   "uprobe.single//bin/bash",
					   "uprobe.single//bin/bash:",
					   "uprobe.single/:f",
					   "uprobe.single//bin/bash:f+",
					   "uprobe.single//bin/bash:f+x",
					   "uprobe.single//bin/bash:f+1x" };
	struct section_target target;

	(void)state;
	assert_int_equal(section_parse("uprobe.single", false, &target), -ENOENT);
	for (size_t i = 0; i < TEST_CNT(bad); i++)
		if (section_parse(bad[i], false, &target) != -EINVAL)
			fail_msg("section %s", bad[i]);
	assert_int_equal(section_parse("uprobe.multi//bin/bash:", true, &target), -EINVAL);
}

static void expect_function(const char *section, const char *function, unsigned long offset)
{
	struct section_target target;

	assert_int_equal(section_parse_kprobe(section, &target), 0);
	assert_null(target.path);
	assert_string_equal(target.function, function);
	assert_int_equal(target.offset, offset);
	free(target.function);
}

static void parts_of_kprobes(void **state)
{
	static const char *const bad[] = { "kprobe.single/", "kprobe.single/+4", "kprobe.single/f+",
					   "kprobe.single/f+x", "kprobe.single/f+1x" };
	struct section_target target;

	(void)state;
	expect_function("kprobe.single/do_unlinkat", "do_unlinkat", 0);
	expect_function("kretprobe.single/f.isra.0", "f.isra.0", 0);
	expect_function("kprobe.single/f+0x10", "f", 16);
	expect_function("kprobe.single/ext4:ext4_readdir+8", "ext4:ext4_readdir", 8);
	assert_int_equal(section_parse_kprobe("kprobe.single", &target), -ENOENT);
	for (size_t i = 0; i < TEST_CNT(bad); i++)
		if (section_parse_kprobe(bad[i], &target) != -EINVAL)
			fail_msg("section %s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wishes),   cmocka_unit_test(versioned_symbols_may_be_multi),
		cmocka_unit_test(kprobes),  cmocka_unit_test(parts),
		cmocka_unit_test(no_parts), cmocka_unit_test(parts_of_kprobes),
	};

	return RUN_ISOLATED("sections", tests);
}
