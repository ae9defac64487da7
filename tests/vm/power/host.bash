# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034 # guest is also of run.sh
# Sourced by run.sh: boots a bed that loses power, kills it at a random moment, boots it again on the
# same disk, has it looked at, and so on. One TAP case for each cut.
: "${here:?}" "${work:?}" "${results:?}" "${prefix:?}" "${cuts:?}" "${home:?}"

# What the guest is killed in the middle of, in turns, and how long that lasts, in milliseconds.
verbs=(pull create rm rmi load run keep rm)
declare -A lasts=([pull]=2000 [keep]=2000 [load]=2000 [create]=1000 [run]=1500 [rm]=700 [rmi]=500)
seed=${RLC_SEED:-$RANDOM}
patience_ms=180000

declare -A wanted=() # "image NAME": has, gone; nothing: whichever
faults=()
doing=nothing
looked=

fault() {
	faults+=("$*")
}

hear() { # LINE
	local what=${1#power: }
	printf '%s\n' "$1" >>"$results/console.log"
	[ "$what" != "$1" ] || return 0
	case $what in
	"fault "*) fault "${what#fault }" ;;
	"has "*) wanted[${what#has }]=has ;;
	"gone "*) wanted[${what#gone }]=gone ;;
	"image "* | "container "*) found+=("$what") ;;
	sound) looked=yes ;;
	"does rmi "*) unset "wanted[image ${what#does rmi }]" ;;
	"does rm "*) forget_containers ;;
	esac
	[[ $what != does* ]] || doing=${what#does }
}

forget_containers() {
	local what
	for what in "${!wanted[@]}"; do
		[[ $what != container* ]] || unset "wanted[$what]"
	done
}

now_ms() {
	echo $((${EPOCHREALTIME/[.,]/} / 1000))
}

# Hears the guest until it says a line that begins so (0), the time is over (1) or it is gone (2).
listen() { # PATTERN MILLISECONDS
	local line='' part end left status
	end=$(($(now_ms) + $2))
	while left=$((end - $(now_ms))) && [ "$left" -gt 0 ]; do
		status=0
		IFS= read -r -t "$(printf '%d.%03d' $((left / 1000)) $((left % 1000)))" -u "$console" part ||
			status=$?
		line+=$part
		if [ "$status" -eq 0 ]; then
			hear "${line%$'\r'}"
			[ -z "$1" ] || [[ $line != "power: $1"* ]] || return 0
			line=
		elif [ "$status" -le 128 ]; then
			return 2
		fi
	done
	return 1
}

# Nothing of the guest's own disk stays: without a journal it would break, and is not rlc's.
begin() { # NUMBER
	rm -f "$work/changes"
	set -m
	boot_uml "rlc.seed=$((seed * 100 + $1))" >"$work/console" &
	guest=$!
	disown # its end is no news
	set +m
	exec {console}<"$work/console"
}

end() {
	kill_guest
	# Who is dying still holds the lock of the disk.
	while kill -0 -- "-$(cat "$work/uml.pid")" 2>/dev/null; do
		listen '' 20 || true
	done
	exec {console}<&-
}

# What had been answered with success before the cut is there after it.
compare() {
	local what
	for what in "${!wanted[@]}"; do
		if [[ " ${found[*]} " == *" $what "* ]]; then
			[ "${wanted[$what]}" = has ] || fault "removed, and is back: $what"
		else
			[ "${wanted[$what]}" = gone ] || fault "was there, and is lost: $what"
		fi
	done
}

tell() { # NUMBER
	local text
	if [ ${#faults[@]} -eq 0 ]; then
		echo "ok $1 - cut $1 during $doing: the store is consistent"
	else
		echo "not ok $1 - cut $1 during $doing: the store is consistent"
		for text in "${faults[@]}"; do
			echo "# $text"
		done
		echo "# for the same moments: RLC_SEED=$seed"
	fi >>"$results/power-cut.tap"
}

# look NUMBER: boots and has the guest look at what the cut before left.
look() {
	local found=() what
	looked=
	begin "$1"
	listen sound "$patience_ms" || fault "the guest did not come to the end of its look"
	if [ "$1" -gt 0 ]; then
		compare
		tell "$1"
	fi
	faults=()
	# It begins anew: containers are gone, images are as they were seen.
	wanted=()
	for what in "${found[@]}"; do
		[[ $what != image* ]] || wanted[$what]=has
	done
	[ -n "$looked" ] || return
}

cut_power() { # NUMBER
	local verb=${verbs[$1 % ${#verbs[@]}]}
	listen '' $((RANDOM % 4000)) || [ $? -eq 1 ] || return
	listen "does $verb" 20000 || [ $? -eq 1 ] || return
	listen '' $((RANDOM % ${lasts[$verb]} + 1)) || [ $? -eq 1 ] || return
}

cut_again_and_again() {
	local i status=1 began=$SECONDS
	RANDOM=$seed
	mkfifo "$work/console"
	truncate -s "${home}M" "$work/home.img"
	/sbin/mke2fs -q -t ext4 "$work/home.img"
	printf '1..%d\n# RLC_SEED=%d\n' "$cuts" "$seed" >"$results/power-cut.tap"
	for ((i = 0; i <= cuts; i++)); do
		look "$i" || break
		[ "$i" -eq "$cuts" ] || cut_power "$i" || break
		end
	done
	[ ${#faults[@]} -eq 0 ] || printf '# %s\n' "${faults[@]}" >>"$results/power-cut.tap"
	! grep -q '^not ok' "$results/power-cut.tap" && [ "$i" -gt "$cuts" ] && status=0
	echo "$status $((SECONDS - began))" >"$results/power-cut.end"
}
