# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# A database server of many processes, as nobody. Where there is one: its package would start it as a service.
set -eu
bin=$(dirname "$(find /usr/lib/postgresql -name initdb | head -n 1)")
chown nobody .
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$PWD" "$@"; }
as_nobody "$bin/initdb" -D data --no-sync -A trust >/dev/null
as_nobody "$bin/pg_ctl" -D data -o "-k $PWD -c listen_addresses='' -F" -l log -w start >/dev/null
as_nobody "$bin/psql" -h "$PWD" -d postgres -Atc \
	'create table t as select generate_series(1, 10000) n; create index on t(n); select sum(n) from t'
as_nobody "$bin/pg_ctl" -D data -m fast -w stop >/dev/null
