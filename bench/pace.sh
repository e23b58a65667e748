#!/usr/bin/env bash
# A sink that comes back to 20,000 queued messages, limits that are to be kept, a dead next hop beside a live one, and a start with 100,000 queued. --help for the numbers.
# Needs root (Postfix), postfix with smtp-source and smtp-sink, python3 and the .NET SDK.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH=$PATH:/usr/sbin:/sbin DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
case " $* " in *' --help '* | *' -h '*) ;; *) dotnet build -c Release src/MailOps.Host -v:quiet -nodeReuse:false >&2 ;; esac
exec env PYTHONDONTWRITEBYTECODE=1 python3 bench/pace.py "$@"
