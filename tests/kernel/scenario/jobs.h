// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* What helper processes do. */
#ifndef TESTS_JOBS_H
#define TESTS_JOBS_H

struct job {
	const char *name;
	void (*run)(const char *argument);
};

extern const struct job jobs[];

void job_send_fd(int fd);
/* Until the parent has had enough. */
void job_wait_for_end(void);

#endif
