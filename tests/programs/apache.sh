# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# apache.sh MPM: apache2 with that way of making processes and threads, under load. What it served, and its end.
set -eu
modules=$(dirname "$(find /usr/lib/apache2 -name "mod_mpm_$1.so")")
mkdir root
echo page >root/page
cat >conf <<END
ServerRoot $PWD
ServerName localhost
Listen 127.0.0.1:8299
PidFile $PWD/pid
ErrorLog $PWD/errors
LoadModule mpm_$1_module $modules/mod_mpm_$1.so
LoadModule authz_core_module $modules/mod_authz_core.so
DocumentRoot $PWD/root
User nobody
Group nogroup
DefaultRuntimeDir $PWD
END
setsid apache2 -f "$PWD/conf" -DFOREGROUND & # its end is that of its group
server=$!
curl -s --retry 100 --retry-delay 0 --retry-max-time 20 --retry-connrefused http://127.0.0.1:8299/page
ab -q -n 3000 -c 20 http://127.0.0.1:8299/page | grep -E '^(Complete|Failed) requests|HTML transferred'
kill "$server"
wait "$server" || echo "ended with $?"
