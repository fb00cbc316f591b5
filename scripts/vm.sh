# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# shellcheck shell=bash disable=SC2154 # common.sh and suites.sh set them
# Virtual machines for the compat-* scripts: a kernel of any Debian suite, and an initramfs that is a directory of
# suite_root with some of our files at their own paths. Sourced after suites.sh, not run.
#
# Everything is emulated, for want of KVM, and therefore slow and uneven. What a virtual machine says goes into
# two files in $vm_dir: NAME.console (the kernel's messages) and NAME.results (what the commands print).

vm_dir=${vm_dir:-$(mktemp -d)}

# What the root of a virtual machine is to have, for suite_root.
# shellcheck disable=SC2034 # who sources it uses them
vm_root_packages=(busybox-static dash libbpf1 libcmocka0 libjson-c5)

# On the kernel's command line: tests that may bring a kernel down look for it.
vm_flag=upshift.vm=1

# vm_host_packages ARCHITECTURE: what this machine needs
vm_host_packages() {
	case $1 in
	amd64) echo cpio qemu-system-x86 ;;
	arm64) echo cpio qemu-system-arm ;;
	*) die "no virtual machine is known for $1" ;;
	esac
}

# vm_qemu ARCHITECTURE: sets the emulator's command, the console, and where results go
vm_qemu() {
	case $1 in
	amd64)
		# QEMU 7.2 with its 16-byte compare-and-exchange, or with a thread for each CPU, lets kernels crash.
		qemu=(qemu-system-x86_64 -cpu 'max,la57=off,cx16=off') results=/dev/ttyS1
		results_device=(-serial chardev:results)
		append='console=ttyS0 mitigations=off'
		;;
	arm64)
		# The architecture's own way to sign pointers takes as long to emulate as all the rest.
		qemu=(qemu-system-aarch64 -M virt -cpu 'max,pauth-impdef=on') results=/dev/ttyS0
		results_device=(-device 'pci-serial,chardev=results')
		append='console=ttyAMA0'
		;;
	esac
}

# vm_suite VERSION: the suite that has that series of kernels
vm_suite() {
	case $1 in
	6.1) echo bookworm ;;
	6.12) echo bookworm-backports ;;
	*) echo trixie-backports ;;
	esac
}

# vm_kernel VERSION ARCHITECTURE: sets $kernel to that series' newest kernel image, for example of 6.12
vm_kernel() {
	local suite names release package directory=$cache/kernel/$1-$2
	suite=$(vm_suite "$1")
	suite_update "$suite" "$2"
	names=$(suite_names "$suite" "$2")
	release=$(sed -n "s/^linux-image-\($1\.[0-9].*-cloud-$2\)$/\1/p" <<<"$names" | sort -V | tail -n 1)
	[[ $release ]] || die "there is no Linux $1 in $suite"
	# From 7.0 on the image is in a package beside the one of this name.
	package=linux-binary-$release
	grep -qxF "$package" <<<"$names" || package=linux-image-$release
	suite_packages "$suite" "$2" "$directory" "$package"
	kernel=$(find "$directory/" -name 'vmlinu[xz]*' -type f)
	[[ -f $kernel ]] || die "there is no kernel in $package"
}

# vm_module VERSION ARCHITECTURE NAME: one of the modules for what vm_kernel found, on standard output
vm_module() {
	local directory=$cache/kernel/$1-$2 release
	if [[ ! $(find "$directory" -name '*.ko*' -print -quit) ]]; then
		# From 7.0 on they are in a package of their own.
		release=$(find "$directory" -path '*/lib/modules/*' -printf '%f\n' -prune)
		directory+=-modules
		suite_packages "$(vm_suite "$1")" "$2" "$directory" "linux-modules-$release" >&2
	fi
	find "$directory" -name "$3.ko*" -exec xz -dcf {} +
}

# suite_names SUITE ARCHITECTURE: all its packages
suite_names() {
	# shellcheck disable=SC2016 # apt-get expands it
	suite_apt "$1" "$2" indextargets --format '$(FILENAME)' 'Created-By: Packages' |
		xargs -d '\n' /usr/lib/apt/apt-helper cat-file | sed -n 's/^Package: //p'
}

# vm_initrd INITRD ROOT PATH...: the files (and what is below directories) are at the same paths in the virtual
# machine. Kernels take several cpio archives behind one another.
vm_initrd() {
	local initrd=$1 directory=$2
	(cd "$directory" && find . -path './usr/share/*' -prune -o -path './var/*' -prune -o -print0 | vm_cpio) >"$initrd"
	find "${@:3}" -print0 | vm_parents | (cd / && vm_cpio) >>"$initrd"
	vm_init | vm_file "$initrd" init
}

vm_cpio() { cpio --quiet --null --create --format newc; }

