#!/usr/bin/env bash
# The fuzz test of tests/MailOps.Relay.Tests with many more inputs: random bytes and mutated commands in every state of a session, in random pieces.
#
#   bench/fuzz.sh [inputs] [seed]      Default: 10 million inputs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export MAILOPS_FUZZ_INPUTS=${1:-10000000} MAILOPS_FUZZ_SEED=${2:-20261123} DOTNET_NOLOGO=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1
dotnet build tests/MailOps.Relay.Tests -v:quiet
dotnet exec artifacts/bin/MailOps.Relay.Tests/debug/MailOps.Relay.Tests.dll --no-ansi --progress off --filter-class '*FuzzTests'
