#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2030,SC2031,SC2154 # variables of one test; what run --separate-stderr sets
# Images from registries as people have them, pulled and run by an ordinary user.

load lib
# shellcheck source=tests/fixtures/registry.bash
source "$BATS_TEST_DIRNAME/../fixtures/registry.bash"

setup_file() {
	file_begin
	unset RLC_PULL
	export RLC_NETWORK=none
	[ -d "${RLC_FIXTURES:-}" ] && command -v docker-registry skopeo >/dev/null || return 0
	registry_plain
	for ref in busybox debian12 nginxpg; do
		registry_push "$RLC_FIXTURES:$ref" "$registry/$ref:latest"
	done
}

teardown_file() {
	registries_end
	file_end
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	need_registry
	need_images
	registry_plain
}

teardown() {
	# Each test finds a store without images.
	local ids
	mapfile -t ids < <(rlc images -q --no-trunc | sort -u)
	[ ${#ids[@]} -eq 0 ] || rlc rmi -f "${ids[@]}" >/dev/null
}

# pull [OPTION…] NAME: from a registry without TLS, in silence.
pull() {
	rlc pull -q --tls-verify=false "$@"
}

@test "the id alone goes to standard output, what happened to standard error" {
	run --separate-stderr rlc pull --tls-verify=false "$registry/busybox"
	assert_success
	assert_match '^[0-9a-f]{64}$'
	assert_equal "${stderr_lines[0]}" "Pulling $registry/busybox:latest"
	[[ ${stderr_lines[1]} =~ ^"Layer "[0-9a-f]{12}" done, 1."[0-9]+" MB"$ ]] || fail "$(got)"
	assert_equal "${#stderr_lines[@]}" 2
	# No terminal: nothing is drawn over.
	[[ $stderr != *$'\e'* ]]
	assert_equal "$(rlc images -q --no-trunc)" "$output"
}

@test "with -q nothing is shown" {
	run --separate-stderr rlc pull -q --tls-verify=false "$registry/busybox"
	assert_success
	assert_equal "$stderr" ""
}

@test "busybox runs" {
	run --separate-stderr rlc run --rm --tls-verify=false "$registry/busybox" echo hello
	assert_success
	assert_output hello
	assert_equal "${stderr_lines[0]}" "Pulling $registry/busybox:latest"
	# It is there now.
	run --separate-stderr rlc run --rm "$registry/busybox" echo again
	assert_output again
	assert_equal "$stderr" ""
}

@test "debian12 runs, with every file as it was made" {
	pull "$registry/debian12"
	run rlc run --rm "$registry/debian12" sh -c 'dpkg --verify && cat /etc/debian_version'
	assert_success
	assert_match '^12\.'
}

@test "an image of three layers runs, and shares one with another" {
	pull "$registry/debian12"
	run --separate-stderr rlc pull --tls-verify=false "$registry/nginxpg"
	assert_success
	assert_equal "$(grep -c 'is here$' <<<"$stderr")" 1
	assert_equal "$(grep -c ' done, ' <<<"$stderr")" 2
	run rlc run --rm "$registry/nginxpg" sh -c 'python3 -c "print(6 * 7)" && nginx -v 2>&1'
	assert_success
	assert_line 42
	assert_contains "nginx version"
}

@test "TLS, by an authority of --cert-dir" {
	registry_tls
	run rlc pull -q --cert-dir "$(registry_ca)" "$registry/busybox"
	assert_success
	run rlc run --rm "$registry/busybox" echo hello
	assert_output hello
}

# The upper layer waits for the lower one, behind a link to a file of it; all of it would come
# meanwhile if both came through one connection, as HTTP/2, which is offered, would have it.
@test "what rlc-image does not take yet is not kept in memory" {
	PYTHONPATH=$BATS_TEST_DIRNAME/../fixtures PYTHONDONTWRITEBYTECODE=1 python3 - <<-EOF
		from oci import *
		low = Layer().file("below", b"x").file("much", os.urandom(160 << 20))
		high = Layer().link("above", "below").file("more", os.urandom(48 << 20))
		Layout("layout").image("waits", low, high, compress=lambda tar: gzip.compress(tar, 0, mtime=0))
	EOF
	registry_push layout:waits "$registry/waits:latest"
	registry_tls
	# A sanitizer would keep what was freed.
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1 \
		"$RLC" pull -q --cert-dir "$(registry_ca)" "$registry/waits" >out 2>&1 3>&- &
	local pulling=$! fetching held most=0
	await 10 pgrep -P "$pulling" -x rlc-fetch
	fetching=$(pgrep -P "$pulling" -x rlc-fetch)
	while held=$(awk '/^VmHWM/ { print $2 }' "/proc/$fetching/status") && [ -n "$held" ]; do
		most=$held
	done 2>/dev/null
	wait "$pulling" || fail "no pull" "$(cat out)"
	[ "$most" -gt 0 ]
	[ "$most" -lt 45000 ] || fail "rlc-fetch held $most kB"
}

@test "TLS by an authority in certs.d" {
	registry_tls
	local at=$XDG_CONFIG_HOME/containers/certs.d/$registry
	mkdir -p "$at"
	cp "$(registry_ca)/ca.crt" "$at/"
	run rlc pull -q "$registry/busybox"
	assert_success
	rm -r "$XDG_CONFIG_HOME/containers"
	run rlc pull -q "$registry/busybox"
	assert_refused 125 "certificate"
}

@test "TLS without proof, when asked for, also by the configuration" {
	registry_tls
	run rlc pull -q --tls-verify=false "$registry/busybox"
	assert_success
	RLC_REGISTRY_INSECURE=$registry run rlc pull -q "$registry/busybox"
	assert_success
	RLC_REGISTRY_INSECURE=localhost:1 run rlc pull -q "$registry/busybox"
	assert_refused 125 "certificate"
}

@test "a token that everybody gets, as Docker Hub has it" {
	registry_bearer
	run pull "$registry/busybox"
	assert_success
	# Asked for once, for reading this repository, by nobody.
	run grep -F '/token' "$registry_at/token.log"
	assert_line "/token?service=rlc-test&scope=repository%3abusybox%3apull Authorization: None"
	assert_line_count 1
}

@test "a redirect to another server takes no Authorization along" {
	registry_redirect
	run pull "$registry/busybox"
	assert_success
	run grep -F /docker/registry "$registry_at/cdn.log"
	assert_match "/data Authorization: None"
	refute_contains "Bearer"
	run rlc run --rm "$registry/busybox" echo hello
	assert_output hello
}

@test "a registry that wants user and password is refused with the way there is" {
	registry_htpasswd
	run pull "$registry/busybox"
	assert_refused 125 "$registry gives busybox only to who logs in with user and password"
	assert_contains "fix: rlc cannot log in to a registry: skopeo copy --src-creds USER docker://$registry/busybox"
}

@test "by digest" {
	local digest
	digest=$(skopeo inspect --tls-verify=false --format '{{.Digest}}' "docker://$registry/busybox")
	run pull "$registry/busybox@$digest"
	assert_success
	run rlc images -n
	assert_match "^$registry/busybox +<none> "
	run rlc run --rm "$registry/busybox@$digest" echo hello
	assert_output hello
	# A tag beside it says nothing more.
	run rlc run --rm --pull never "$registry/busybox:1@$digest" echo hello
	assert_output hello
}

@test "by tag" {
	registry_push "$RLC_FIXTURES:busybox" "$registry/team/tools/box:v1.0_x"
	run rlc run --rm -q --tls-verify=false "$registry/team/tools/box:v1.0_x" echo hello
	assert_success
	assert_output hello
	run pull "$registry/team/tools/box:v2"
	assert_refused 125 "get manifest v2 of team/tools/box from $registry: HTTP 404, not found (MANIFEST_UNKNOWN"
}

# --- short names --------------------------------------------------------------------------------

@test "a short name leads where an alias says" {
	export RLC_TLS_VERIFY=false RLC_REGISTRY_ALIAS="box=$registry/busybox"
	run rlc run -q --rm box echo hello
	assert_output hello
	run rlc images -n
	assert_match "^$registry/busybox "
	run rlc pull -q box:gone
	assert_refused 125 "get manifest gone of busybox from $registry"
}

@test "a short name is looked for in each registry" {
	export RLC_TLS_VERIFY=false
	local empty=127.0.0.1:1
	registry_push "$RLC_FIXTURES:busybox" "$registry/box:latest"
	RLC_REGISTRY_SEARCH=$registry run rlc run --rm -q box echo hello
	assert_success
	rlc rmi "$registry/box" >/dev/null
	RLC_REGISTRY_SEARCH=$empty$'\n'$registry run rlc pull -q box
	assert_success
	assert_contains "rlc: notice: get manifest latest of box from $empty: cannot connect: Connection refused"
	# One that is down does not say that it lacks the image: each has its own reason.
	RLC_REGISTRY_SEARCH=$empty$'\n'$registry run rlc pull -q nowhere
	assert_refused 125 "none of 2 registries gave nowhere: get manifest latest of nowhere from $empty: cannot connect: Connection refused"
	assert_contains "; get manifest latest of nowhere from $registry: HTTP 404"
	refute_contains notice
}

# Everything that takes an image, by the short name that it was pulled by.
finds_again() { # SHORT FULL
	run rlc images -n "$1"
	assert_line_count 1 || return
	assert_match "^$2 " || return
	run rlc inspect --type image "$1"
	assert_success || return
	run rlc run --rm --pull=never "$1" echo found
	assert_output found || return
	run rlc tag "$1" "again-$1"
	assert_success || return
	rlc run -d --name by-short-name "$1" sleep 100 >/dev/null || return
	run rlc ps -q --no-trunc --filter "ancestor=$1"
	assert_line_count 1 || return
	rlc rm -f -t 0 by-short-name >/dev/null
	run rlc rmi "$1"
	assert_output "Untagged: $2:latest" || return
	run rlc inspect --type image "$1"
	assert_refused 125 "no image $1 here"
}

@test "what was pulled through an alias or from a searched registry is found by the same word" {
	export RLC_TLS_VERIFY=false
	RLC_REGISTRY_ALIAS="shortbox=$registry/busybox" run rlc pull -q shortbox
	assert_success
	RLC_REGISTRY_ALIAS="shortbox=$registry/busybox" finds_again shortbox "$registry/busybox"
	registry_push "$RLC_FIXTURES:busybox" "$registry/box:latest"
	RLC_REGISTRY_SEARCH=$registry run rlc pull -q box
	assert_success
	RLC_REGISTRY_SEARCH=$registry finds_again box "$registry/box"
}

@test "an image that its user named comes first" {
	export RLC_TLS_VERIFY=false RLC_REGISTRY_ALIAS="box=$registry/nowhere"
	pull "$registry/busybox"
	rlc tag "$registry/busybox" localhost/box
	run rlc run --rm box echo mine
	assert_success
	assert_output mine
}

# --- when ---------------------------------------------------------------------------------------

# Puts another image under the tag.
move_tag() { # REF
	registry_push "$RLC_FIXTURES:$1" "$registry/moving:latest"
}

version() {
	run --separate-stderr rlc run -q --rm --tls-verify=false "$@" "$registry/moving" cat /etc/debian_version
}

@test "missing, always, newer and never" {
	move_tag busybox
	version --pull=never
	assert_status 125
	[[ $stderr == "rlc: no image $registry/moving here"* ]]
	[[ $stderr == *"fix: rlc pull $registry/moving"* ]]
	version --pull=missing
	assert_status 1
	move_tag debian12
	version --pull=missing
	assert_status 1
	version --pull=newer
	assert_success
	move_tag busybox
	version --pull=always
	assert_status 1
	# The image that lost its name is there still.
	assert_equal "$(rlc images -q | wc -l)" 2
}

@test "what the registry has as it is here is not fetched" {
	pull "$registry/busybox"
	local before after
	before=$(grep -c 'GET /v2/busybox/blobs' "$registry_at/plain.log")
	run --separate-stderr rlc pull --tls-verify=false "$registry/busybox"
	assert_success
	assert_match '^[0-9a-f]{64}$'
	run rlc run --rm -q --tls-verify=false --pull=newer "$registry/busybox" echo hello
	assert_output hello
	after=$(grep -c 'GET /v2/busybox/blobs' "$registry_at/plain.log")
	assert_equal "$after" "$before"
}

@test "without the registry newer uses what is here, and always does not" {
	pull "$registry/busybox"
	rlc tag "$registry/busybox" 127.0.0.1:1/busybox
	run --separate-stderr rlc run --rm -q --tls-verify=false --pull=newer 127.0.0.1:1/busybox echo hello
	assert_success
	assert_output hello
	[[ $stderr == "rlc: notice: 127.0.0.1:1/busybox is used as it is here: get manifest"* ]]
	run rlc run --rm -q --tls-verify=false --pull=always 127.0.0.1:1/busybox echo hello
	assert_refused 125 "cannot connect"
}

@test "pull has a policy too" {
	run pull --policy never "$registry/busybox"
	assert_refused 125 "no image $registry/busybox here"
	run pull --policy missing "$registry/busybox"
	assert_success
	run rlc pull -q --policy missing "$registry/busybox"
	assert_success
}

# --- platforms ----------------------------------------------------------------------------------

# Puts an index of this machine's busybox and of the same as for another machine under NAME:latest.
push_index() { # NAME
	python3 - "$registry" "$1" <<-'EOF2'
		import json, os, sys, urllib.request
		registry, name = sys.argv[1:]
		here = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]
		other = "s390x"
		base = "http://%s/v2/" % registry

		def call(method, url, data=None, kind="application/octet-stream"):
		    request = urllib.request.Request(url, data=data, method=method, headers={
		        "Content-Type": kind, "Accept": "application/vnd.oci.image.manifest.v1+json"})
		    with urllib.request.urlopen(request) as answer:
		        return answer.headers, answer.read()

		def digest(data):
		    import hashlib
		    return "sha256:" + hashlib.sha256(data).hexdigest()

		def put_blob(data):
		    headers, _ = call("POST", base + name + "/blobs/uploads/", b"")
		    url = headers["Location"]
		    call("PUT", url + ("&" if "?" in url else "?") + "digest=" + digest(data), data)

		manifest_kind = "application/vnd.oci.image.manifest.v1+json"
		manifest = json.loads(call("GET", base + "busybox/manifests/latest")[1])
		for blob in manifest["layers"] + [manifest["config"]]:
		    put_blob(call("GET", base + "busybox/blobs/" + blob["digest"])[1])
		config = json.loads(call("GET", base + "busybox/blobs/" + manifest["config"]["digest"])[1])
		entries = []
		for architecture in here, other:
		    config["architecture"] = architecture
		    data = json.dumps(config).encode()
		    put_blob(data)
		    manifest["config"].update(digest=digest(data), size=len(data))
		    text = json.dumps(manifest).encode()
		    call("PUT", base + name + "/manifests/" + digest(text), text, manifest_kind)
		    entries.append({"mediaType": manifest_kind, "digest": digest(text), "size": len(text),
		                    "platform": {"os": "linux", "architecture": architecture}})
		kind = "application/vnd.oci.image.index.v1+json"
		index = json.dumps({"schemaVersion": 2, "mediaType": kind, "manifests": entries}).encode()
		call("PUT", base + name + "/manifests/latest", index, kind)
	EOF2
}

architecture() {
	rlc inspect "$registry/many" | sed -n 's/.*"Architecture": *"\([^"]*\)".*/\1/p'
}

@test "of an index this machine's image, or another's when asked for" {
	push_index many
	pull "$registry/many"
	local here
	here=$(architecture)
	run rlc run --rm "$registry/many" echo hello
	assert_output hello
	run pull "$registry/many"
	assert_success
	run pull --platform linux/s390x "$registry/many"
	assert_success
	assert_equal "$(architecture)" s390x
	# The one that is here is another's: it is fetched again.
	run rlc run --rm -q --tls-verify=false --platform "linux/$here" "$registry/many" echo hello
	assert_success
	assert_output hello
	run rlc run --rm --pull=never --platform linux/s390x "$registry/many" echo hello
	assert_refused 125 "the image $registry/many that is here is for linux/$here, not for linux/s390x"
	run pull --platform linux/riscv64 "$registry/many"
	assert_status 125
	assert_contains "s390x"
}

@test "an image of another machine's programs says so when it cannot run" {
	PYTHONPATH=$registry_fixtures python3 - <<-'EOF2'
		import oci
		# An ELF file of a machine that nobody has: e_machine 0x1234.
		elf = bytes.fromhex("7f454c4602010100" + "00" * 8 + "02003412" + "01000000") + bytes(40)
		oci.ARCHITECTURE = "riscv9"
		oci.Layout("foreign").image("latest", oci.Layer().file("init", elf, mode=0o755),
		                            Cmd=["/init"])
	EOF2
	registry_push foreign:latest "$registry/foreign:latest"
	pull "$registry/foreign"
	run rlc run --rm "$registry/foreign"
	assert_refused 126 "Exec format error"
	assert_contains "fix: the image is for riscv9 and this machine is"
	assert_contains "rlc run --platform linux/"
	# Said before, not only when it has failed.
	assert_contains "rlc: notice: the image $registry/foreign is for linux/riscv9, and this machine is linux/"
	run pull "$registry/foreign"
	assert_success
	assert_contains "is for linux/riscv9, and this machine is linux/"
}

@test "a tag of one platform alone is refused where another is asked for" {
	local other=linux/s390x here
	run pull --platform "$other" "$registry/busybox"
	assert_refused 125 "there is one image for linux/"
	assert_contains "alone, and $other was asked for"
	assert_contains "  fix: take it as it is, without --platform"
	run rlc images -q
	assert_output ""
	# Neither is the one taken for it that is here.
	pull "$registry/busybox"
	here=$(rlc images -q)
	run pull --platform "$other" "$registry/busybox"
	assert_refused 125 "alone, and $other was asked for"
	run rlc run --rm -q --pull=missing --tls-verify=false --platform "$other" "$registry/busybox" true
	assert_refused 125 "alone, and $other was asked for"
	assert_equal "$(rlc images -q)" "$here"
	run rlc pull -q --tls-verify=false --platform "linux/$(uname -m)" "$registry/busybox"
	assert_success
}

# --- beside each other --------------------------------------------------------------------------

@test "several at once, of the same image too" {
	local pids=() i
	for i in 1 2 3; do
		"$RLC" pull -q --tls-verify=false "$registry/debian12" >"$i" 2>&1 3>&- &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i"
	done
	assert_equal "$(sort -u 1 2 3 | wc -l)" 1
	assert_equal "$(rlc images -q | wc -l)" 1
	run rlc run --rm "$registry/debian12" dpkg --verify
	assert_success
	assert_output ""
}

@test "several names in one command, each tried" {
	registry_push "$RLC_FIXTURES:busybox" "$registry/other:latest"
	run rlc pull -q --tls-verify=false "$registry/busybox" "$registry/nowhere" "$registry/other"
	assert_status 125
	assert_contains "get manifest latest of nowhere from $registry: HTTP 404"
	run rlc images -n
	assert_match "$registry/busybox "
	assert_match "$registry/other "
}

@test "through a proxy, where the environment names one" {
	cat >proxy.py <<-'EOF2'
		import http.server, urllib.request
		class Proxy(http.server.BaseHTTPRequestHandler):
		    def do_GET(self):
		        print("proxied", self.path, flush=True)
		        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "proxy-connection")}
		        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
		        with opener.open(urllib.request.Request(self.path, headers=headers)) as answer:
		            body = answer.read()
		            self.send_response(answer.status)
		            for name in "Content-Type", "Docker-Content-Digest":
		                if answer.headers[name]: self.send_header(name, answer.headers[name])
		            self.send_header("Content-Length", str(len(body)))
		            self.end_headers()
		            self.wfile.write(body)
		    def log_message(self, *_): pass
		server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
		print("listening on 127.0.0.1:%d" % server.server_port, flush=True)
		server.serve_forever()
	EOF2
	registry_server proxy python3 proxy.py
	registry_await proxy
	http_proxy=http://127.0.0.1:$(registry_port proxy) run pull "$registry/busybox"
	assert_success
	grep -q "proxied http://$registry/v2/busybox/blobs/sha256:" "$registry_at/proxy.log"
	rlc rmi "$registry/busybox" >/dev/null
	http_proxy=http://127.0.0.1:1 no_proxy=127.0.0.1 run pull "$registry/busybox"
	assert_success
}

@test "what is left of an image can be pulled anew" {
	pull "$registry/busybox"
	local layer
	layer=$(find "$XDG_DATA_HOME/rlc/layers" -mindepth 1 -maxdepth 1 | head -n 1)
	as_namespace_root rm -rf "$layer"
	run rlc run --rm --pull=never "$registry/busybox" true
	assert_refused 125 "is damaged"
	run rlc run --rm -q --tls-verify=false "$registry/busybox" echo mended
	assert_success
	assert_output mended
}
