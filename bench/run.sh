#!/usr/bin/env bash
# Relays the same mail through Postfix and through MailOps in turn, from the same generator to the same sink, and prints what each did.
# README.md beside this file says what is measured and how to read it. Needs root (Postfix), postfix with smtp-source and smtp-sink, and the .NET SDK.
#
#   bench/run.sh [rounds]        MESSAGES=10000 SESSIONS="10 50" SIZE=1024 SERVERS="postfix mailops" FOLDER=/var/tmp/x bench/run.sh 5
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rounds=${1:-3}
messages=${MESSAGES:-10000}
size=${SIZE:-1024}
read -ra session_counts <<<"${SESSIONS:-10 50}"
read -ra servers <<<"${SERVERS:-postfix mailops}"
limit=${LIMIT:-180}   # seconds for one run
own_folder=''
if [[ -z ${FOLDER:-} ]]; then
    mkdir -p artifacts
    own_folder=yes FOLDER=$(mktemp -d -p "$PWD/artifacts" bench.XXXXXX)
fi
folder=$FOLDER
mkdir -p "$folder"
export PATH=$PATH:/usr/sbin:/sbin DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

for program in postfix smtp-source smtp-sink dotnet python3; do
    command -v "$program" >/dev/null || { echo "$program is not installed (Debian: apt-get install postfix python3)." >&2; exit 2; }
done
[[ $(id -u) -eq 0 ]] || { echo 'Postfix starts as root alone; run this as root.' >&2; exit 2; }

# shellcheck source=bench/servers.sh
source bench/servers.sh

sink_pid=''
cleanup() {
    stop_server || true
    if [[ -n $sink_pid ]]; then kill "$sink_pid" 2>/dev/null || true; fi
    if [[ -n $own_folder ]]; then rm -rf "$folder"; fi
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# The messages the sink has taken; it rewrites its count after each.
taken() { tail -c 200 "$folder/count" | tr '\r' '\n' | sed -n 's/.*mesg=\([0-9]*\).*/\1/p' | tail -1; }

wait_for_sink() {
    local wanted=$1 until=$((SECONDS + limit)) have
    while have=$(taken) && [[ ${have:-0} -lt $wanted ]]; do
        if ((SECONDS > until)); then echo "Only ${have:-0} of $wanted messages arrived within $limit seconds." >&2; return 1; fi
        sleep 0.02
    done
}

# one SERVER SESSIONS KIND: a line of figures on standard output.
one() {
    local server=$1 sessions=$2 kind=$3 count=$4
    local options=(-s "$sessions" -m "$count" -l "$size" -f sender@bench.test -t recipient@far.test)
    if [[ $kind == kept ]]; then options+=(-d); fi
    : >"$folder/count"
    smtp-sink -c -u nobody "127.0.0.1:$sink_port" 1000 >>"$folder/count" 2>>"$folder/sink.log" &
    sink_pid=$!
    wait_for_port "$sink_port"
    local before after start accepted relayed memory
    before=$(cpu_ticks) start=$(date +%s%N)
    timeout "$limit" smtp-source "${options[@]}" "127.0.0.1:$server_port"
    accepted=$(($(date +%s%N) - start))
    memory=$(memory_kib)
    wait_for_sink "$count"
    relayed=$(($(date +%s%N) - start))
    sleep 0.5   # what is done after the last delivery belongs to the CPU too
    after=$(cpu_ticks)
    kill "$sink_pid"; wait "$sink_pid" 2>/dev/null || true
    sink_pid=''
    printf '%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\n' "$server" "$kind" "$sessions" "$count" "$accepted" "$relayed" $((after - before)) "$memory"
}

echo "Building" >&2
dotnet build -c Release src/MailOps.Host -v:quiet -nodeReuse:false >"$folder/build.log" 2>&1 || { tail -20 "$folder/build.log" >&2; exit 1; }
sink_port=$(free_port)
prepare_servers
: >"$folder/results"
for ((round = 1; round <= rounds; round++)); do
    for server in "${servers[@]}"; do
        echo "Round $round of $rounds: $server" >&2
        start_server "$server"
        one "$server" 10 kept 2000 >/dev/null   # warm: compiled code, running daemons
        for sessions in "${session_counts[@]}"; do
            for kind in each kept; do one "$server" "$sessions" "$kind" "$messages" >>"$folder/results"; done
        done
        stop_server
    done
done
python3 bench/table.py "$folder/results" "$(getconf CLK_TCK)" "$size"
