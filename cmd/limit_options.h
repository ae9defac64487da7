/* SPDX-License-Identifier: Apache-2.0 */
/* Options of limits by control groups, which `rlc run` and `rlc update` share. */
#pragma once
#include "lib/base/option.h"
#include "lib/spec/limits.h"

/* Setters for the struct spec_limits at row->at. */
int limit_set_memory(const struct option_row *row, void *to, const char *value, struct err *e);
int limit_set_swap(const struct option_row *row, void *to, const char *value, struct err *e);
int limit_set_reservation(const struct option_row *row, void *to, const char *value, struct err *e);
int limit_set_pids(const struct option_row *row, void *to, const char *value, struct err *e);
int limit_set_cpus(const struct option_row *row, void *to, const char *value, struct err *e);
int limit_set_period(const struct option_row *row, void *to, const char *value, struct err *e);
int limit_set_quota(const struct option_row *row, void *to, const char *value, struct err *e);
int limit_set_shares(const struct option_row *row, void *to, const char *value, struct err *e);
int limit_set_weight(const struct option_row *row, void *to, const char *value, struct err *e);
int limit_set_conf(const struct option_row *row, void *to, const char *value, struct err *e);
/* For the char * at row->at. */
int limit_set_cpu_list(const struct option_row *row, void *to, const char *value, struct err *e);

/* clang-format off */
#define LIMIT_ROWS(heading, request, member)                                                       \
	{"memory", 'm', .metavar = "SIZE", .group = (heading), .set = limit_set_memory,            \
	 .at = option_at(request, member, struct spec_limits),                                     \
	 .help = "Limit of memory, such as 512m"},                                                 \
	{"memory-swap", .metavar = "SIZE", .group = (heading), .set = limit_set_swap,              \
	 .at = option_at(request, member, struct spec_limits),                                     \
	 .help = "Limit of memory and swap together (default: twice --memory; -1: none)"},         \
	{"memory-reservation", .metavar = "SIZE", .group = (heading),                              \
	 .set = limit_set_reservation, .at = option_at(request, member, struct spec_limits),       \
	 .help = "Memory it keeps when the host is short of it"},                                  \
	{"pids-limit", .metavar = "COUNT", .group = (heading), .set = limit_set_pids,              \
	 .at = option_at(request, member, struct spec_limits),                                     \
	 .help = "Limit of tasks (default: 2048; -1: none)"},                                      \
	{"cpus", .metavar = "COUNT", .group = (heading), .set = limit_set_cpus,                    \
	 .at = option_at(request, member, struct spec_limits),                                     \
	 .help = "Limit of processor time, such as 1.5"},                                          \
	{"cpu-period", .metavar = "MICROSECONDS", .group = (heading), .set = limit_set_period,     \
	 .at = option_at(request, member, struct spec_limits),                                     \
	 .help = "Count --cpu-quota anew so often (default: 100000)"},                             \
	{"cpu-quota", .metavar = "MICROSECONDS", .group = (heading), .set = limit_set_quota,       \
	 .at = option_at(request, member, struct spec_limits),                                     \
	 .help = "Limit of processor time in each --cpu-period"},                                  \
	{"cpu-shares", 'c', .metavar = "NUMBER", .group = (heading), .set = limit_set_shares,      \
	 .at = option_at(request, member, struct spec_limits),                                     \
	 .help = "Weight where processors are short, 2 to 262144 (usual: 1024)"},                  \
	{"cpuset-cpus", .metavar = "LIST", .group = (heading), .set = limit_set_cpu_list,          \
	 .at = option_at(request, member.cpuset_cpus, char *),                                     \
	 .help = "Run on these processors alone, such as 0-2,5"},                                  \
	{"cpuset-mems", .metavar = "LIST", .group = (heading), .set = limit_set_cpu_list,          \
	 .at = option_at(request, member.cpuset_mems, char *),                                     \
	 .help = "Take memory of these NUMA nodes alone"},                                         \
	{"blkio-weight", .metavar = "NUMBER", .group = (heading), .set = limit_set_weight,         \
	 .at = option_at(request, member, struct spec_limits),                                     \
	 .help = "Weight where disks are busy, 10 to 1000"},                                       \
	{"cgroup-conf", .metavar = "FILE=VALUE", .repeats = true, .group = (heading),              \
	 .set = limit_set_conf, .at = option_at(request, member, struct spec_limits),              \
	 .help = "Write this to a file of the control group, as memory.high=400M",                 \
	 .text = "_FILE_ is one of the controllers memory, pids, cpu, cpuset or io. Written in "   \
		 "their order, after the limits that have an option."}
/* clang-format on */
