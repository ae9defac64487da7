#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Images as people have them, loaded and run by an ordinary user: a Debian of 8,700 files, and one
# of three layers with python, nginx and postgres on it.

load lib

setup_file() {
	file_begin
	[ ! -d "${RLC_FIXTURES:-}" ] || for ref in debian12 nginxpg; do
		rlc load "oci:$RLC_FIXTURES:$ref" >"$BATS_FILE_TMPDIR/$ref.loaded"
	done
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	need_images
}

teardown() {
	[ ! -e container ] || rlc rm -f "$(cat container)" >/dev/null
}

# loaded REF: the name that `rlc load` gave the image.
loaded() {
	sed -n 's/^Loaded image: //p' "$BATS_FILE_TMPDIR/$1.loaded" | tail -n 1
}

in_debian() {
	rlc run --rm --network=none "$(loaded debian12)" "$@"
}

free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

@test "every file of Debian's is there" {
	run in_debian sh -c 'find / -xdev | wc -l'
	assert_success
	[ "$output" -gt 8000 ] || fail "too few files" "$(got)"
	run in_debian dpkg --verify
	assert_success
	assert_output ""
}

@test "owners, groups and modes are the image's" {
	run in_debian stat -c '%n %U:%G %a' /etc/shadow /usr/bin/passwd /usr/bin/chage /var/mail /tmp
	assert_success
	assert_line "/etc/shadow root:shadow 640"
	assert_line "/usr/bin/passwd root:root 4755"
	assert_line "/usr/bin/chage root:shadow 2755"
	assert_line "/var/mail root:mail 2775"
	assert_line "/tmp root:root 1777"
}

@test "apt-cache policy reads the package database" {
	run in_debian apt-cache policy bash
	assert_success
	assert_contains "Installed: 5.2"
	assert_contains "/var/lib/dpkg/status"
}

@test "two images share the layers they have in common" {
	run find "$XDG_DATA_HOME/rlc/layers" -mindepth 1 -maxdepth 1 -type d
	assert_success
	assert_line_count 3
}

@test "a python script works on a mounted folder" {
	mkdir app
	echo 'six times seven' >app/question
	cat >app/main.py <<-'EOF'
		import os, pathlib, sqlite3
		asked = pathlib.Path("question").read_text().strip()
		answer = sqlite3.connect(":memory:").execute("select 6 * 7").fetchone()[0]
		pathlib.Path("answer").write_text(f"{asked} is {answer}\n")
		print(os.getcwd(), os.getuid())
	EOF
	run rlc run --rm --network=none -v "$PWD/app:/app" -w /app "$(loaded nginxpg)" python3 main.py
	assert_success
	assert_output "/app 0"
	assert_equal "$(cat app/answer)" "six times seven is 42"
	assert_equal "$(stat -c %u app/answer)" "$(id -u)"
}

@test "nginx serves a mounted folder on the host's network" {
	need_program curl
	local port
	port=$(free_port)
	mkdir site
	echo "served by a container" >site/index.html
	# Its workers are another user inside: the folders above ours are closed to that one.
	chmod 755 site
	cat >nginx.conf <<-EOF
		user www-data;
		worker_processes 1;
		events {}
		http { server { listen 127.0.0.1:$port; root /srv/site; } }
	EOF
	run rlc run -d --network=host --name nginx -v "$PWD/site:/srv/site:ro" \
		-v "$PWD/nginx.conf:/etc/nginx/nginx.conf:ro" "$(loaded nginxpg)" nginx -g 'daemon off;'
	assert_success
	echo nginx >container
	await 10 curl -fsS "http://127.0.0.1:$port/"
	run curl -fsS "http://127.0.0.1:$port/"
	assert_output "served by a container"
	run rlc stop nginx
	assert_success
	run curl -fsS "http://127.0.0.1:$port/"
	assert_status 7
}

@test "postgres makes a cluster and answers as its own user" {
	cat >query.sh <<-'EOF'
		set -e
		PATH=/usr/lib/postgresql/15/bin:$PATH
		initdb -D /tmp/data >/dev/null
		pg_ctl -D /tmp/data -w -l /tmp/log -o "-k /tmp -c listen_addresses=" start >/dev/null
		psql -h /tmp -At postgres <<-SQL
			create table t (n int);
			insert into t select generate_series(1, 1000);
			select current_user, sum(n) from t;
		SQL
		pg_ctl -D /tmp/data -m fast stop >/dev/null
	EOF
	run rlc run --rm --network=none -u postgres -v "$PWD/query.sh:/query.sh:ro" \
		"$(loaded nginxpg)" sh /query.sh
	assert_success
	assert_line "postgres|500500"
}
