#!/usr/bin/env bash
# The crash tests of tests/MailOps.Peers.Tests with many more rounds: SIGKILL in the middle of traffic, restart, and every message that got 250 arrives.
#
#   bench/crash.sh [rounds]      Default: 50 crashes, about 5 minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export MAILOPS_CRASH_ROUNDS=${1:-50} DOTNET_NOLOGO=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1
dotnet build tests/MailOps.Peers.Tests -v:quiet
dotnet exec artifacts/bin/MailOps.Peers.Tests/debug/MailOps.Peers.Tests.dll --no-ansi --progress off --filter-class '*CrashTests'
