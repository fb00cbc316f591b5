# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# Ways into the summary.

def find($bench; $way; $n): first(.cells[] | select(.bench == $bench and .way == $way and .n == $n)) // null;

# {value, low, high, extrapolated}, or null
def look($bench; $way; $n; $key):
  find($bench; $way; $n)
  | if .values[$key] then .values[$key] + {value: .values[$key].median, extrapolated} else null end;

# {value, extrapolated}: how many times $over is $under
def ratio($over; $under):
  if $over and $under
  then {value: ($over.value / $under.value), extrapolated: ($over.extrapolated or $under.extrapolated)}
  else null end;

def difference($more; $less): if $more and $less then {value: ($more.value - $less.value)} else null end;

# ---- As text

def mark: if .extrapolated then "~" else "" end;

# Three significant digits
def digits:
  if . == 0 then "0"
  else (fabs | log10 | floor) as $size
    | if $size >= 2 then round | tostring
      else pow(10; 2 - $size) as $scale | (. * $scale | round) / $scale | tostring end
  end;

def times: if . then mark + (.value | digits) + "x" else "-" end;

def seconds:
  if . then mark + (.value | if . >= 1 then digits + " s" elif . >= 0.001 then . * 1000 | digits + " ms"
                             else . * 1000000 | digits + " us" end)
  else "-" end;

def plain: if . then .value | digits else "-" end;

def spread: if . then "\(.value | digits) (\(.low | digits)-\(.high | digits))" else "-" end;
