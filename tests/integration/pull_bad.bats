#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Registries that are down, slow, broken or hostile, and names that are none. Each case is stopped by
# a guard of its own, says what was asked, of whom, why it failed and what to do, and leaves nothing
# in the store.

load lib
# shellcheck source=tests/fixtures/registry.bash
source "$BATS_TEST_DIRNAME/../fixtures/registry.bash"

setup_file() {
	file_begin
	unset RLC_PULL
	# What may pass is tried twice, and at once.
	export RLC_RETRY=1 RLC_RETRY_DELAY=0
	need_program openssl
	registry_bad
	registry_bad_tls
}

teardown_file() {
	registries_end
	file_end
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	registry_bad
}

# bad NAME [OPTION…]: pulls that repository of the bad registry.
bad() {
	local name=$1
	shift
	run rlc pull -q --tls-verify=false "$@" "$registry/$name"
}

# refused NAME TEXT [OPTION…]: the pull fails by TEXT, with a next step, and nothing is in the store.
refused() {
	local name=$1 text=$2
	shift 2
	bad "$name" "$@"
	assert_refused 125 "$text" || return
	assert_contains "  fix: " || return
	nothing_here
}

nothing_here() {
	local store=$XDG_DATA_HOME/rlc folder
	assert_equal "$(rlc images -n)" "" || return
	for folder in tmp layers blobs/sha256 images; do
		[ ! -d "$store/$folder" ] ||
			assert_equal "$(ls -A "$store/$folder")" "" || return
	done
}

pulled() {
	assert_success || return
	assert_match '^[0-9a-f]{64}$' || return
	rlc rmi "$output" >/dev/null
}

# The requests for what PATTERN matches that the bad registry saw.
asked() { # PATTERN
	grep -cE -- "$1" "$registry_at/bad.log"
}

@test "the bad registry can behave" {
	bad good
	pulled
}

# --- not there ----------------------------------------------------------------------------------

@test "nobody listens" {
	local port
	port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	run rlc pull -q "127.0.0.1:$port/app"
	assert_refused 125 "get manifest latest of app from 127.0.0.1:$port: cannot connect: Connection refused"
	assert_contains "fix: is it up, and are host and port of 127.0.0.1:$port right?"
	nothing_here
}

@test "an image that nobody made here is not to be had from localhost" {
	run rlc pull -q localhost:1/app
	assert_refused 125 "cannot connect"
	run rlc run -q --network none localhost/app
	assert_refused 125 "no image localhost/app here: get manifest latest of app from localhost"
	assert_contains "fix: rlc images lists what is here"
}

@test "the host's name is not known" {
	run rlc pull -q registry.invalid/app
	assert_refused 125 "get manifest latest of app from registry.invalid: Could not resolve host: registry.invalid"
	assert_contains "/etc/resolv.conf alone: getent -s dns hosts registry.invalid"
}

@test "no such repository, by the registry's own words" {
	refused nowhere "HTTP 404, not found (NAME_UNKNOWN: repository name not known to registry)"
	assert_contains "nowhere may not exist or be private"
}

@test "an answer that would steer the terminal is made visible" {
	refused escape 'NAME\x1b[2J: \x1b]0;title'
}

@test "it says nothing" {
	refused silent "waited in vain (Operation too slow. Less than" --registry-timeout 1
	assert_contains "--registry-timeout SECONDS waits longer"
	# Nothing says that it is a registry at all: it is not asked again.
	assert_equal "$(asked '^/v2/silent/')" 1
}

@test "it says a little, for ever" {
	refused drip "waited in vain (Operation timed out after" --registry-timeout 1
}

@test "it hangs up at once" {
	refused empty "the connection was cut"
	assert_contains "gave up after 2 tries"
}

@test "it speaks something else" {
	refused garbage "answers what is no HTTP that makes sense"
}

@test "it speaks no TLS" {
	run rlc pull -q "$registry/good"
	assert_refused 125 "it does not speak TLS"
	assert_contains "fix: if it is a registry without TLS that you trust: --tls-verify=false"
	nothing_here
}

@test "its certificate is of an authority that nobody knows" {
	registry_bad_tls
	run rlc pull -q "$registry/good"
	assert_refused 125 "certificate"
	# shellcheck disable=SC2088 # as it is printed
	assert_contains "~/.config/containers/certs.d/$registry/ or a folder for --cert-dir"
	nothing_here
}

