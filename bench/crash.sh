#!/usr/bin/env bash
# The crash tests of tests/MailOps.Peers.Tests with many more rounds: the host under smtp-source, SIGKILL at a random moment, restart; in the end every message
# that got 250 has arrived, and none twice that was not in flight. Prints the figures.
#
#   bench/crash.sh [rounds]      Default: 200 crashes, under ten minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export MAILOPS_CRASH_ROUNDS=${1:-200} DOTNET_NOLOGO=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1
dotnet build tests/MailOps.Peers.Tests -v:quiet
dotnet exec artifacts/bin/MailOps.Peers.Tests/debug/MailOps.Peers.Tests.dll --no-ansi --progress off --xunit-diagnostics on --filter-class '*CrashTests'
