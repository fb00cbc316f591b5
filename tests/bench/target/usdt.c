// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
#include <sys/sdt.h>
#include "functions.h"

#define ONE(n)   STAP_PROBE(bench, locations_##n);
#define TEN(n)   ONE(n) ONE(n) ONE(n) ONE(n) ONE(n) ONE(n) ONE(n) ONE(n) ONE(n) ONE(n)
#define FIFTY(n) TEN(n) TEN(n) TEN(n) TEN(n) TEN(n)
#define FIVE_HUNDRED(n) \
	FIFTY(n) FIFTY(n) FIFTY(n) FIFTY(n) FIFTY(n) FIFTY(n) FIFTY(n) FIFTY(n) FIFTY(n) FIFTY(n)

int run_locations(int count)
{
	switch (count) {
	case 10:
		TEN(10)
		return count;
	case 50:
		FIFTY(50)
		return count;
	case 500:
		FIVE_HUNDRED(500)
		return count;
	}
	return 0;
}
