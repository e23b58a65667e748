#!/usr/bin/env bash
# The fuzz test of tests/MailOps.Relay.Tests with many more inputs: random bytes and changed conversations in every state of a session, in random pieces.
# It says how far it is every 200,000 inputs, with the rate and the memory in use; where it fails, seed, round and bytes.
#
#   bench/fuzz.sh [inputs] [seed]      Default: 10 million inputs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
report=$(mktemp)
export MAILOPS_FUZZ_INPUTS=${1:-10000000} MAILOPS_FUZZ_SEED=${2:-20261123} MAILOPS_FUZZ_REPORT=$report DOTNET_NOLOGO=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1
dotnet build tests/MailOps.Relay.Tests -c Release -v:quiet
tail -f "$report" & shows=$!
trap 'kill "$shows"; rm -f "$report"' EXIT
dotnet exec artifacts/bin/MailOps.Relay.Tests/release/MailOps.Relay.Tests.dll --no-ansi --progress off --filter-class '*FuzzTests'
