#!/usr/bin/env bash
# Resolve-MailExchanger for ten thousand domains against a resolver on loopback that takes 20 ms for each answer: side by side, against one domain at a time. --help for the numbers.
# Needs python3 and the .NET SDK.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
case " $* " in *' --help '* | *' -h '*) ;; *) dotnet build -c Release src/MailOps.Host -v:quiet -nodeReuse:false >&2 ;; esac
exec env PYTHONDONTWRITEBYTECODE=1 python3 bench/resolve.py "$@"
