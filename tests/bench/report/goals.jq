# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# Adds .goals to the summary.
include "cells";

def goal($what; $against; $goal; $measured; $text; $met):
  {what: $what, against: $against, goal: $goal, measured: $measured.value,
   text: (if $measured then $text else "-" end),
   extrapolated: ($measured.extrapolated // false), met: (if $measured then $met else null end)};

def times_faster($what; $against; $least; $measured):
  goal($what; $against; "\($least)x faster or more"; $measured; $measured | times + " faster";
       $measured.value >= $least);

def times_the_time($what; $against; $most; $measured):
  goal($what; $against; "\($most)x the time or less"; $measured; $measured | times; $measured.value <= $most);

def fewer($what; $most; $unit; $measured):
  goal($what; "without upshift"; "under \($most) \($unit) more"; $measured; "\($measured | plain) \($unit)";
       $measured.value < $most);

def total($way; $n): look("attach"; $way; $n; "total_s");

def usdt_goal:
  ratio(look("usdt"; "perf"; 500; "total_s"); look("usdt"; "default"; 500; "total_s")) as $faster
  | look("usdt"; "default"; 500; "links").value as $links
  | goal("USDT, 500 locations, attach + detach"; "perf path"; "1000x faster or more, 1 link"; $faster;
         "\($faster | times) faster, \($links // "?") link(s)"; $faster.value >= 1000 and $links == 1);

# No slower by more than the spread: by the wider of the two ranges from the lower to the upper quartile.
def hits_compared($against):
  [("hits-entry", "hits-return") as $bench | (1, 2) as $threads
   | look($bench; "default"; $threads; "hits_per_s") as $own
   | look($bench; $against; $threads; "hits_per_s") as $other
   | select($own and $other)
   | ratio($own; $other)
     + {same: ($own.value >= $other.value - ([$own, $other] | map(.high - .low) | max))}];

def hits_goal($name; $against):
  hits_compared($against) as $all | ($all | min_by(.value)) as $worst
  | goal("hits a second, entry and return, 1 and 2 threads"; $name; "median no lower by more than the spread";
         $worst; "\($worst | times) at worst; \($all | map(select(.same)) | length) of \($all | length) within";
         $all | all(.same));

def bpftrace_run($way): look("bpftrace"; $way; 1000; "run_s");

def cost($bench; $key): difference(look($bench; "default"; 1; $key); look($bench; "without"; 1; $key));

"attach + detach" as $both
| .goals = [
    times_faster("1000 probes, \($both)"; "perf path"; 1000; ratio(total("perf"; 1000); total("default"; 1000))),
    times_the_time("1000 probes, \($both)"; "one multi link"; 2;
                   ratio(total("default"; 1000); total("multi"; 1000))),
    times_the_time("5000 probes, \($both)"; "one multi link"; 4;
                   ratio(total("default"; 5000); total("multi"; 5000))),
    times_the_time("1000 probes, \($both)"; "without a keeper"; 1.1;
                   ratio(total("default"; 1000); total("nokeeper"; 1000))),
    times_faster("killed with 1000 probes, until reaped"; "perf path"; 500;
                 ratio(look("killed"; "perf"; 1000; "reaped_s"); look("killed"; "default"; 1000; "reaped_s"))),
    times_faster("bpftrace, 1000 functions, start to exit"; "without upshift"; 200;
                 ratio(bpftrace_run("perf"); bpftrace_run("default"))),
    usdt_goal,
    hits_goal("perf path"; "perf"),
    hits_goal("one multi link"; "multi"),
    fewer("start-up without BPF"; 150000; "instructions"; cost("startup"; "instructions")),
    fewer("close()"; 5; "ns"; cost("calls"; "close_ns"))
  ]
