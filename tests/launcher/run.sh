#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# upshift run: the environment that the command gets, and its exit status.
# shellcheck source-path=SCRIPTDIR source=check.sh
. "$(dirname "$0")/check.sh"

library=$(dirname "$(realpath "$launcher")")/libupshift.so

gives 0 "$launcher" run env
prints "LD_PRELOAD=$library"
is_quiet

# In front, and once.
gives 0 env LD_PRELOAD="/nonexistent.so:$library other.so" "$launcher" run env
prints "LD_PRELOAD=$library:/nonexistent.so:other.so"

# The short form, options and the command's own.
gives 3 "$launcher" sh -c 'exit 3'
gives 0 "$launcher" --kprobes env
prints UPSHIFT_KPROBES=on
gives 0 "$launcher" run -l info --only 'a:b' -s c --detach=sync --commands 'x*' --require --versioned --stats -k --keep=off -t /bpf --pid multi -- env
for setting in LOG=info ONLY=a:b SKIP=c DETACH=sync 'COMMANDS=x*' VERSIONED=multi STATS=on KPROBES=on KEEP=off TOKEN=/bpf PID=multi; do
	prints "UPSHIFT_$setting"
done
prints UPSHIFT=require
gives 0 "$launcher" run echo --stats --help
prints '--stats --help'
gives 0 "$launcher" run --report "$work/report" --log-file "$work/log" env
prints "UPSHIFT_REPORT=$work/report"
prints "UPSHIFT_LOG_FILE=$work/log"

# As env(1) and the shell.
gives 127 "$launcher" run "$work/nothing"
complains 'No such file'
gives 127 "$launcher" nonsense
complains 'upshift --help lists the subcommands'
touch "$work/no-program"
gives 126 "$launcher" run "$work/no-program"
complains 'Permission denied'
gives 64 "$launcher" run --keep=never true
complains '--keep=never: it is on (default) or off'
gives 64 "$launcher" run
complains 'no command'
gives 64 "$launcher" run --nonsense true
gives 64 "$launcher" run --pid 4711 true
complains '--pid=4711: it is perf (default) or multi'
gives 64 "$launcher"
gives 137 bash -c "\"$launcher\" sh -c 'kill -9 \$\$'; exit \$?"

gives 0 "$launcher" --help
for word in run probe report Usage; do prints "$word"; done
gives 0 "$launcher" run --help
prints '--kprobes'
gives 0 "$launcher" --version
prints 'upshift 0.'

# Without the library the command runs all the same.
cp "$launcher" "$work/upshift"
gives 5 "$work/upshift" run sh -c 'exit 5'
complains 'the command runs without it'

finish
