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

# shellcheck source=bench/servers.sh
source bench/servers.sh

next_pid=''
stop_next() {
    if [[ -n $next_pid ]]; then kill "$next_pid" 2>/dev/null || true; wait "$next_pid" 2>/dev/null || true; fi
    next_pid=''
}
cleanup() {
    if [[ -n $server ]]; then kill -9 "$server_pid" 2>/dev/null || true; fi
    stop_next
    if [[ -n $own_folder ]]; then rm -rf "$folder"; fi
}
trap cleanup EXIT
trap 'exit 130' INT TERM

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

# Starts the host; the milliseconds until it says that it is ready.
start_host() {
    local begun
    : >"$folder/mailops.log"
    begun=$(date +%s%N)
    start_server mailops
    until grep -q '^Ready' "$folder/mailops.log"; do sleep 0.01; done
    ready=$(milliseconds "$begun")
}

kill_host() {
    kill -9 "$server_pid"
    wait "$server_pid" 2>/dev/null || true
    server=''
}

say() { printf '%-58s %s\n' "$1" "$2"; }

resident_mib() { echo $(($(memory_kib) / 1024)); }

echo 'Building' >&2
dotnet build -c Release src/MailOps.Host -v:quiet -nodeReuse:false >"$folder/build.log" 2>&1 || { tail -20 "$folder/build.log" >&2; exit 1; }
sink_port=$(free_port) mailops_port=$(free_port)
prepare_mailops

start_silent_hop
start_host
empty=$ready
say 'start, empty queue, ms' "$empty"
say 'memory, empty queue, MiB' "$(resident_mib)"
begun=$(date +%s%N)
smtp-source -d -s 50 -m "$messages" -l "$size" -f sender@bench.test -t recipient@far.test "127.0.0.1:$mailops_port"
took=$(milliseconds "$begun")
say "accepted, messages of $size bytes" "$messages"
say 'accepted/s' $((messages * 1000 / took))
say 'memory when all are accepted, MiB' "$(resident_mib)"
say 'log on disk, MiB' "$(du -sm "$folder/mailops/log" | cut -f1)"
say 'digests on disk, MiB' "$(du -sm "$folder/mailops/digest" | cut -f1)"

kill_host
start_host
say 'start after a crash, ms (less an empty one)' "$ready ($((ready - empty)))"
say 'memory after it, MiB' "$(resident_mib)"
stop_server

start_host
say 'start after a stop, ms (less an empty one)' "$ready ($((ready - empty)))"
say 'memory after it, MiB' "$(resident_mib)"
kill_host

rm -rf "$folder/mailops/digest"
start_host
say 'start without digests, ms (less an empty one)' "$ready ($((ready - empty)))"
kill_host
stop_next

: >"$folder/count"
smtp-sink -c "127.0.0.1:$sink_port" 1000 >>"$folder/count" 2>>"$folder/sink.log" &
next_pid=$!
wait_for_port "$sink_port"
begun=$(date +%s%N)
start_server mailops
until tail -c 200 "$folder/count" | grep -q 'mesg=[1-9]'; do sleep 0.01; done
first=$(milliseconds "$begun")
say 'first delivery after a start, ms (less an empty one)' "$first ($((first - empty)))"
if [[ -n ${DELIVER:-} ]]; then
    until [[ $(tail -c 200 "$folder/count" | tr '\r' '\n' | sed -n 's/.*mesg=\([0-9]*\).*/\1/p' | tail -1) -ge $messages ]]; do sleep 0.1; done
    took=$(milliseconds "$begun")
    say 'all delivered, s' $((took / 1000))
fi
