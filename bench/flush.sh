#!/usr/bin/env bash
# Shows with strace that Postfix and MailOps both flush a message to disk before they say 250. Needs root, postfix, strace, python3 and the .NET SDK.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH=$PATH:/usr/sbin:/sbin DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
dotnet build -c Release src/MailOps.Host -v:quiet -nodeReuse:false >&2
exec env PYTHONDONTWRITEBYTECODE=1 python3 bench/flush.py