@test "its certificate is another host's" {
	registry_bad_tls
	run rlc pull -q --cert-dir "$(registry_ca)" "${registry/localhost/127.0.0.1}/good"
	assert_refused 125 "no alternative certificate subject name matches target host name '127.0.0.1'"
	nothing_here
}

@test "--cert-dir is not there, or holds a certificate without its key" {
	run rlc pull -q --cert-dir "$PWD/gone" "$registry/good"
	assert_refused 125 "open the folder of certificates $PWD/gone: No such file or directory"
	touch client.cert
	run rlc pull -q --cert-dir "$PWD" "$registry/good"
	assert_refused 125 "find the key client.key of the client certificate"
	assert_contains "fix: a client certificate is NAME.cert with NAME.key"
}

@test "the authority's certificate is none" {
	registry_bad_tls
	echo "no certificate" >ca.crt
	SSL_CERT_FILE=$PWD/ca.crt run rlc pull -q "$registry/good"
	assert_refused 125 "no certificates of authorities could be read"
	assert_contains "ca-certificates"
}

# --- log-ins and tokens -------------------------------------------------------------------------

@test "a token that everybody gets is enough" {
	bad token_good
	pulled
	# Once for all requests.
	assert_equal "$(asked '^/token/good')" 1
}

@test "a log-in is wanted and no way to it is told" {
	refused no-challenge "gives no-challenge only to who logs in"
	assert_contains "fix: rlc cannot log in to a registry"
}

@test "a log-in is wanted that rlc does not know" {
	refused negotiate "gives negotiate only to who logs in"
}

@test "the token server answers a page" {
	refused token-garbage "get a token for token-garbage: the token server http://$registry/token/garbage: its answer"
}

@test "the token server answers a token without end" {
	refused token-huge "the token server's answer is larger than 1 MiB"
}

@test "the token holds a line break" {
	refused token-break "a token that cannot be sent in a header"
	refute_contains "X-Evil"
}

@test "the token server's answer holds no token" {
	refused token-empty "its answer holds no token"
}

@test "the token server refuses" {
	refused token-refused "HTTP 403, forbidden (DENIED: go away)"
}

@test "the token is of no use, however often it is got anew" {
	refused token-useless "HTTP 401, not authorized"
	[ "$(asked '^/token-useless|/v2/token-useless')" -lt 10 ]
}

@test "the token server is a file" {
	refused token-file 'names "file:///etc/passwd" as its token server, which is no https server'
}

@test "the token server is nonsense" {
	refused token-nonsense 'names "nonsense" as its token server, which is no URL'
}

@test "a registry with TLS sends to a token server without" {
	registry_bad_tls
	run rlc pull -q --cert-dir "$(registry_ca)" "$registry/token-good"
	assert_refused 125 "as its token server, which is no https server"
	nothing_here
}

# --- too busy, ill ------------------------------------------------------------------------------

@test "it is busy and says when to come again" {
	bad busy_once
	pulled
}

@test "it is always busy" {
	refused busy "gave up after 2 tries: get manifest latest of busy from $registry: HTTP 429, too many requests (TOOMANYREQUESTS: slow down)"
	assert_equal "$(asked '^/v2/busy/')" 2
}

@test "it is busy for an hour: nobody waits" {
	refused busy-long "HTTP 429, too many requests"
	assert_equal "$(asked '^/v2/busy-long/')" 1
}

@test "it is ill once" {
	bad ill_once
	pulled
}

@test "it stays ill" {
	refused ill "HTTP 500, internal server error"
}

# --- manifests ----------------------------------------------------------------------------------

@test "headers without end" {
	refused flood "more than 64 KiB of headers"
}

@test "a manifest that is announced as too large" {
	refused large "larger than the 4194304 bytes that are allowed"
}

@test "a manifest that grows too large" {
	refused large-unannounced "larger than the 4194304 bytes that are allowed"
}

@test "a manifest that parsing makes large" {
	refused heavy "its manifest: too large for JSON"
}

@test "a page in the place of a manifest" {
	refused strange "pull $registry/strange:latest: its manifest:1:1: not valid JSON"
}

@test "a manifest of a type that nobody knows" {
	refused artifact "its manifest: it is neither an index"
}

@test "a manifest of Docker's first schema" {
	refused schema1 "its manifest: Docker's schema 1 is not read"
}

