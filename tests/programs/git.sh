# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# Commits, branches, a merge with a conflict, packing, and a clone.
export GIT_AUTHOR_DATE='2024-01-01T00:00:00Z' GIT_COMMITTER_DATE='2024-01-01T00:00:00Z'
git config --global user.name Name
git config --global user.email name@example.org
git init -q -b main repo && cd repo || exit
for i in $(seq 20); do
	echo "line $i" >>file
	git add file
	git commit -q -m "Commit $i"
done
git checkout -q -b other HEAD~5
echo other >>file
git commit -qam "On the other branch"
git merge main
git merge --abort
git log --oneline --graph --all | tail -n 5
git gc -q && git fsck --no-progress
git clone -q . ../clone && git -C ../clone log --format=%H | sha256sum
git archive HEAD | tar -t
git grep -n "line 1" | wc -l
git bisect start -q HEAD HEAD~10 >/dev/null && git bisect run sh -c 'test $(wc -l <file) -lt 10' 2>&1 | tail -n 3
