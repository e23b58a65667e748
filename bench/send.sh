#!/usr/bin/env bash
# Send-SmtpMessage for ten thousand records against a loop over MailKit written by hand and against System.Net.Mail.SmtpClient, to a sink on loopback; then its memory for ten and for a
# hundred thousand. --help for the numbers. Needs python3, Postfix' smtp-sink and the .NET SDK.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 PATH="$PATH:/usr/sbin:/sbin"
case " $* " in *' --help '* | *' -h '*) ;; *)
    dotnet build -c Release src/MailOps.Host -v:quiet -nodeReuse:false >&2
    dotnet build bench/send.cs -c Release -o artifacts/bench/send -v:quiet >&2 ;;
esac
exec env PYTHONDONTWRITEBYTECODE=1 python3 bench/send.py "$@"
