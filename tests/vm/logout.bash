#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# As root in a guest: a user of its own logs in, detaches a container from a program of the session's
# service manager and logs out, without lingering and with it. logout.bats reads what was seen, in
# /run/vm/logout: what rlc said, and whether the container was there afterwards.
set -u
# shellcheck source=/dev/null
. /run/vm/bed
: "${prefix:?}"
seen=/run/vm/logout
user=visitor
mkdir -p "$seen"
useradd --create-home --shell /bin/bash --uid 1002 "$user"

# A login with PAM's session, as from sshd; what it starts runs in the user's manager, as from a
# desktop, in a scope: a service would end what it leaves.
session() { # COMMAND
	runuser -l "$user" -c "rlc() { systemd-run --user --scope --quiet --collect \
		env RLC_PULL=missing $prefix/bin/rlc \"\$@\"; }
		$1"
}

# The user's manager ends ten seconds after the last logout, and then what does not heed it.
mkdir -p /etc/systemd/system/user@1002.service.d
printf '[Service]\nTimeoutStopSec=10\n' >/etc/systemd/system/user@1002.service.d/soon.conf
systemctl daemon-reload

# Waits until it has; with lingering it never does.
logged_out() {
	local tries=40
	while [ "$(systemctl is-active user@1002.service)" != inactive ] && [ $((tries -= 1)) -gt 0 ]; do
		sleep 1
	done
}

for linger in off on; do
	[ "$linger" = off ] || loginctl enable-linger "$user"
	session "rlc run -d --name $linger --network=none busybox sleep 10000
		rlc run -d --name $linger-too --network=none busybox sleep 10000
		rlc inspect $linger >before" >"$seen/$linger.said" 2>&1
	pid=$(jq '.[0].State.Pid' /home/visitor/before)
	logged_out
	[ -d "/proc/$pid" ] && echo yes >"$seen/$linger.lives" || echo no >"$seen/$linger.lives"
	session "rlc ps -a --format json" | jq -r '.[] | .Names[0] + " " + .State' >"$seen/$linger.ps" 2>&1
	session "rlc rm -f -t 0 -a" >/dev/null 2>&1
done
chmod -R a+rX "$seen"
