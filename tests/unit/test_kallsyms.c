// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Names in /proc/kallsyms. */
#include "isolate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "fake_kernel.h"
#include "kallsyms.h"

#define KALLSYMS "/proc/kallsyms"
#define MODULES  "/proc/modules"

static void boot(const char *kallsyms)
{
	fake_boot(&fake_linux_6_18);
	fake_remove_file(KALLSYMS);
	if (kallsyms)
		fake_add_file(KALLSYMS, kallsyms);
}

static void replace(const char *path, const char *content)
{
	fake_remove_file(path);
	fake_add_file(path, content);
}

static struct kernel_symbol find(const char *name)
{
	struct kernel_symbol symbol = { .cnt = 7, .of_module = true, .address = 7 };

	assert_int_equal(kallsyms_find(name, &symbol), 0);
	return symbol;
}

#define FINDS(name, n, at)                               \
	do {                                             \
		struct kernel_symbol found = find(name); \
		assert_int_equal(found.cnt, n);          \
		assert_int_equal(found.address, at);     \
	} while (0)

static void names(void **state)
{
	(void)state;
	boot("ffffffff81000000 T do_sys_open\n"
	     "ffffffff81000040 t twice\n"
	     "ffffffffc100008a d twice\n"
	     "ffffffff81000100 T do_sys_openat2\n");
	FINDS("do_sys_open", 1, 0xffffffff81000000);
	FINDS("do_sys_openat2", 1, 0xffffffff81000100);
	FINDS("twice", 2, 0xffffffff81000040);
	FINDS("do_sys_ope", 0, 0);
	FINDS("do_sys_openat", 0, 0);
	FINDS("T", 0, 0);
	FINDS("", 0, 0);
	assert_true(find("do_sys_open").is_function);
	assert_int_equal(fake_open_fds(), 3);
}

static void types(void **state)
{
	(void)state;
	boot("ffffffff81000000 t a\nffffffff81000001 w b\nffffffff81000002 W c\nffffffff81000003 d "
	     "e\nffffffff81000004 r f\n");
	assert_true(find("a").is_function && find("b").is_function && find("c").is_function);
	assert_false(find("e").is_function || find("f").is_function);
}

static void modules(void **state)
{
	(void)state;
	boot("ffffffff81000000 T both\n"
	     "ffffffffc0000000 t both\t[nf_conntrack]\n"
	     "ffffffffc0000040 t of_module\t[nf_conntrack]\n"
	     "ffffffffc0000080 t of_bpf_module\t[bpf_something]\n"
	     "ffffffffc00000c0 t of_long\t[a_module_with_a_name_that_is_longer_than_any_that_matters_here]\n"
	     "ffffffff810000ab T of_kernel\n");
	FINDS("both", 2, 0xffffffff81000000);
	FINDS("of_module", 1, 0xffffffffc0000040);
	FINDS("of_bpf_module", 1, 0xffffffffc0000080);
	FINDS("[nf_conntrack]", 0, 0);
	assert_true(find("of_module").of_module);
	assert_true(find("of_long").of_module);
	FINDS("of_kernel", 1, 0xffffffff810000ab);
	assert_false(find("of_kernel").of_module);
	assert_false(find("both").of_module);
	assert_false(find("nothing").of_module);
}

/** A kprobe's name is not looked for among these. */
static void what_is_generated_does_not_count(void **state)
{
	(void)state;
	boot("ffffffff81000000 T once\n"
	     "ffffffffc0100000 t once\t[bpf]\n"
	     "ffffffffc0100040 t bpf_prog_6deef7357e7b4530_once\t[bpf]\n"
	     "ffffffffc0200000 t ftrace_trampoline\t[__builtin__ftrace]\n"
	     "ffffffffc0300000 t kprobe_insn_page\t[__builtin__kprobes]\n"
	     "ffffffffc0300000 t kprobe_optinsn_page\t[__builtin__kprobes]");
	FINDS("once", 1, 0xffffffff81000000);
	FINDS("bpf_prog_6deef7357e7b4530_once", 0, 0);
	FINDS("ftrace_trampoline", 0, 0);
	FINDS("kprobe_insn_page", 0, 0);
	FINDS("kprobe_optinsn_page", 0, 0);
}

static void hidden_addresses(void **state)
{
	(void)state;
	boot("0000000000000000 T do_sys_open\n"
	     "0000000000000000 t twice\n"
	     "0000000000000000 t twice\n");
	FINDS("do_sys_open", 1, 0);
	FINDS("twice", 2, 0);
}

static void odd_lines(void **state)
{
	char *text = malloc(200000);

	(void)state;
	memset(text, 'x', 100000);
	strcpy(text + 100000,
	       " T far\n\n \nffffffff81000000\nffffffff81000000 T\nffffffff81000000  T  apart\n"
	       "ffffffff81000000 T last");
	boot(text);
	assert_int_equal(find("far").cnt, 1);
	FINDS("apart", 1, 0xffffffff81000000);
	FINDS("last", 1, 0xffffffff81000000);
	FINDS("T", 0, 0);
	FINDS("", 0, 0);
	free(text);
}

static void nothing_there(void **state)
{
	(void)state;
	boot("");
	FINDS("do_sys_open", 0, 0);
}

