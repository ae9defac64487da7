/* SPDX-License-Identifier: Apache-2.0 */
/* What each option of `rlc run` does to the spec, and what it says to a value it does not take. */
#include "tests/unit/request.h"
#include "tests/unit/tap.h"

static const struct {
	const char *line, *text;
} good[] = {
    {"x", " image=x"},
    {"x|-i|--rm", " image=x args=-i|--rm"},
    {"--|x|--|y", " image=x args=--|y"},
    {"--rootfs|./r|sh|-c|:", " rootfs=/here/r args=sh|-c|:"},
    {"--rootfs|/a/../r/", " rootfs=/r"},
    {"--rootfs=false|x", " image=x"},
    {"-itd|x", " image=x interactive terminal detach"},
    {"-it|--rm|x", " image=x interactive terminal remove"},
    {"--detach|--interactive|--tty|x", " image=x interactive terminal detach"},
    {"--init|x", " image=x init"},
    {"--name|web-1.a_b|x", " image=x name=web-1.a_b"},
    {"-w|/srv/../tmp|x", " image=x workdir=/tmp"},
    {"--workdir=/srv|x", " image=x workdir=/srv"},
    {"-u1000:100|x", " image=x user=1000:100"},
    {"--user|www-data|x", " image=x user=www-data"},
    {"--group-add|audio|--group-add=20|x", " image=x groups=audio|20"},
    {"--umask|0027|x", " image=x umask=23"},
    {"--umask=77|x", " image=x umask=63"},
    {"--entrypoint|/bin/sh|x", " image=x entrypoint entry=/bin/sh"},
    {"--entrypoint=|x", " image=x entrypoint"},
    {"--entrypoint|[\"sh\",\"-c\"]|x", " image=x entrypoint entry=sh|-c"},
    {"--entrypoint|[]|x", " image=x entrypoint"},
    {"--entrypoint|[|x", " image=x entrypoint entry=["},
    {"--entrypoint|[\"sh\",1]|x", " image=x entrypoint entry=[\"sh\",1]"},
    {"--entrypoint|a|--entrypoint|b|x", " image=x entrypoint entry=b"},
    {"--read-only|x", " image=x read-only"},
    {"--read-only|--read-only-tmpfs=false|x", " image=x read-only no-read-only-tmpfs"},
    {"-h|web.example|x", " image=x hostname=web.example"},
    {"--hostname=h_1|x", " image=x hostname=h_1"},
    {"--cap-add|NET_RAW|x", " image=x cap-add=NET_RAW"},
    {"--cap-add=cap_net_raw,SYS_TIME|x", " image=x cap-add=cap_net_raw|SYS_TIME"},
    {"--cap-drop|ALL|--cap-add=chown|x", " image=x cap-add=chown cap-drop=ALL"},
    {"--privileged|x", " image=x privileged"},
    {"--security-opt|seccomp=unconfined|x", " image=x seccomp=unconfined"},
    {"--security-opt|seccomp=p.json|x", " image=x seccomp=/here/p.json"},
    {"--security-opt|seccomp:/p.json|x", " image=x seccomp=/p.json"},
    {"--security-opt|seccomp=/p|--security-opt|seccomp=default|x", " image=x"},
    {"--security-opt|no-new-privileges|x", " image=x nnp=1"},
    {"--security-opt|no-new-privileges:false|x", " image=x nnp=0"},
    {"--security-opt|no-new-privileges=true|x", " image=x nnp=1"},
    {"--security-opt|mask=/a:/b/../c|x", " image=x mask=/a|/c"},
    {"--security-opt|unmask=/proc/*:/sys|x", " image=x unmask=/proc/*|/sys"},
    {"--security-opt|unmask=all|x", " image=x unmask-all"},
    {"--ulimit|nofile=10:20|x", " image=x rlimit7=10:20"},
    {"--ulimit|core=0|x", " image=x rlimit4=0:0"},
    {"--ulimit|stack=-1|x", " image=x rlimit3=-1:-1"},
    {"--ulimit|nproc=5:unlimited|x", " image=x rlimit6=5:-1"},
    {"--ulimit|core=0|--ulimit|core=1|x", " image=x rlimit4=1:1"},
    {"--pids-limit|64|x", " image=x pids=64"},
    {"--pids-limit|-1|x", " image=x pids=0"},
    {"--pids-limit=0|x", " image=x pids=0"},
    {"-m|512m|x", " image=x memory=536870912"},
    {"--memory=1.5g|x", " image=x memory=1610612736"},
    {"--memory=0|x", " image=x memory=0"},
    {"--memory=-1|x", " image=x memory=0"},
    {"--cpus|1.5|x", " image=x cpu=150000"},
    {"--cpus|.5|x", " image=x cpu=50000"},
    {"--cpus=1|--cpus=0|x", " image=x"},
    {"--limits=best-effort|x", " image=x best-effort"},
    {"--limits=best-effort|--limits|strict|x", " image=x"},
    {"--network|host|x", " image=x host-network"},
    {"--net=host|x", " image=x host-network"},
    {"--net=host|--network=none|x", " image=x no-network"},
    {"--network|private|x", " image=x"},
    {"--network|slirp|x", " image=x"},
    {"--network|slirp:mtu=9000,cidr=10.1.0.0/16|x", " image=x slirp=mtu=9000,cidr=10.1.0.0/16"},
    {"--network|slirp4netns:port_handler=rootlesskit|x", " image=x slirp=port_handler=rootlesskit"},
    {"--network=slirp:mtu=9000|--network=private|x", " image=x"},
    {"--dns|1.1.1.1|--dns|2001:db8::1|x", " image=x dns=1.1.1.1|2001:db8::1"},
    {"--dns|none|x", " image=x no-dns"},
    {"--dns-search|lan|--dns-opt|ndots:2|x", " image=x dns-search=lan dns-options=ndots:2"},
    {"--add-host|db:192.0.2.7|x", " image=x add-hosts=192.0.2.7\tdb"},
    {"--add-host|db;web:2001:db8::7|x", " image=x add-hosts=2001:db8::7\tdb web"},
    {"--add-host|db:[::1]|x", " image=x add-hosts=::1\tdb"},
    {"--add-host|db:host-gateway|x", " image=x add-hosts=host-gateway\tdb"},
    {"--no-hosts|--no-hostname|x", " image=x no-hosts no-hostname"},
    {"--cidfile|id|x", " image=x cidfile=/here/id"},
    {"-l|a=b|--label=c|x", " image=x labels=a=b|c="},
    {"-l|a=b|-l|a=c|x", " image=x labels=a=c"},
    {"--shm-size|1m|x", " image=x shm=1048576"},
    {"--shm-size|0|x", " image=x shm=0"},
    {"--stop-signal|SIGQUIT|x", " image=x stop-signal=SIGQUIT"},
    {"--stop-signal|9|x", " image=x stop-signal=9"},
    {"--stop-timeout|0|x", " image=x stop-timeout=0"},
    {"--pull|never|x", " image=x pull=2"},
    {"--pull=always|x", " image=x pull=1"},
    {"--pull=newer|x", " image=x pull=3"},
    {"--dry-run|x", " image=x dry-run=1"},
    {"--dry-run=oci|x", " image=x dry-run=2"},
    {"--dry-run|--dry-run=off|x", " image=x"},
    {"--storage-driver|overlay|x", " image=x driver=overlay"},
    {"--oom-score-adj|-500|x", " image=x oom=-500"},
};

