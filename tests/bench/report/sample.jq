# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# Of the "name value" lines of one run, and what was run ($bench, $way, $n): one object.
[inputs | split(" ") | {(.[0]): (.[1] | tonumber)}] | add
| if . == null then error("\($bench), \($way), \($n): nothing was measured") else . end
| if ($way | IN("default", "sync", "nokeeper")) and .links != .multi_links
  then error("\($bench), \($way), \($n): upshift left probes on perf events") else . end
| {bench: $bench, way: $way, n: $n} + .
