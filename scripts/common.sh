# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2034 # who sources it uses them
# What scripts/demo and scripts/test share. Sourced, not run.

export LC_ALL=C DEBIAN_FRONTEND=noninteractive PATH=$PATH:/usr/sbin:/sbin

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${UPSHIFT_BUILD_DIR:-$root/build}

build_packages=(cmake gcc libbpf-dev libc6-dev libelf-dev libjson-c-dev make pkg-config)
# zlib1g-dev is for programs that link libbpf statically.
test_packages=(bpftool bpftrace busybox-static clang gron jq libbpf-tools libcap2-bin libcmocka-dev libfaketime
	libjemalloc2 systemd systemtap-sdt-dev valgrind zlib1g-dev zsh)

say() { printf '\n== %s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

need_root() { ((EUID == 0)) || die "loading BPF programs and installing packages needs root: run it with sudo"; }

# The output of a step is of interest only if the step fails.
quietly() {
	local log status=0
	log=$(mktemp)
	"$@" >"$log" 2>&1 </dev/null || status=$?
	((status == 0)) || { cat "$log" >&2; printf 'This failed: %s\n' "$*" >&2; }
	rm -f "$log"
	return "$status"
}

installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

install_missing() {
	local package missing=()
	for package; do installed "$package" || missing+=("$package"); done
	((${#missing[@]})) || return 0
	command -v apt-get >/dev/null || die "not a Debian: install what matches these packages: ${missing[*]}"
	say "Installing ${missing[*]}"
	quietly apt-get update
	quietly apt-get install -y --no-install-recommends "${missing[@]}"
}

# A container or a minimal init may not have mounted them.
mount_kernel_filesystems() {
	mountpoint -q /sys/kernel/tracing || quietly mount -t tracefs tracefs /sys/kernel/tracing
	mountpoint -q /sys/fs/bpf || quietly mount -t bpf bpf /sys/fs/bpf
}

# build_with COMPILER DIRECTORY [CMAKE OPTION...]
build_with() {
	say "Building with $1 in $2"
	quietly cmake -S "$root" -B "$2" -DCMAKE_C_COMPILER="$1" -DCMAKE_BUILD_TYPE=RelWithDebInfo "${@:3}"
	quietly cmake --build "$2" --parallel "$(nproc)"
}

# kernel_has FEATURE, as build/probes/upshift-probe names them
kernel_has() { [[ $'\n'$("$build/probes/upshift-probe")$'\n' == *$'\n'"$1 yes"$'\n'* ]]; }
