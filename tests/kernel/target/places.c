// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* libplaces.so: a library that a tool opens when it pleases. */
#include "places.h"

TRACED_PLACES(library_places);