@test "another manifest than the digest that was asked for" {
	local digest=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
	run rlc pull -q --tls-verify=false "$registry/other-manifest@$digest"
	assert_refused 125 "$digest"
	nothing_here
}

@test "redirects in circles" {
	refused loop "more than 5 redirects"
}

@test "a redirect to a file" {
	refused to-file "file:///etc/passwd"
	assert_contains "which is not followed"
}

@test "a redirect from https to http" {
	registry_bad_tls
	run rlc pull -q --cert-dir "$(registry_ca)" "$registry/to-http"
	assert_refused 125 "it leads to http://$registry/ without TLS, which is not followed"
	nothing_here
}

# beside_loopback NAME: pulls it from a registry at 192.0.2.1, in a network of its own, where the same
# registry is reached at 127.0.0.1 too. Rlc inside maps the one id that there is.
beside_loopback() {
	need_program ip
	# shellcheck disable=SC2016 # the inner shell's words
	run unshare --map-root-user --net --mount sh -c '
		ip link set lo up && ip address add 192.0.2.1/32 dev lo || exit 99
		: >served
		BIND=0.0.0.0 python3 "$1/bad_registry.py" >>served & server=$!
		until port=$(sed -n "s/^listening on 0.0.0.0://p" served) && [ -n "$port" ]; do
			sleep 0.05
		done
		"$RLC" --root "$PWD/store" --runroot "$PWD/run" pull -q --tls-verify=false "192.0.2.1:$port/$2"
		status=$?
		kill $server
		exit $status' sh "$registry_fixtures" "$1"
	rm -rf store run
}

@test "a registry in the world leads to this host's loopback by a redirect" {
	beside_loopback good
	assert_success
	beside_loopback to-loopback
	assert_status 125
	assert_contains "that is an address of this host, where an answer of 192.0.2.1"
	[ "$(grep -c ^/v2/good served)" -eq 0 ] || fail "it was asked" "$(cat served)"
}

@test "a registry in the world leads to this host's loopback by a token server" {
	beside_loopback token-loopback
	assert_status 125
	assert_contains "that is an address of this host, where an answer of 192.0.2.1"
	[ "$(grep -c ^/token served)" -eq 0 ] || fail "it was asked" "$(cat served)"
}

# --- blobs --------------------------------------------------------------------------------------

@test "a blob that stops coming" {
	refused stall "waited in vain (Operation too slow. Less than" --registry-timeout 1
}

@test "a blob of other bytes, while another does not come" {
	local began=$SECONDS
	refused torn "is damaged or forged"
	[ $((SECONDS - began)) -lt 10 ] || fail "the other one was waited for"
}

@test "a blob longer than the manifest says, and announced so" {
	refused too-long "bytes that are named in the manifest"
}

@test "a blob longer than the manifest says, without a word" {
	refused too-long-unannounced "bytes that are named in the manifest"
}

@test "a blob shorter than the manifest says" {
	bad too-short
	assert_refused 125 "where its descriptor says"
	nothing_here
}

@test "a blob of other bytes" {
	bad other-bytes
	assert_refused 125 "digest"
	nothing_here
}

@test "a configuration of other bytes" {
	bad other-config
	assert_refused 125 "digest"
	nothing_here
}

@test "a blob that is not there" {
	refused gone-blob "HTTP 404, not found (BLOB_UNKNOWN: blob unknown)"
}

@test "a blob that is cut once is taken up where it ended" {
	bad cut_once
	pulled
	grep -q '/v2/cut_once/blobs/.*Range: bytes=[1-9][0-9]*-' "$registry_at/bad.log"
}

@test "a blob that is cut once comes again from its beginning" {
	bad cut_no_range
	pulled
}

@test "a blob that is always cut" {
	refused cut-always "gave up after 2 tries: get layer or configuration sha256:"
	assert_contains "the connection was cut"
}

@test "after the cut, another part than was asked for" {
	refused cut-wrong-part "another part (Content-Range)"
}

@test "after the cut, the part that was asked for with other bytes" {
	bad cut-lied-part
	assert_refused 125 "layer sha256:"
	nothing_here
}

@test "after the cut, a part of a longer whole" {
	refused cut-grown "another part (Content-Range)"
}

@test "after the cut, a part that ends behind the end" {
	refused cut-beyond "another part (Content-Range)"
}

