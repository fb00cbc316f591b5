# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# build.sh make|cmake: a project of many files, built in parallel, run and built again.
set -eu
mkdir project && cd project
functions=$(seq 30)
for i in $functions; do echo "int f$i(void) { return $i; }" >"f$i.c"; done
{
	for i in $functions; do echo "int f$i(void);"; done
	echo '#include <stdio.h>'
	echo "int main(void) { printf(\"%d\\n\", 0$(for i in $functions; do printf ' + f%d()' "$i"; done)); }"
} >main.c
if [ "$1" = make ]; then
	printf 'sum: $(patsubst %%.c,%%.o,$(wildcard *.c))\n\t$(CC) -o $@ $^\n' >Makefile
	make -j 4 | sort
	./sum
	make -j 4
else
	cat >CMakeLists.txt <<-'END'
		cmake_minimum_required(VERSION 3.20)
		project(sum C)
		file(GLOB sources *.c)
		add_executable(sum ${sources})
		enable_testing()
		add_test(NAME sum COMMAND sum)
	END
	cmake -B build >configured
	cmake --build build -j 4 >built
	./build/sum
	(cd build && ctest -Q) && echo tested
fi
