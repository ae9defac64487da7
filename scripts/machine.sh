# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What quickstart and check do to a machine before they use it: packages, device nodes, an ordinary
# user. Sourced with $top (the source tree) and $log (a file) set.
: "${top:?}" "${log:?}"

say() {
	printf '%s\n' "$@"
}

die() {
	printf '%s: %s\n' "$(basename "$0")" "$1" >&2
	shift
	[ $# -eq 0 ] || printf '  %s\n' "$@" >&2
	exit 1
}

# quietly WHAT COMMAND…: one line while it works; what it printed is shown only when it fails.
quietly() {
	what=$1
	shift
	printf '%s ... ' "$what"
	printf '\n== %s: %s\n' "$what" "$*" >>"$log"
	began=$(date +%s)
	if "$@" >>"$log" 2>&1 </dev/null; then
		printf 'done (%s s)\n' "$(($(date +%s) - began))"
	else
		printf 'FAILED\n'
		tail -n 40 "$log" | sed 's/^/  /'
		die "$what failed; the whole log is $log"
	fi
}

is_root() {
	[ "$(id -u)" -eq 0 ]
}

# As root directly, else through sudo.
as_root() {
	if is_root; then
		"$@"
	else
		sudo "$@"
	fi
}

can_be_root() {
	is_root || command -v sudo >/dev/null
}

# as_user USER COMMAND…: with that user's own home and run folder and nothing else of ours. Without
# /run/user/UID (nobody logged in) rlc falls back to a folder of its own in /tmp.
as_user() {
	user=$1
	shift
	uid=$(id -u "$user")
	home=$(getent passwd "$user" | cut -d: -f6)
	set -- HOME="$home" USER="$user" LOGNAME="$user" PATH="$PATH" TERM="${TERM:-dumb}" "$@"
	if [ "$(stat -c %u "/run/user/$uid" 2>/dev/null)" = "$uid" ]; then
		set -- XDG_RUNTIME_DIR="/run/user/$uid" "$@"
	fi
	if [ "$uid" -eq "$(id -u)" ]; then
		env "$@"
	else
		runuser -u "$user" -- env -i "$@"
	fi
}

# as_owner COMMAND…: root builds as the tree's owner, so that `sudo ./quickstart` leaves no file of
# root's in a user's checkout.
as_owner() {
	owner=$(stat -c %U "$top")
	if is_root && [ "$owner" != root ] && id "$owner" >/dev/null 2>&1; then
		as_user "$owner" "$@"
	else
		"$@"
	fi
}

# packages KIND…: the names that scripts/packages gives for them.
packages() {
	for kind in "$@"; do
		awk -v kind="$kind" '$1 == kind { for (i = 2; i <= NF; i++) print $i }' \
			"$top/scripts/packages"
	done | sort -u
}

missing_packages() { # KIND…
	for package in $(packages "$@"); do
		dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' ||
			printf '%s\n' "$package"
	done
}

apt_install() {
	as_root apt-get -qq update &&
		as_root env DEBIAN_FRONTEND=noninteractive \
			apt-get -qq install -y --no-install-recommends "$@"
}

# Installs what is missing on Debian; anywhere else names it and stops.
need_packages() { # KIND…
	if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
		die "this machine has no apt; install what these Debian packages hold and use --no-packages" \
			"$(packages "$@" | tr '\n' ' ')"
	fi
	lacking=$(missing_packages "$@" | tr '\n' ' ')
	[ -n "$lacking" ] || return 0
	can_be_root || die "these packages are missing and there is no sudo; as root, run" \
		"apt-get install $lacking"
	is_root || sudo -v || die "sudo is needed once, to install: $lacking"
	# shellcheck disable=SC2086 # a list
	quietly "Install $(echo $lacking | wc -w) packages" apt_install $lacking
}

# udev gives everyone these two; a bare machine without udev leaves them to root alone.
open_devices() {
	for node in /dev/fuse /dev/net/tun; do
		if is_root && [ "$(stat -c %a "$node" 2>/dev/null)" = 600 ]; then
			chmod 0666 "$node"
			say "Opened $node to everyone, as udev does (it was 0600)."
		fi
	done
}

has_subids() { # USER
	for file in /etc/subuid /etc/subgid; do
		grep -qsE "^($1|$(id -u "$1")):" "$file" || return 1
	done
}

# An ordinary user with a home, a shell and subordinate ids, or nothing.
existing_user() {
	if [ -n "${SUDO_USER:-}" ] && [ "$SUDO_USER" != root ]; then
		printf '%s\n' "$SUDO_USER"
		return
	fi
	getent passwd | awk -F: '$3 >= 1000 && $3 < 60000 && $7 !~ /(nologin|false)$/ { print $1, $6 }' |
		while read -r user home; do
			if [ -d "$home" ] && has_subids "$user"; then
				printf '%s\n' "$user"
				break
			fi
		done
}

make_user() { # NAME
	useradd --create-home --shell /bin/bash "$1" || return
	has_subids "$1" || {
		# Past every range that is given out already.
		start=$(awk -F: '$2 + $3 > n { n = $2 + $3 } END { print n > 100000 ? n : 100000 }' \
			/etc/subuid /etc/subgid)
		usermod --add-subuids "$start-$((start + 65535))" \
			--add-subgids "$start-$((start + 65535))" "$1"
	}
}
