# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# A redis with its background threads and a forked child that saves, under load. Without the package that would
# start one as a service.
set -eu
ln -s "$(command -v redis-check-rdb)" redis-server
./redis-server --port 0 --unixsocket "$PWD/socket" --save '' --io-threads 2 --logfile log --daemonize no &
server=$!
cli() { redis-cli -s "$PWD/socket" "$@"; }
until [ "$(cli ping 2>/dev/null)" = PONG ]; do sleep 0.01; done
redis-benchmark -s "$PWD/socket" -n 5000 -c 20 -q -t set,get,lpush >benchmark
cli llen mylist
cli set key value
cli save
cli bgsave
until [ "$(cli info persistence | grep -c rdb_bgsave_in_progress:0)" = 1 ]; do sleep 0.01; done
cli info persistence | grep rdb_last_bgsave_status
cli shutdown nosave || true
wait "$server"
grep -c 'Fatal\|Error' log || true
