#!/usr/bin/env bash
# Runs the same mail through Postfix and through MailOps in turn and prints what each did, as ratios, against the bars that are set.
# README.md beside this file says what is measured and how to read it. Needs root (Postfix), postfix with smtp-source and smtp-sink, python3 and the .NET SDK.
#
#   bench/run.sh                                            all rows, 3 rounds: under 20 minutes
#   bench/run.sh --quick                                    the rows that have a bar, once: some 5 minutes
#   bench/run.sh --only accept,kept,10,1024 --rounds 3      one row; --help for the rest
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH=$PATH:/usr/sbin:/sbin DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

for program in postfix smtp-source smtp-sink dotnet python3; do
    command -v "$program" >/dev/null || { echo "$program is not installed (Debian: apt-get install postfix python3)." >&2; exit 2; }
done
[[ $(id -u) -eq 0 ]] || { echo 'Postfix starts as root alone; run this as root.' >&2; exit 2; }

case " $* " in *' --help '* | *' -h '*) ;; *)
    echo 'Building' >&2
    dotnet build -c Release src/MailOps.Host -v:quiet -nodeReuse:false >&2
    ;;
esac
exec env PYTHONDONTWRITEBYTECODE=1 python3 bench/run.py "$@"
