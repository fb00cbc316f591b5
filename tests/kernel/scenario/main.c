// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
int scenario_main(int argc, char **argv);

int main(int argc, char **argv)
{
	return scenario_main(argc, argv);
}