/* The option and value as the error names them, and a piece of the hint. */
static const struct {
	const char *line, *what, *hint;
} bad[] = {
    {"", "run: no image given", "rlc run [OPTION...] IMAGE"},
    {"--rm", "run: no image given", "IMAGE"},
    {"--rootfs", "run: no folder given", "--rootfs FOLDER"},
    {"--rm||sh", "run: no image given", "IMAGE"},
    {"--dtach|x", "unknown option --dtach", "did you mean --detach?"},
    {"--root=/x|x", "unknown option --root", "--root goes before the command"},
    {"-d|--dry-run|x", "--detach and --dry-run exclude each other", "leave one"},
    {"--name|../x|x", "option --name \"../x\": ", ""},
    {"--name=|x", "option --name \"\": ", ""},
    {"-w|srv|x", "option -w \"srv\": not an absolute path", "from \"/\" on"},
    {"-u|:5|x", "option -u \":5\": not of the form USER[:GROUP]", "--user 1000:1000"},
    {"-u|a:|x", "option -u \"a:\": not of", ""},
    {"-u|a:b:c|x", "option -u \"a:b:c\": not of", ""},
    {"--group-add|a:b|x", "option --group-add \"a:b\": ", "--group-add GROUP"},
    {"--group-add|keep-groups|x", "does not keep the caller's groups", "mount it"},
    {"--umask|0800|x", "option --umask \"0800\": not an octal number", "0022"},
    {"--umask|1777|x", "option --umask \"1777\": not an octal number", "0022"},
    {"--umask=|x", "option --umask \"\": not an octal number", "0022"},
    {"--hostname|a b|x", "option --hostname \"a b\": not a host name", "64"},
    {"--hostname|-a|x", "option --hostname \"-a\": not a host name", "letter or digit"},
    {"--hostname|.a|x", "option --hostname \".a\": not a host name", "letter or digit"},
    {"--hostname|aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa|x",
     "not a host name", "64"},
    {"--cap-add|NET_RAWW|x", "option --cap-add \"NET_RAWW\": ", "NET_RAW"},
    {"--cap-drop|,|x", "option --cap-drop \",\": no capability", "ALL"},
    {"--security-opt|seccomp=|x", "option --security-opt \"seccomp=\": no profile", "FILE"},
    {"--security-opt|seccomp|x", "no profile", "FILE"},
    {"--security-opt|no-new-privileges=x|x", "\"x\" is neither true nor false", ":false"},
    {"--security-opt|mask=a|x", "\"a\" is not an absolute path", "\":\""},
    {"--security-opt|unmask=|x", "no path", ""},
    {"--security-opt|apparmor=unconfined|x", "apparmor is not in this version", "leave it out"},
    {"--security-opt|systempaths=unconfined|x", "systempaths is not in", "unmask=ALL"},
    {"--security-opt|sec|x", "option --security-opt \"sec\": unknown", "allowed: seccomp="},
    {"--ulimit|nofiles=1|x", "no limit is called \"nofiles\"", "nofile"},
    {"--ulimit=|x", "no limit is called \"\"", "allowed: host"},
    {"--ulimit|core|x", "not of the form NAME=SOFT[:HARD]", "-1 is unlimited"},
    {"--ulimit|core:1|x", "not of the form NAME=SOFT[:HARD]", "-1 is unlimited"},
    {"--ulimit|core=1:2:3|x", "not of the form NAME=SOFT[:HARD]", "-1 is unlimited"},
    {"--ulimit|core=x|x", "not of the form NAME=SOFT[:HARD]", "-1 is unlimited"},
    {"--ulimit|core=1:x|x", "not of the form NAME=SOFT[:HARD]", "-1 is unlimited"},
    {"--ulimit|core=2:1|x", "soft limit is above the hard one", "core=SOFT:HARD"},
    {"--pids-limit|many|x", "option --pids-limit \"many\": not a number of tasks", "512"},
    {"--pids-limit|-2|x", "not a number of tasks", "512"},
    {"--pids-limit|5000000|x", "not a number of tasks", "512"},
    {"-m|lots|x", "option -m \"lots\": not a size", "512m"},
    {"-m|1k|x", "option -m \"1k\": less than 524288 bytes", "0 for no limit"},
    {"--shm-size|-1|x", "option --shm-size \"-1\": not a size", "512m"},
    {"--shm-size|5|x", "option --shm-size \"5\": less than 4096 bytes", "0 for no limit"},
    {"--cpus|two|x", "option --cpus \"two\": not a number of processors", "1.5"},
    {"--cpus|1e3|x", "not a number of processors", "1.5"},
    {"--cpus|1.5.1|x", "not a number of processors", "1.5"},
    {"--cpus|.|x", "not a number of processors", "1.5"},
    {"--cpus|0.001|x", "not a number of processors", "at least 0.01"},
    {"--cpus|10000000|x", "not a number of processors", "1.5"},
    {"--cpus=|x", "not a number of processors", "1.5"},
    {"--limits=lax|x", "option --limits \"lax\": not one of its values", "strict, best-effort"},
    {"--network|lan|x", "option --network \"lan\": not one of its values", "none, host"},
    {"--network|bridge|x", "this version has no such network", "--network private"},
    {"--network|container:a|x", "this version has no such network", "--network host"},
    {"--network|ns:/a|x", "this version has no such network", "nsenter"},
    {"--net|pasta:-t,80|x", "this version has no such network", "--network private"},
    {"--network|privately|x", "not one of its values", "private"},
    {"--network|none:a|x", "\"none\" takes no options", "leave out"},
    {"--network|private:mtu=1|x", "\"private\" takes no options", "slirp:OPTIONS"},
    {"--network|slirp:mtu=1|x", "mtu: \"1\" is no MTU", "576"},
    {"--network|slirp:a=b|x", "there is no network option \"a=b\"", "allow_host_loopback"},
    {"--dns|one|x", "option --dns \"one\": not an address", "none"},
    {"--dns|1.1.1.1|--dns|none|x", "--dns none and other --dns options", "image's own"},
    {"--dns|1.1.1.1|--network|none|x", "--dns and --network none", "cannot be reached"},
    {"--dns-search|a b|x", "option --dns-search \"a b\": not one word", "each word"},
    {"--dns-option=|x", "option --dns-option \"\": not one word", ""},
    {"--add-host|db|x", "option --add-host \"db\": not NAME:ADDRESS", "db:192.0.2.7"},
    {"--add-host|:192.0.2.7|x", "not NAME:ADDRESS", ""},
    {"--add-host|db:lan|x", "not NAME:ADDRESS", "host-gateway"},
    {"--add-host|d b:192.0.2.7|x", "\"d b\" is not a host name", "letters"},
    {"--add-host|db:192.0.2.7|--no-hosts|x", "--no-hosts and --add-host", "image's own"},
    {"--ip|10.0.2.9|x", "this version has no option --ip", "slirp:cidr="},
    {"--mac-address|02:00:00:00:00:01|x", "no option --mac-address", "leave it out"},
    {"--cidfile=|x", "option --cidfile \"\": empty", "--cidfile FILE"},
    {"-l|=v|x", "option -l \"=v\": no key", "KEY=VALUE"},
    {"--stop-signal|SIGNONE|x", "option --stop-signal \"SIGNONE\": no such signal", "TERM"},
    {"--stop-signal|0|x", "no such signal", "TERM"},
    {"--stop-timeout|-1|x", "option --stop-timeout \"-1\": not a number in range", "0 to"},
    {"--oom-score-adj|1001|x", "not a number in range", "-1000 to 1000"},
    {"--pull|sometimes|x", "option --pull \"sometimes\": not one", "missing, always"},
    {"--dry-run=docker|x", "option --dry-run \"docker\": not one", "off, plan, oci"},
    {"--storage-driver=|x", "option --storage-driver \"\": empty", "--storage-driver NAME"},
    {"--read-only=sure|x", "neither true nor false", "--read-only=false"},
    {"-p|80:80:80|x", "option -p \"80:80:80\": \"80\" is no IP address", "127.0.0.1:8080:80"},
    {"--publish=80/sctp|x", "sctp cannot be forwarded", "--network host"},
    {"--expose|8080:80|x", "\"8080:80\" is no port", "1 to 65535"},
    {"--health-cmd|true|x", "this version has no option --health-cmd", "rlc inspect"},
    {"--userns=keep-id|x", "this version has no option --userns", "subordinate ids"},
    {"--restart=always|x", "this version has no option --restart", "systemd"},
};

