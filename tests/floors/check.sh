#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# scripts/floors finds nothing in the tree, and finds an include that goes up and a folder that is on no floor.
# Usage: check.sh SOURCE_DIRECTORY
set -euo pipefail
source=$1
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

"$source/scripts/floors"
cp -r "$source/shim" "$source/probes" "$copy"
echo '#include "detach.h"' >>"$copy/shim/engine/tool/process.c"
mkdir "$copy/shim/engine/attic"
echo '#include "bpf.h"' >"$copy/shim/engine/attic/lost.c"
if found=$("$source/scripts/floors" "$copy"); then
	echo "an include that goes up was not found"
	exit 1
fi
[[ $found == *"process.c: includes detach.h of shim/engine/detach"* && $found == *"lost.c: is on no floor"* ]] || {
	echo "$found"
	exit 1
}
