/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Many functions that look alike, one after the other. */
#ifndef TESTS_PLACES_H
#define TESTS_PLACES_H

#define NR_PLACES  200
#define PLACE_SIZE 16

#if defined(__x86_64__)
#define PLACE "leaq 1(%rdi), %rax; ret"
#define FILL  "0xcc"
#elif defined(__aarch64__)
#define PLACE "add x0, x0, #1; ret"
#define FILL  "0"
#endif

#ifdef PLACE
/* name is the first of them: name[i] is not, but name + i * PLACE_SIZE. */
#define TRACED_PLACES(name)                                                                            \
	extern const char name[];                                                                      \
	__asm__(".pushsection .text; .balign 16; .globl " #name "; .type " #name ", %function; " #name \
		": .rept 200; " PLACE "; .balign 16, " FILL "; .endr; .size " #name ", . - " #name     \
		"; .popsection")
#endif

#endif