/* --ulimit host: what getrlimit(2) says, one of each. */
static void test_ulimit_host(void)
{
	struct err e;
	struct rlimit files;
	auto_free char *text = request_text("--ulimit|core=0|--ulimit|host|x", NULL, false, &e);
	auto_free char *wanted = NULL;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return;
	wanted = xasprintf(" rlimit%d=%lld:%lld", RLIMIT_NOFILE, (long long)files.rlim_cur,
			   (long long)files.rlim_max);
	ok(text && strstr(text, wanted), "host's limits:%s", text ? text : e.what);
	ok(text && strstr(strstr(text, " rlimit4=") + 1, " rlimit4=") == NULL,
	   "core is there once");
}

int main(void)
{
	struct err e;

	test_ulimit_host();

	for (size_t i = 0; i < array_len(good); i++) {
		auto_free char *text = request_text(good[i].line, NULL, false, &e);

		ok(text && strcmp(text, good[i].text) == 0, "run %s →%s", good[i].line,
		   text ? text : e.what);
	}
	for (size_t i = 0; i < array_len(bad); i++) {
		auto_free char *text = request_text(bad[i].line, NULL, false, &e);

		ok(!text && strstr(e.what, bad[i].what) && strstr(e.hint, bad[i].hint) &&
		       e.exit == EXIT_LAUNCHER,
		   "run %s → %s (%s)", bad[i].line, text ? text : e.what, e.hint);
	}
	return tap_end();
}
