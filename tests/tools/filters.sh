# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# shellcheck shell=bash
# shellcheck disable=SC2154 # scripts/compat-tools sets them
# What a tool printed, as "COUNT WHAT" lines without that which is another in each run: times, pids and addresses.

# lines REGEX [COLUMN...]: the lines that match, or these columns of them
lines() {
	grep -E "$1" | mask | columns "${@:2}" | sort | uniq -c || true
}

# matches REGEX: what matches
matches() { grep -oE "$1" | mask | sort | uniq -c || true; }

columns() {
	awk -v wanted="$*" '{ n = split(wanted, column, " "); if (!n) print
		else { line = ""; for (i = 1; i <= n; i++) line = line $column[i] " "; print line } }'
}

mask() {
	sed -E "s/\b${target:-no target}\b/PID/g; s/[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?/TIME/g; s/\b0x[0-9a-f]+/ADDRESS/g"
}

# maps: bpftrace's, "@name[key]: 10"
maps() { sed -nE 's/^(@[^:]*(\[.*\])?): ([0-9]+)$/\3 \1/p' | mask | sort -k 2; }

# table KEY-COLUMNS COUNT-COLUMN REGEX
table() {
	grep -E "$3" | mask | awk -v keys="$1" -v count="$2" '{ n = split(keys, key, " "); line = $count
		for (i = 1; i <= n; i++) line = line " " $key[i]; print line }' | sort -k 2 || true
}

# stacks: their functions, each on a line, and then a line with their count
stacks() {
	awk '/^ +[0-9]+$/ { print $1, stack } /^ / && !/^ +[0-9]+$/ { stack = stack $1 " " } !/^ / || /^ +[0-9]+$/ { stack = "" }' | sort -k 2
}

# histogram: the sum of it, "0 -> 1 : 10 |***|" (how long something takes differs)
histogram() { awk '$2 == "->" && $4 == ":" { n += $5 } END { if (n) print n, "in a histogram" }'; }

# buckets: the sums of bpftrace's histograms, "[0, 200)  10 |@@@"
buckets() {
	awk '/^@/ { map = $1 } sub(/^[[(][^|]*[])] +/, "") && $2 ~ /^\|/ { n[map] += $1 }
		END { for (map in n) print n[map], map }' | sort -k 2
}

# stderr of one run, comparable with another's
error_output() { sed -E 's/\b0x[0-9a-f]+/ADDRESS/g; s/[0-9]+/N/g' "$1"; }
