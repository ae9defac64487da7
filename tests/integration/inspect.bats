#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `rlc inspect`: podman's keys, for containers and images.
# shellcheck disable=SC2154 # stderr is set by run
load lib

setup_file() {
	file_begin
	need_busybox
	mkdir "$HOME/shared"
	rlc run --name full --label app=web --label bare -e KEY=value -w /tmp -h host1 --read-only \
		-v "$HOME/shared:/shared:ro" --stop-signal USR1 --cap-drop CHOWN \
		--security-opt no-new-privileges busybox sh -c 'exit 3' || true
}

value() { # NAME EXPRESSION
	rlc inspect "$1" | jq -r ".[0] | $2"
}

@test "what it was and how it ended" {
	assert_equal "$(value full .Name)" full
	assert_equal "$(value full .Path)" sh
	assert_equal "$(value full '.Args | join(" ")')" "-c exit 3"
	assert_equal "$(value full .ImageName)" localhost/busybox:latest
	assert_equal "$(value full .State.Status)" exited
	assert_equal "$(value full .State.Running)" false
	assert_equal "$(value full .State.ExitCode)" 3
	[[ $(value full .Id) =~ ^[0-9a-f]{64}$ ]]
	[[ $(value full .Image) =~ ^[0-9a-f]{64}$ ]]
	[[ $(value full .State.FinishedAt) > $(value full .State.StartedAt) ]]
	[[ $(value full .State.StartedAt) > $(value full .Created) ]]
}

@test "how it was configured" {
	assert_equal "$(value full .Config.Labels.app)" web
	assert_equal "$(value full .Config.Labels.bare)" ""
	assert_equal "$(value full '.Config.Env | index("KEY=value") != null')" true
	assert_equal "$(value full .Config.WorkingDir)" /tmp
	assert_equal "$(value full .Config.Hostname)" host1
	assert_equal "$(value full .Config.StopSignal)" SIGUSR1
	assert_equal "$(value full .HostConfig.ReadonlyRootfs)" true
	assert_equal "$(value full .HostConfig.AutoRemove)" false
	assert_equal "$(value full '.Mounts[0] | "\(.Source) \(.Destination) \(.RW)"')" \
		"$HOME/shared /shared false"
}

@test "which defences are in force" {
	assert_equal "$(value full '.Rlc.Capabilities.bounding | index("CAP_CHOWN")')" null
	assert_equal "$(value full '.BoundingCaps | index("CAP_KILL") != null')" true
	assert_equal "$(value full .Rlc.NoNewPrivileges)" true
	assert_equal "$(value full .Rlc.Seccomp)" default
	assert_equal "$(value full '.Rlc.Namespaces | sort | join(" ")')" \
		"cgroup ipc mount network pid user uts"
	assert_equal "$(value full '.Rlc.MaskedPaths | index("/proc/kcore") != null')" true
	assert_equal "$(value full '.Rlc.UidMappings[0].containerID')" 0
}

@test "of what runs: pid and monitor" {
	rlc run -d --name live busybox sleep 1000 >/dev/null
	assert_equal "$(value live '.State | "\(.Status) \(.Running) \(.Pid > 1)"')" "running true true"
	assert_equal "$(cat "/proc/$(value live .State.Pid)/comm")" sleep
	assert_equal "$(value live .State.FinishedAt)" 0001-01-01T00:00:00Z
	kill -0 "$(value live .Rlc.MonitorPid)"
	rlc rm -f live
}

@test "images, by name and by id" {
	local id
	id=$(value busybox .Id)
	assert_equal "$(value full .Image)" "$id"
	assert_equal "$(value busybox '.RepoTags[0]')" localhost/busybox:latest
	assert_equal "$(value "${id:0:12}" .Os)" linux
	assert_equal "$(value busybox '.RootFS.Layers | length')" 1
	[[ $(value busybox .Digest) =~ ^sha256:[0-9a-f]{64}$ ]]
}

@test "--type decides between a container and an image of one name" {
	rlc run --name busybox busybox true
	assert_equal "$(value busybox .Name)" busybox
	assert_equal "$(rlc inspect --type image busybox | jq -r '.[0].Os')" linux
	rlc rm busybox
	run --separate-stderr rlc inspect --type container busybox
	assert_status 125
	[[ $stderr == *busybox* ]]
	run --separate-stderr rlc inspect --type image full
	assert_status 125
}

@test "several at once; what is missing is told, the rest printed" {
	run --separate-stderr rlc inspect full nobody busybox
	assert_status 125
	assert_equal "$(jq length <<<"$output")" 2
	[[ $stderr == *nobody* ]]
	run --separate-stderr rlc inspect nobody
	assert_status 125
	assert_equal "$(jq length <<<"$output")" 0
	run rlc inspect
	assert_status 125
}

@test "a broken config.json is told" {
	local folder
	folder=$XDG_DATA_HOME/rlc/containers/$(value full .Id)
	cp "$folder/config.json" kept
	echo '{"process":3}' >"$folder/config.json"
	run --separate-stderr rlc inspect full
	assert_status 125
	[[ $stderr == *config.json* && $stderr == *"fix: "* ]]
	cp kept "$folder/config.json"
}