# Puts all directories above the paths before them.
vm_parents() {
	awk -v RS='\0' -v ORS='\0' '{
		for (i = 2; i <= length($0); i++)
			if (substr($0, i, 1) == "/" && !known[above = substr($0, 2, i - 2)]++)
				print above
		print substr($0, 2)
	}'
}

# vm_file INITRD NAME: adds an executable in the root directory, which is standard input
vm_file() {
	local directory
	directory=$(mktemp -d)
	cat >"$directory/$2"
	chmod +x "$directory/$2"
	(cd "$directory" && printf '%s\0' "$2" | vm_cpio) >>"$1"
	rm -r "$directory"
}

# The first process. What the commands print is between two lines of its own.
vm_init() {
	cat <<-'END'
		#!/bin/busybox sh
		export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C
		exec 2>&1
		cd /
		busybox mkdir -p /proc /sys /dev /tmp /run
		busybox mount -t proc proc /proc
		busybox mount -t sysfs sysfs /sys
		busybox mount -t devtmpfs dev /dev
		busybox ln -sf /proc/self/fd /dev/fd
		busybox mount -t tracefs tracefs /sys/kernel/tracing
		busybox mount -t bpf bpf /sys/fs/bpf
		busybox chmod 1777 /tmp
		echo root:x:0:0:root:/root:/bin/sh >/etc/passwd
		ulimit -Hn 1048576
		ulimit -Sn 1024
		results=$(busybox sed 's/.*upshift\.results=\([^ ]*\).*/\1/' /proc/cmdline)
		busybox stty -F "$results" raw
		{
			echo "vm: Linux $(busybox uname -r)"
			/commands </dev/null 2>&1
			echo "vm: status $?"
		} >"$results"
		{
			echo "vm: tainted $(busybox cat /proc/sys/kernel/tainted)"
			busybox dmesg
			echo "vm: end"
		} >"$results"
		busybox reboot -f
	END
}

# vm_boot NAME ARCHITECTURE SECONDS KERNEL INITRD [KERNEL PARAMETER...]: runs the script on standard input in a
# new virtual machine, for that long at most. What came of it is for vm_status and the others to say. It has 2 CPUs.
vm_boot() {
	local qemu results results_device append initrd
	vm_qemu "$2"
	initrd=$(mktemp -p "$vm_dir")
	cp "$5" "$initrd"
	vm_file "$initrd" commands
	# Warnings of the kernel that somebody was slow would be about the emulation.
	append+=" quiet panic=-1 nowatchdog rcupdate.rcu_cpu_stall_suppress=1 $vm_flag upshift.results=$results"
	timeout -k 5 "$3" "${qemu[@]}" -accel tcg,thread=single -smp 2 -m "${vm_memory:-1024}" -nodefaults \
		-display none -no-reboot -pidfile "$vm_dir/$1.pid" -serial "file:$vm_dir/$1.console" \
		-chardev "file,id=results,path=$vm_dir/$1.results" "${results_device[@]}" \
		-kernel "$4" -initrd "$initrd" -append "$append ${*:6}" >"$vm_dir/$1.qemu" 2>&1 </dev/null ||
		echo "qemu ended with status $?" >>"$vm_dir/$1.qemu"
	rm "$initrd"
}

# For a script's end, whenever that comes.
vm_end() {
	cat "$vm_dir"/*.pid 2>/dev/null | xargs -r kill || true
	rm -rf "$vm_dir"
}

# vm_line NAME WORD: what init said, for example of "status"
vm_line() { sed -n "s/^vm: $2 //p" "$vm_dir/$1.results" 2>/dev/null | tail -n 1; }
vm_release() { vm_line "$1" Linux; }
# The commands' exit status; nothing if they did not come to their end
vm_status() { vm_line "$1" status; }

# vm_output NAME: what the commands printed
vm_output() { sed '0,/^vm: Linux /d; /^vm: status /,$d' "$vm_dir/$1.results"; }

# vm_trouble NAME: what the kernel complained of, and whether it died; nothing if all is well
vm_trouble() {
	local complaints='kernel BUG|BUG:|WARNING:|Oops|Kernel panic|general protection|stack segment|double fault|refcount_t:|UBSAN|Unable to handle'
	local taint log=$vm_dir/$1.results
	taint=$(vm_line "$1" tainted)
	# By bits: a bad page, an oops, a warning, a lockup.
	if [[ ! $taint ]]; then
		log=$vm_dir/$1.console
		echo "the virtual machine did not come to its end: $(cat "$vm_dir/$1.qemu"; tail -n 30 "$log")"
	elif ((taint & (32 | 128 | 512 | 16384))); then
		echo "the kernel is tainted: $taint"
	fi
	sed -n '/^\[ *[0-9]*\.[0-9]*\]/p' "$log" | grep -aE -A 25 -m 3 "$complaints"
}
