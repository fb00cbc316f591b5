// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* bench-hits WAY entry|return THREADS MS: how often a second a probed function can be called */
#include <string.h>
#include "probes.h"

int main(int argc, char **argv)
{
	struct target target;
	struct probes probes;
	long calls, ns;

	if (argc != 5)
		die("usage: bench-hits WAY entry|return THREADS MS");
	target_start(&target);
	probes_load(&probes, argv[1], &target, 1, !strcmp(argv[2], "return"));
	probes_attach(&probes);
	target_tell(&target, "spin %d %d\n", number(argv[4]), number(argv[3]));
	calls = target_answer(&target);
	ns = target_answer(&target);
	probes_expect(&probes, "while attached", calls);
	probes_detach(&probes);
	target_stop(&target);
	printf("hits_per_s %.0f\n", calls * 1e9 / ns);
	return 0;
}
