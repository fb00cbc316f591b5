# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# Of all samples a cell for each bench, way and size, with the median and the quartiles of each value. What would
# have taken too long is a cell too, marked as extrapolated. $machine: what they were taken on; $sizes: what was
# asked for.

def quantile($q):
  sort as $sorted | ((length - 1) * $q) as $at | ($at | floor) as $i
  | $sorted[$i] + ($at - $i) * (($sorted[$i + 1] // $sorted[$i]) - $sorted[$i]);

def stats: {median: quantile(0.5), low: quantile(0.25), high: quantile(0.75), runs: length};

def cell:
  (.[0] | {bench, way, n}) + {
    extrapolated: false,
    values: (map(del(.bench, .way, .n) | to_entries[]) | group_by(.key)
             | map({key: .[0].key, value: (map(.value) | stats)}) | from_entries)
  };

# Along the line through the two largest sizes that were measured (or through 0, if only one was).
def along_line($n; $small; $large; $key):
  $large.values[$key].median as $there
  | ($small.values[$key].median // 0) as $before
  | $there + ([$there - $before, 0] | max) / ($large.n - ($small.n // 0)) * ($n - $large.n);

def extrapolate($n):
  .[-1] as $large | (if length > 1 then .[-2] else null end) as $small
  | ($large | {bench, way}) + {
      n: $n, extrapolated: true, from: (map(.n) | .[-2:]),
      values: ($large.values | with_entries(select(.key | endswith("_s"))
               | .value = {median: along_line($n; $small; $large; .key), runs: 0}))
    };

def with_missing_sizes:
  sort_by(.n) | . + [.[-1] as $last | $sizes[$last.bench][]? as $n | select($n > $last.n) | extrapolate($n)];

{machine: $machine, cells: (group_by([.bench, .way, .n]) | map(cell) | group_by([.bench, .way])
                            | map(with_missing_sizes) | add), samples: .}
