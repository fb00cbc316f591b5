# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# One table ($table) as tab-separated lines: ratios first, what they are of after them. "~" is extrapolated.
include "cells";

def ways($names): ["perf", "sync", "default", "nokeeper", "multi"] | map(select(IN($names[])));

def name_of:
  {perf: "perf path", sync: "upshift, sync", default: "upshift", nokeeper: "upshift, no keeper", multi: "one multi link"}[.];

def sizes($bench): [.cells[] | select(.bench == $bench).n] | unique[];

def ways_of($bench): ways([.cells[] | select(.bench == $bench).way]);

def runs($bench; $way; $n; $key): look($bench; $way; $n; $key).runs // 0;

def probe_rows($bench):
  (["number", "way", "time vs multi", "faster than perf", "attach+detach", "attach", "first event", "detach", "exit",
    "fds", "links", "peak KiB", "runs"]),
  (sizes($bench) as $n | ways_of($bench)[] as $way
   | def get($key): look($bench; $way; $n; $key);
     [$n, ($way | name_of),
      (ratio(get("total_s"); look($bench; "multi"; $n; "total_s")) | times),
      (ratio(look($bench; "perf"; $n; "total_s"); get("total_s")) | times),
      (("total_s", "attach_s", "first_event_s", "detach_s", "exit_s") as $key | get($key) | seconds),
      (("fds", "links", "peak_kib") as $key | get($key) | plain),
      runs($bench; $way; $n; "total_s")]);

def killed_rows:
  (["number", "way", "dies faster than perf", "reaped after", "last breakpoint gone after", "runs"]),
  (sizes("killed") as $n | ways_of("killed")[] as $way
   | def get($key): look("killed"; $way; $n; $key);
     [$n, ($way | name_of), (ratio(look("killed"; "perf"; $n; "reaped_s"); get("reaped_s")) | times),
      (get("reaped_s") | seconds), (get("gone_s") | seconds), runs("killed"; $way; $n; "reaped_s")]);

def bpftrace_rows:
  (["functions", "way", "faster than without", "start to exit", "runs"]),
  (sizes("bpftrace") as $n | ways_of("bpftrace")[] as $way
   | look("bpftrace"; $way; $n; "run_s") as $time
   | [$n, (if $way == "perf" then "without upshift" else "with upshift" end),
      (ratio(look("bpftrace"; "perf"; $n; "run_s"); $time) | times),
      ($time | seconds), $time.runs // 0]);

def hits_rows:
  (["hits", "threads", "way", "vs perf", "vs multi", "a second (quartiles)", "runs"]),
  (("hits-entry", "hits-return") as $bench | sizes($bench) as $threads | ways_of($bench)[] as $way
   | def get($which): look($bench; $which; $threads; "hits_per_s");
     get($way) as $hits
   | [($bench | ltrimstr("hits-")), $threads, ($way | name_of),
      (ratio($hits; get("perf")) | times), (ratio($hits; get("multi")) | times),
      ($hits | spread), $hits.runs]);

def cost_row($what; $bench; $key; $unit):
  look($bench; "without"; 1; $key) as $without | look($bench; "default"; 1; $key) as $with
  | [$what, (ratio($with; $without) | times), "\(difference($with; $without) | plain) \($unit)",
     ($without | spread), ($with | spread), $with.runs];

def cost_rows:
  ["what", "ratio", "difference", "without (quartiles)", "with (quartiles)", "runs"],
  cost_row("start-up, no BPF"; "startup"; "instructions"; "instructions"),
  cost_row("close(), no BPF"; "calls"; "close_ns"; "ns"),
  cost_row("ioctl(), no BPF"; "calls"; "ioctl_ns"; "ns"),
  cost_row("syscall(), no BPF"; "calls"; "syscall_ns"; "ns"),
  cost_row("first BPF_PROG_LOAD"; "load"; "load_us"; "us");

def goal_rows:
  ["verdict", "measured", "goal", "what", "against"],
  (.goals[] | [{"true": "met", "false": "MISSED", "null": "not measured"}[.met | tostring], .text, .goal, .what,
               .against]);

# For the plot: the size, then seconds measured and seconds extrapolated for each way. The line of what is
# extrapolated begins at the last point that was measured.
def plot_rows:
  . as $all | sizes("attach") as $n
  | [$n, (("perf", "sync", "default", "multi") as $way
          | ($all | look("attach"; $way; $n; "total_s")) as $time
          | ([$all.cells[] | select(.bench == "attach" and .way == $way and (.extrapolated | not)).n] | max) as $last
          | (if $time and ($time.extrapolated | not) then $time.value else "?" end),
            (if $time and $n >= $last then $time.value else "?" end))];

if $table == "attach" or $table == "usdt" then probe_rows($table)
elif $table == "killed" then killed_rows
elif $table == "bpftrace" then bpftrace_rows
elif $table == "hits" then hits_rows
elif $table == "cost" then cost_rows
elif $table == "goals" then goal_rows
elif $table == "plot" then plot_rows
else error("there is no table \($table)") end
| @tsv