@test "after the cut, another length" {
	bad cut-other
	assert_refused 125 "bytes and has"
	nothing_here
}

@test "a part that nobody asked for" {
	refused unasked-part "another part (Content-Range)"
}

# --- names --------------------------------------------------------------------------------------

# not_a_name NAME WHY
not_a_name() {
	run rlc pull -q "$1"
	assert_refused 125 "is not an image name: $2"
	assert_contains "  fix: "
}

@test "names that are none" {
	local digest=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
	not_a_name "Alpine" "it must be lower case"
	not_a_name "https://registry.example/app" "it begins with a scheme"
	assert_contains 'leave "https://" out'
	not_a_name "registry.example:port/app" "the part before the first / is not a host"
	not_a_name "registry-.example/app" "the part before the first / is not a host"
	not_a_name "app:" "the tag after : holds other than"
	not_a_name "app:a b" "the tag after : holds other than"
	not_a_name "app:.hidden" "the tag after : holds other than"
	not_a_name "app@sha256:abc" "the digest after @ must be"
	not_a_name "app@md5:$digest" "the digest after @ must be"
	not_a_name "../../etc/passwd" "the part before the first / is not a host"
	not_a_name "team//app" "its parts are"
	not_a_name "team/app/" "its parts are"
	not_a_name "a..b" "its parts are"
	not_a_name "team/app?x=y" "its parts are"
	not_a_name "app%2fother" "its parts are"
	not_a_name $'app\e[2j' "its parts are"
	not_a_name "" "its parts are"
	not_a_name "${digest#sha256:}" "64 hex digits alone are an image's id"
	not_a_name "$(printf 'a%.0s' {1..300})" "it is longer than 255 bytes"
}

@test "a platform that is none" {
	run rlc pull -q --platform amd64 "$registry/good"
	assert_refused 125 'option --platform "amd64"'
	run rlc pull -q --platform windows/amd64 "$registry/good"
	assert_refused 125 'option --platform "windows/amd64"'
}

@test "options of podman's that would need a log-in are refused by name" {
	run rlc pull --creds user:password "$registry/good"
	assert_refused 125 "this version has no option --creds"
	run rlc pull -a "$registry/good"
	assert_refused 125 "this version has no option -a"
}

# --- ends ---------------------------------------------------------------------------------------

# Runs a pull that takes long, in a process group of its own, and gives it SIGNAL once it unpacks.
interrupted() { # SIGNAL
	set -m
	"$RLC" pull -q --tls-verify=false "$registry/slow" >out 2>&1 3>&- &
	local pid=$!
	set +m
	await 10 test -d "$XDG_DATA_HOME/rlc/tmp"
	await 10 grep -q '/v2/slow/blobs/' "$registry_at/bad.log"
	sleep 0.3
	kill "-$1" -- "-$pid"
	status=0
	wait "$pid" || status=$?
	output=$(cat out)
}

@test "Ctrl-C gives it up and leaves nothing" {
	interrupted INT
	assert_status 130
	assert_output "rlc: pull of $registry/slow: interrupted"
	nothing_here
}

@test "TERM gives it up and leaves nothing" {
	interrupted TERM
	assert_status 143
	nothing_here
}

@test "of several, the id of each is printed when it is here" {
	"$RLC" pull -q --tls-verify=false "$registry/good" "$registry/slow" >out 2>&1 3>&- &
	local pid=$!
	await 10 grep -qxE '[0-9a-f]{64}' out
	kill -0 "$pid" || fail "it did not wait for the second" "$(cat out)"
	kill -INT "$pid"
	wait "$pid" || true
	rlc rmi "$registry/good" >/dev/null
}

@test "of several, those after the one that is given up are not tried" {
	set -m
	"$RLC" pull -q --tls-verify=false "$registry/slow" "$registry/good" >out 2>&1 3>&- &
	local pid=$!
	set +m
	await 10 bash -c "[ -n \"\$(ls -A '$XDG_DATA_HOME/rlc/tmp')\" ]"
	kill -INT -- "-$pid"
	status=0
	wait "$pid" || status=$?
	assert_status 130
	nothing_here
}

