#!/usr/bin/env bash
# A queue of very many messages, in the host as it runs: what it takes in memory, how long a start takes, and how soon after it the first message is delivered.
# README.md beside this file says what the figures are. Needs smtp-source and smtp-sink (Debian: postfix), python3 and the .NET SDK.
#
#   bench/million.sh [messages]      SIZE=1024 FOLDER=/var/tmp/x bench/million.sh 1000000
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
messages=${1:-1000000}
size=${SIZE:-1024}
own_folder=''
if [[ -z ${FOLDER:-} ]]; then
    mkdir -p artifacts
    own_folder=yes FOLDER=$(mktemp -d -p "$PWD/artifacts" million.XXXXXX)
fi
folder=$FOLDER
mkdir -p "$folder"
export PATH=$PATH:/usr/sbin:/sbin DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

for program in smtp-source smtp-sink dotnet python3; do
    command -v "$program" >/dev/null || { echo "$program is not installed (Debian: apt-get install postfix python3)." >&2; exit 2; }
done

host_pid='' next_pid=''
stop_next() {
    if [[ -n $next_pid ]]; then kill "$next_pid" 2>/dev/null || true; wait "$next_pid" 2>/dev/null || true; fi
    next_pid=''
}
cleanup() {
    if [[ -n $host_pid ]]; then kill -9 "$host_pid" 2>/dev/null || true; fi
    stop_next
    if [[ -n $own_folder ]]; then rm -rf "$folder"; fi
}
trap cleanup EXIT
trap 'exit 130' INT TERM

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

wait_for_port() {
    local tries
    for ((tries = 0; tries < 3000; tries++)); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return 0; fi
        sleep 0.01
    done
    echo "Nothing listens on port $1." >&2
    return 1
}

# A next hop that takes connections and never says a word: what is queued stays queued, and untried.
start_silent_hop() {
    python3 -c '
import socket, sys
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind(("127.0.0.1", int(sys.argv[1]))); s.listen(1000)
kept = []
while True: kept.append(s.accept())' "$sink_port" &
    next_pid=$!
    wait_for_port "$sink_port"
}

milliseconds() { echo $((($(date +%s%N) - $1) / 1000000)); }

launch() {
    : >"$folder/mailops.log"
    dotnet artifacts/bin/MailOps.Host/release/MailOps.Host.dll serve "$folder/relay.json" >"$folder/mailops.log" 2>&1 &
    host_pid=$!
}

# Starts the host; $ready are the milliseconds until it says that it is.
start_host() {
    local begun
    begun=$(date +%s%N)
    launch
    until grep -q '^Ready' "$folder/mailops.log"; do
        kill -0 "$host_pid" || { cat "$folder/mailops.log" >&2; return 1; }
        sleep 0.01
    done
    ready=$(milliseconds "$begun")
}

# end_host SIGNAL
end_host() {
    kill "-$1" "$host_pid"
    wait "$host_pid" 2>/dev/null || true
    host_pid=''
}

say() { printf '%-58s %s\n' "$1" "$2"; }

resident_mib() { echo $(($(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$host_pid/status") / 1024)); }

echo 'Building' >&2
dotnet build -c Release src/MailOps.Host -v:quiet -nodeReuse:false >"$folder/build.log" 2>&1 || { tail -20 "$folder/build.log" >&2; exit 1; }
sink_port=$(free_port) port=$(free_port)
cat >"$folder/relay.json" <<EOF
{
  "hostName": "bench.test",
  "queuePath": "$folder/mailops",
  "listeners": [ { "endpoint": "127.0.0.1:$port", "tls": "None" } ],
  "routes": [ { "kind": "SmartHost", "host": "127.0.0.1:$sink_port", "tls": "None" } ],
  "delivery": { "maxConnectionsPerDestination": 20 }
}
EOF

start_silent_hop
start_host
empty=$ready
say 'start, empty queue, ms' "$empty"
say 'memory, empty queue, MiB' "$(resident_mib)"
begun=$(date +%s%N)
smtp-source -d -s 50 -m "$messages" -l "$size" -f sender@bench.test -t recipient@far.test "127.0.0.1:$port"
took=$(milliseconds "$begun")
say "accepted, messages of $size bytes" "$messages"
say 'accepted/s' $((messages * 1000 / took))
say 'memory when all are accepted, MiB' "$(resident_mib)"
say 'log on disk, MiB' "$(du -sm "$folder/mailops/log" | cut -f1)"
say 'digests on disk, MiB' "$(du -sm "$folder/mailops/digest" | cut -f1)"

end_host KILL
start_host
say 'start after a crash, ms (less an empty one)' "$ready ($((ready - empty)))"
say 'memory after it, MiB' "$(resident_mib)"
end_host TERM

start_host
say 'start after a stop, ms (less an empty one)' "$ready ($((ready - empty)))"
say 'memory after it, MiB' "$(resident_mib)"
end_host KILL

rm -rf "$folder/mailops/digest"
start_host
say 'start without digests, ms (less an empty one)' "$ready ($((ready - empty)))"
end_host KILL
stop_next

: >"$folder/count"
as_nobody=()
if [[ $(id -u) -eq 0 ]]; then as_nobody=(-u nobody); fi   # it will not be root
smtp-sink -c "${as_nobody[@]}" "127.0.0.1:$sink_port" 1000 >>"$folder/count" 2>>"$folder/sink.log" &
next_pid=$!
wait_for_port "$sink_port"
begun=$(date +%s%N)
launch
until tail -c 200 "$folder/count" | grep -q 'mesg=[1-9]'; do sleep 0.01; done
first=$(milliseconds "$begun")
say 'first delivery after a start, ms (less an empty one)' "$first ($((first - empty)))"
if [[ -n ${DELIVER:-} ]]; then
    until [[ $(tail -c 200 "$folder/count" | tr '\r' '\n' | sed -n 's/.*mesg=\([0-9]*\).*/\1/p' | tail -1) -ge $messages ]]; do sleep 0.1; done
    took=$(milliseconds "$begun")
    say 'all delivered, s' $((took / 1000))
fi
