# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2154 # common.sh sets them
# Packages of any Debian suite, for the compat-* scripts. Sourced after common.sh, not run. The system's own
# sources and packages stay as they are: apt works in folders below $cache, which are kept between runs.

cache=${UPSHIFT_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/upshift}

# A suite's index counts as fresh for so many minutes.
suite_index_minutes=1440

# suite_apt SUITE ARCHITECTURE COMMAND...: that apt command as on an empty system with only this suite
suite_apt() {
	local arch=$2 state=$cache/apt/$1-$2
	mkdir -p "$state"/{lists/partial,archives/partial,etc}
	[[ -e $state/status ]] || : >"$state/status"
	apt-get -q \
		-o APT::Architecture="$arch" -o APT::Architectures="$arch" -o APT::Install-Recommends=false \
		-o APT::Sandbox::User=root -o Acquire::Check-Valid-Until=false -o Acquire::Languages=none \
		-o Acquire::Retries=3 -o Dir::State="$state" -o Dir::State::Lists="$state/lists" \
		-o Dir::State::status="$state/status" -o Dir::Cache="$state" -o Dir::Cache::archives="$state/archives" \
		-o Dir::Etc::sourcelist="$state/etc/suite.sources" -o Dir::Etc::sourceparts=- \
		-o Dir::Etc::preferences=- -o Dir::Etc::preferencesparts=- -o Debug::NoLocking=true "${@:3}"
}

# The mirror that the system itself uses.
debian_mirror() {
	local uri
	# shellcheck disable=SC2016 # apt-get expands it
	uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' |
		grep -m 1 '/debian/*$')
	[[ $uri ]] || die "this system's apt has no Debian mirror from which packages could be fetched"
	printf '%s\n' "$uri"
}

# suite_update SUITE ARCHITECTURE; backports need their base too
suite_update() {
	local state=$cache/apt/$1-$2 suites=$1
	[[ $1 != *-backports ]] || suites="${1%-backports} $1"
	[[ ! $(find "$state/updated" -mmin -"$suite_index_minutes" 2>/dev/null) ]] || return 0
	mkdir -p "$state/etc"
	cat >"$state/etc/suite.sources" <<-END
		Types: deb
		URIs: $(debian_mirror)
		Suites: $suites
		Components: main
		Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
	END
	quietly suite_apt "$1" "$2" update
	touch "$state/updated"
}

# suite_unpack DIRECTORY DEB...: what is in the packages, merged; no maintainer script runs
suite_unpack() {
	local deb directory=$1
	for deb in "${@:2}"; do
		dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$directory"
	done
}

# suite_packages SUITE ARCHITECTURE DIRECTORY PACKAGE...: these packages alone, unpacked into the directory
suite_packages() {
	local directory=$3
	suite_is_there "$@" && return 0
	say "Fetching from $1 ($2): ${*:4}"
	suite_update "$1" "$2"
	rm -rf "$directory" && mkdir -p "$directory/debs"
	(cd "$directory/debs" && suite_target "$1" quietly suite_apt "$1" "$2" download "${@:4}")
	suite_unpack "$directory" "$directory"/debs/*.deb
	rm -rf "$directory/debs"
	suite_done "$@"
}

# suite_root SUITE ARCHITECTURE DIRECTORY PACKAGE...: these packages with all that they depend on, enough
# to chroot into
suite_root() {
	local directory=$3 link
	set -- "$1" "$2" "$3" base-files bash coreutils libc-bin mount "${@:4}"
	suite_is_there "$@" && return 0
	say "Fetching from $1 ($2), with what it needs: ${*:9}"
	suite_update "$1" "$2"
	rm -rf "$directory" && mkdir -p "$directory"/{debs,dev,proc,sys,run,tmp,root,usr/{bin,sbin,lib}}
	for link in bin sbin lib; do ln -s "usr/$link" "$directory/$link"; done
	if [[ $2 == amd64 ]]; then mkdir -p "$directory/usr/lib64" && ln -s usr/lib64 "$directory/lib64"; fi
	suite_target "$1" quietly suite_apt "$1" "$2" -y --download-only \
		-o Dir::Cache::archives="$directory/debs" install "${@:4}"
	suite_unpack "$directory" "$directory"/debs/*.deb
	[[ -e $directory/bin/sh ]] || ln -s bash "$directory/bin/sh" # what a maintainer script would do
	rm -rf "$directory/debs"
	suite_done "$@"
}

# suite_target SUITE COMMAND...: runs the command with apt preferring that suite (backports are not preferred
# by themselves)
suite_target() {
	APT_CONFIG=$(mktemp) || return
	export APT_CONFIG
	printf 'APT::Default-Release "%s";\n' "$1" >"$APT_CONFIG"
	local status=0
	"${@:2}" || status=$?
	rm -f "$APT_CONFIG"
	unset APT_CONFIG
	return "$status"
}

# A directory is complete only with its stamp, which names what was asked for.
suite_stamp() { printf '%s\n' "$1 $2 ${*:4}"; }
suite_is_there() { [[ $(cat "$3/.fetched" 2>/dev/null) == "$(suite_stamp "$@")" ]]; }
suite_done() { suite_stamp "$@" >"$3/.fetched"; }

# suite_run DIRECTORY COMMAND...: runs the command with the directory as its root, where the project is at its
# place and /proc, /sys and /dev are the machine's. Not by chroot(), in which there are no user namespaces.
suite_run() {
	# shellcheck disable=SC2016 # the inner shell expands it
	unshare --mount --propagation private bash -euc '
		directory=$1 project=$2
		mount --rbind "$directory" "$directory"
		mount -t tmpfs tmpfs "$directory/tmp"
		for place in /proc /sys /dev "$project"; do
			mkdir -p "$directory$place"
			mount --rbind "$place" "$directory$place"
		done
		cd "$directory"
		pivot_root . .
		umount -l .
		cd /
		exec "${@:3}"' suite_run "$1" "$root" "${@:2}"
}