/** So many that the table grows, and that read() ends in the middle of lines, at every place of one. */
static void many(void **state)
{
	enum { CNT = 150000, LINE = 40 };
	char *text = malloc((size_t)CNT * LINE + 1), name[20];
	size_t len = 0;

	(void)state;
	for (int i = 0; i < CNT; i++)
		len += (size_t)sprintf(text + len, "%016x t symbol_%d\n", i + 1, i);
	boot(text);
	for (int i = 0; i < CNT; i += 7) {
		snprintf(name, sizeof(name), "symbol_%d", i);
		FINDS(name, 1, i + 1);
	}
	FINDS("symbol_150000", 0, 0);
	free(text);
}

/** It cannot be counted, and must not come to be none. */
static void the_same_many_times(void **state)
{
	enum { CNT = 0x8000 };
	static const char line[] = "ffffffff81000000 t init\n";
	char *text = malloc(CNT * sizeof(line));

	(void)state;
	for (size_t i = 0; i < CNT; i++)
		strcpy(text + i * strlen(line), line);
	boot(text);
	FINDS("init", KALLSYMS_MAX_CNT, 0xffffffff81000000);
	free(text);
}

static void read_once(void **state)
{
	(void)state;
	boot("ffffffff81000000 T a\n");
	fake_add_file(MODULES, "ext4 1032192 3 - Live 0x0000000000000000\n");
	FINDS("a", 1, 0xffffffff81000000);
	replace(KALLSYMS, "ffffffff81000000 T b\n");
	FINDS("a", 1, 0xffffffff81000000);
	FINDS("b", 0, 0);
	/* somebody uses it */
	replace(MODULES, "ext4 1032192 5 jbd2,crc16, Live 0x0000000000000000\n");
	FINDS("b", 0, 0);
	/* another is there */
	replace(MODULES, "ext4 1032192 5 - Live 0x0000000000000000\njbd2 2048 0 - Live 0x0000000000000000\n");
	FINDS("a", 0, 0);
	FINDS("b", 1, 0xffffffff81000000);
	replace(KALLSYMS, "ffffffff81000000 T c\n");
	replace(MODULES,
		"ext4 1032192 5 - Live 0x0000000000000000\njbd2 2048 7 ext4, Live 0x0000000000000000\n");
	FINDS("c", 0, 0);
	/* and it goes */
	replace(MODULES,
		"ext4 1032192 5 - Live 0x0000000000000000\njbd2 2048 0 - Unloading 0x0000000000000000\n");
	FINDS("c", 1, 0xffffffff81000000);
	replace(KALLSYMS, "ffffffff81000000 T d\n");
	replace(MODULES, "ext4 1032192 5 - Live 0x0000000000000000\n");
	FINDS("d", 1, 0xffffffff81000000);
}

static void the_first_module(void **state)
{
	(void)state;
	boot("ffffffff81000000 T a\n");
	FINDS("a", 1, 0xffffffff81000000);
	replace(KALLSYMS, "ffffffff81000000 T b\n");
	fake_add_file(MODULES, "ext4 1032192 3 - Live 0x0000000000000000\n");
	FINDS("b", 1, 0xffffffff81000000);
}

static void unreadable(void **state)
{
	struct kernel_symbol symbol;

	(void)state;
	boot(NULL);
	assert_int_equal(kallsyms_find("a", &symbol), -ENOENT);
	fake_add_file(KALLSYMS, "ffffffff81000000 T a\n");
	fake_fail(SYS_read, 1, EIO);
	assert_int_equal(kallsyms_find("a", &symbol), -EIO);
	fake_fail(SYS_read, 2, EIO);
	assert_int_equal(kallsyms_find("a", &symbol), -EIO);
	assert_int_equal(fake_open_fds(), 3);
	/* and then it can be */
	FINDS("a", 1, 0xffffffff81000000);
}

/** Half a table is worse than none: what was known before is forgotten too. */
static void unreadable_later(void **state)
{
	struct kernel_symbol symbol;

	(void)state;
	boot("ffffffff81000000 T a\n");
	FINDS("a", 1, 0xffffffff81000000);
	fake_add_file(MODULES, "ext4 1032192 3 - Live 0x0000000000000000\n");
	fake_remove_file(KALLSYMS);
	assert_int_equal(kallsyms_find("a", &symbol), -ENOENT);
	assert_int_equal(kallsyms_find("a", &symbol), -ENOENT);
	/* even if the modules are those of then again */
	fake_remove_file(MODULES);
	fake_add_file(KALLSYMS, "ffffffff81000000 T b\n");
	FINDS("b", 1, 0xffffffff81000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(types),
		cmocka_unit_test(modules),
		cmocka_unit_test(what_is_generated_does_not_count),
		cmocka_unit_test(hidden_addresses),
		cmocka_unit_test(odd_lines),
		cmocka_unit_test(nothing_there),
		cmocka_unit_test(many),
		cmocka_unit_test(the_same_many_times),
		cmocka_unit_test(read_once),
		cmocka_unit_test(the_first_module),
		cmocka_unit_test(unreadable),
		cmocka_unit_test(unreadable_later),
	};

	return RUN_ISOLATED("kallsyms", tests);
}
