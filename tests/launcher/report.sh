#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# upshift report: counts by path and reason, the slowest detaches, and files that are no report.
# shellcheck source-path=SCRIPTDIR source=check.sh
. "$(dirname "$0")/check.sh"

line() { printf '{"time":1.5,"process":%s,"event":"%s","command":"tool",%s}\n' "$1" "$2" "$3"; }
detach() { line 7 detach '"path":"multi","reason":"closed","duration_us":'"$1"',"program":"p'"$1"'","target":"/t","offset":16'; }

{
	line 7 load '"path":"multi","reason":"eligible by its section","program":"p"'
	line 7 attach '"path":"multi","reason":"upgraded","program":"p","target":"/t","offset":16'
	line 7 attach '"path":"multi","reason":"upgraded","program":"p","target":"/t","offset":32'
	line 8 attach '"path":"perf","reason":"the program is part of tail calls","program":"q","target":"/t","offset":48'
	line 8 attach '"path":"failed","reason":"upgraded","errno":22,"program":"q","target":"/t","offset":9'
	for duration in 5000 90000 1000 2000 3000 4000 6000 7000 8000 9000 10000 11000; do detach "$duration"; done
	line 7 summary '"lines_lost":2,"keeper":true'
	line 8 summary '"lines_lost":0,"keeper":false,"keeper_missing":"UPSHIFT_KEEP=off"'
	line 8 summary '"lines_lost":0'
	echo 'half a li'
} >"$work/report"

gives 0 "$launcher" report "$work/report"
is_quiet
prints '2 on multi links'
prints '2 upgraded'
prints '1 the program is part of tail calls'
prints '90.000 ms  p90000, /t+0x10'
prints '1 lines could not be read'
prints 'A keeper in 1 processes'
prints 'No keeper in 1: UPSHIFT_KEEP=off'
prints_not 'p2000,' # the eleventh

gives 0 "$launcher" report --json "$work/report"
json '.attaches.multi.total == 2 and .attaches.perf.reasons["the program is part of tail calls"] == 1'
json '.attaches.failed.total == 1 and .loads.multi.total == 1 and .lines_lost == 2 and .unreadable_lines == 1'
json '.slowest_detaches | length == 10 and .[0].duration_us == 90000 and .[9].duration_us == 3000'
json '.processes == {"7 tool": 16, "8 tool": 4}'
json '.keepers == {"there": 1, "missing": {"UPSHIFT_KEEP=off": 1}}'

gives 0 bash -c "\"$launcher\" report - <'$work/report'"
prints 'Probes attached'

: >"$work/empty"
gives 0 "$launcher" report "$work/empty"
prints '0 lines of 0 processes'
gives 1 "$launcher" report /etc/passwd
complains 'no report of upshift'
gives 1 "$launcher" report "$work/nothing"
complains 'No such file'
gives 1 "$launcher" report "$work"
complains 'Is a directory'
head -c 200000 /dev/urandom >"$work/noise"
gives 1 "$launcher" report "$work/noise"
gives 64 "$launcher" report
gives 64 "$launcher" report one two
gives 0 "$launcher" report --help

finish
