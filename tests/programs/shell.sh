# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# For any POSIX shell: pipes, subshells, traps, here-documents, redirections, background jobs.
trap 'echo trapped' USR1
trap 'echo "the end, status $?"' EXIT
kill -USR1 $$
(exit 3) || echo "subshell $?"
seq 1 1000 | grep 7 | sort -r | head -n 3 | tr '\n' ' '
echo
cat <<END
a here-document of $(echo 3 words | wc -w) words
END
x=$(cat <<'END'
$not expanded
END
)
echo "$x"
exec 5>file 6<&0
echo "to five" >&5
exec 5>&- 6<&-
read -r line <file && echo "$line"
i=0
while [ $i -lt 5 ]; do
	(echo "job $i" >"job$i") &
	i=$((i + 1))
done
wait
cat job?
echo closed 2>/dev/null >&7 || echo "no such fd"
sh -c 'kill $$' || echo "killed $?"
echo err >&2
{ echo one; echo two >&2; } 2>&1 | sort
mkfifo fifo
echo through a fifo >fifo &
read -r line <fifo
wait
echo "$line"
exit 4