@test "rlc that is killed leaves no helper, and the next command sweeps" {
	set -m
	"$RLC" pull -q --tls-verify=false "$registry/slow" >out 2>&1 3>&- &
	local pid=$!
	set +m
	await 10 bash -c "[ -n \"\$(ls -A '$XDG_DATA_HOME/rlc/tmp')\" ]"
	kill -KILL "$pid"
	await 5 sh -c "! pgrep -u $(id -u) -g $pid"
	bad good
	pulled
	nothing_here
}

more_asked() { # PATTERN BEFORE
	[ "$(asked "$1")" -gt "$2" ]
}

# slow_pull: begins one that takes long in the background; sets $pulling, and $fetching to the pid of
# its rlc-fetch.
slow_pull() {
	local before
	# Other tests left theirs in the log.
	before=$(asked '^/v2/slow/blobs/') || true
	"$RLC" pull -q --tls-verify=false "$registry/slow" >out 2>&1 3>&- &
	pulling=$!
	await 10 pgrep -P "$pulling" -x rlc-fetch
	fetching=$(pgrep -P "$pulling" -x rlc-fetch)
	await 10 more_asked '^/v2/slow/blobs/' "$before"
}

slow_pull_ended() {
	status=0
	wait "$pulling" || status=$?
	output=$(cat out)
	mapfile -t lines <out
}

@test "the half that sees the network holds nothing else while it works" {
	slow_pull
	run cat "/proc/$fetching/status"
	assert_match $'Seccomp:\t2'
	assert_match $'NoNewPrivs:\t1'
	assert_match $'CapPrm:\t0{16}'
	assert_match $'CapBnd:\t0{16}'
	# Not dumpable: its owner can neither trace it nor look into it.
	run ls "/proc/$fetching/fd"
	[ "$status" -ne 0 ]
	run strace -p "$fetching" -o /dev/null
	[ "$status" -ne 0 ]
	kill "$pulling"
	slow_pull_ended
	assert_status 143
}

@test "the half that sees the network is killed" {
	slow_pull
	kill -KILL "$fetching"
	slow_pull_ended
	assert_refused 125 "rlc-fetch ended while it fetched sha256:"
	nothing_here
}

@test "the half that sees the network is not installed" {
	cp -r "${RLC%/bin/*}/libexec/rlc" libexec
	rm libexec/rlc-fetch
	RLC_LIBEXEC=$PWD/libexec bad good
	assert_refused 125 "find the helper program $PWD/libexec/rlc-fetch"
	assert_contains "fix: install rlc whole"
	nothing_here
}

@test "a disk that is full" {
	need_program unshare
	# A file system of its own, in a namespace: rlc inside maps the one id that there is.
	# shellcheck disable=SC2016 # the inner shell's words
	run unshare --map-root-user --mount sh -c '
		mkdir store && mount -t tmpfs -o size=2m,mode=0755 tmpfs store &&
		"$RLC" --root "$PWD/store" --runroot "$PWD/run" pull -q --tls-verify=false "$1/good"
		status=$?
		find store/tmp store/layers -mindepth 1
		exit $status' sh "$registry"
	assert_status 125
	assert_contains "No space left on device"
	refute_contains "store/tmp/"
	refute_contains "store/layers/"
}

# A new index needs room before the image gives its own back.
@test "from a disk that is full an image can be removed" {
	need_program unshare
	# shellcheck disable=SC2016 # the inner shell's words
	run unshare --map-root-user --mount sh -c '
		mkdir -p store && mount -t tmpfs -o size=8m,nr_inodes=100,mode=0755 tmpfs store || exit 99
		small() { "$RLC" --root "$PWD/store" --runroot "$PWD/run" "$@"; }
		id=$(small pull -q --tls-verify=false "$1/good") && small tag "$1/good" other || exit 98
		cat /dev/zero >store/full 2>/dev/null
		n=0
		while true >"store/$n"; do n=$((n + 1)); done 2>/dev/null
		small rmi "$1/good" >one 2>&1 && exit 97
		small rmi --force "$id" >all 2>&1 && small image check && ls store/layers' sh "$registry"
	assert_success
	assert_contains "0 images, 0 layers and 0 blobs checked: 0 faults"
	# One name of two makes no room; what was not done is not told.
	run cat one
	assert_contains "No space left on device"
	assert_contains "fix: with all its names it makes room: rlc rmi --force"
	refute_contains "Untagged"
	run cat all
	assert_contains "Untagged: localhost/other:latest"
	assert_contains "Deleted: "
}
