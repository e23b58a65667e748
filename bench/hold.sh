#!/usr/bin/env bash
# 2,000 idle sessions and 200 that send a byte a second: does the 250 of another client take longer? --help for the numbers. Needs postfix (smtp-source), python3
# and the .NET SDK.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH=$PATH:/usr/sbin:/sbin DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
case " $* " in *' --help '* | *' -h '*) ;; *) dotnet build -c Release src/MailOps.Host -v:quiet -nodeReuse:false >&2 ;; esac
exec env PYTHONDONTWRITEBYTECODE=1 python3 bench/hold.py "$@"
