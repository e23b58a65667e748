#!/usr/bin/env bash
# Relays to a next hop that is 40 ms away, Postfix and MailOps in turn, and prints messages a second a connection. --help for the numbers.
# Needs root (network namespaces, Postfix), postfix with smtp-source and smtp-sink, iproute2, python3 and the .NET SDK.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH=$PATH:/usr/sbin:/sbin DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 PYTHONDONTWRITEBYTECODE=1
case " $* " in *' --help '* | *' -h '*) exec python3 bench/delay.py --far none --help ;; esac
for program in postfix smtp-source smtp-sink dotnet python3 ip tc; do
    command -v "$program" >/dev/null || { echo "$program is not installed (Debian: apt-get install postfix python3 iproute2)." >&2; exit 2; }
done
[[ $(id -u) -eq 0 ]] || { echo 'Network namespaces need root.' >&2; exit 2; }

delay=40
for ((i = 1; i < $#; i++)); do
    if [[ ${!i} == --delay ]]; then next=$((i + 1)); delay=${!next}; fi
done
dotnet build -c Release src/MailOps.Host -v:quiet -nodeReuse:false >&2

near=mailops-near-$$ far=mailops-far-$$
wire_pid=
cleanup() {
    if [[ -n $wire_pid ]]; then kill "$wire_pid" 2>/dev/null || true; wait "$wire_pid" 2>/dev/null || true; fi
    ip netns del "$near" 2>/dev/null || true
    ip netns del "$far" 2>/dev/null || true
}
trap cleanup EXIT
trap 'exit 143' TERM INT
for name in "$near" "$far"; do
    ip netns add "$name"
    ip -n "$name" link set lo up
done
coproc WIRE { exec python3 bench/wire.py "$near" "$far" "$(python3 -c "print($delay / 2)")"; }
wire_pid=$WIRE_PID
read -r ready kind <&"${WIRE[0]}"
[[ $ready == ready ]] || { echo 'The wire between the namespaces could not be made.' >&2; exit 2; }
echo "The delay is made by $kind." >&2
ip netns exec "$near" python3 bench/delay.py --far "$far" "$@"
