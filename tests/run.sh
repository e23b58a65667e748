#!/usr/bin/env bash
# Builds and tests everything. Its last line is "N passed, N failed, N skipped", its exit code 0 only where none failed.
#
#   tests/run.sh                 as root on Debian, the peers the tests use are installed first; otherwise it says what is missing
#   tests/run.sh --no-install    installs nothing
#   CONFIGURATION=Release tests/run.sh
#
# A test whose peer is missing reports itself skipped and says why. Nothing is left running; everything written is under artifacts/ and out/.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
logs=$root/artifacts/test-logs
configuration=${CONFIGURATION:-Debug}
nodemailer=9.1.1   # 9 still runs on the Node.js 18 of Debian 12
build_limit=600    # seconds
project_limit=1500   # a third of that on a machine that does nothing else
install=yes
[[ ${1:-} != --no-install ]] || install=no

# dotnet and npm write to HOME; a CI runner may have none, or one that cannot be written.
if [[ -z ${HOME:-} || ! -w ${HOME:-} ]]; then export HOME=$root/artifacts/home; fi
mkdir -p "$logs" "$HOME"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1
export MSBUILDDISABLENODEREUSE=1   # no build process outlives this script
export PATH=$PATH:/usr/sbin:/sbin
exec </dev/null

passed=0 failed=0 skipped=0
summary=()

say() { printf '== %s\n' "$*"; }

finish() {
    printf '\n'
    for line in "${summary[@]}"; do printf '   %s\n' "$line"; done
    printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    [[ $failed -eq 0 ]] && exit 0
    exit 1
}

# count NAME PASSED FAILED SKIPPED
count() {
    passed=$((passed + $2)) failed=$((failed + $3)) skipped=$((skipped + $4))
    summary+=("$(printf '%-28s %5d passed %5d failed %5d skipped' "$1" "$2" "$3" "$4")")
}

# --- the peers ---------------------------------------------------------------------------------------------------------------

# What is missing, as Debian packages.
missing_packages() {
    local pair
    for pair in postfix:postfix smtp-source:postfix smtp-sink:postfix dovecot:dovecot-core swaks:swaks mono:mono-runtime unbound:unbound ldns-signzone:ldnsutils ip:iproute2 \
        curl:curl python3:python3 strace:strace node:nodejs dkimsign:python3-dkim opendkim-testmsg:opendkim-tools; do
        command -v "${pair%%:*}" >/dev/null 2>&1 || printf '%s\n' "${pair##*:}"
    done
    local server
    for server in lmtp:lmtpd imap:imapd pop3:pop3d; do
        [[ -e /usr/lib/dovecot/${server%%:*} ]] || printf 'dovecot-%s\n' "${server##*:}"
    done
    # A registry of Windows; the package puts nothing into PATH.
    [[ -e /usr/lib/wine/wine64 ]] || printf 'wine64\n'
    # dkimpy needs these for Ed25519 and for ARC.
    /usr/bin/python3 -c 'import nacl' 2>/dev/null || printf 'python3-nacl\n'
    /usr/bin/python3 -c 'import authres' 2>/dev/null || printf 'python3-authres\n'
    # swaks needs these for TLS and AUTH.
    perl -MNet::SSLeay -e1 2>/dev/null || printf 'libnet-ssleay-perl\n'
    perl -MIO::Socket::SSL -e1 2>/dev/null || printf 'libio-socket-ssl-perl\n'
    perl -MAuthen::SASL -e1 2>/dev/null || printf 'libauthen-sasl-perl\n'
    # What the .NET Framework half of the module refers to, as far as Mono has it apart.
    local library
    for library in System.Core:system-core4.0 System.Data:system-data4.0 System.Numerics:system-numerics4.0 \
        System.Net.Http:system-net-http4.0 System.Runtime.Serialization:system-runtime-serialization4.0 System.Security:system-security4.0 System.Xml.Linq:system-xml-linq4.0; do
        [[ -e /usr/lib/mono/4.5/${library%%:*}.dll ]] || printf 'libmono-%s-cil\n' "${library##*:}"
    done
    if [[ ! -d artifacts/peers/node_modules/nodemailer ]] && ! command -v npm >/dev/null 2>&1; then printf 'npm\n'; fi
}

apt() {
    DEBIAN_FRONTEND=noninteractive timeout 600 apt-get -q -y -o Acquire::Retries=2 -o Acquire::http::Timeout=30 -o DPkg::Lock::Timeout=120 "$@"
}

# Debian starts a server when it installs it; policy-rc.d is how one says no.
install_packages() {
    local policy=/usr/sbin/policy-rc.d kept=''
    if [[ -e $policy ]]; then kept=$(mktemp) && cp -p "$policy" "$kept"; fi
    # shellcheck disable=SC2064  # the values of now are meant
    trap "rm -f '$policy'; if [[ -n '$kept' ]]; then cp -p '$kept' '$policy'; rm -f '$kept'; fi" EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
    local package
    if ! apt update || ! apt install --no-install-recommends "$@"; then
        # One that this release does not have must not keep the others out.
        for package in "$@"; do apt install --no-install-recommends "$package" || true; done
    fi
    rm -f "$policy"
    if [[ -n $kept ]]; then cp -p "$kept" "$policy" && rm -f "$kept"; fi
    trap - EXIT
}

install_peers() {
    local packages
    mapfile -t packages < <(missing_packages | sort -u)
    if [[ ${#packages[@]} -gt 0 && $install == yes ]]; then
        if [[ $(id -u) -ne 0 ]]; then
            say "Not root: the peers are not installed"
        elif ! command -v apt-get >/dev/null 2>&1; then
            say "Not Debian (no apt-get): the peers are not installed"
        else
            say "Installing ${packages[*]}"
            install_packages "${packages[@]}" >"$logs/apt.log" 2>&1 || true
            mapfile -t packages < <(missing_packages | sort -u)
        fi
    fi
    if [[ $install == yes && ! -d artifacts/peers/node_modules/nodemailer ]] && command -v npm >/dev/null 2>&1; then
        timeout 120 npm install --prefix artifacts/peers --no-audit --no-fund --ignore-scripts "nodemailer@$nodemailer" >"$logs/npm.log" 2>&1 || true
    fi
    if [[ ${#packages[@]} -gt 0 ]]; then say "Missing, so that some tests are skipped (Debian: apt-get install): ${packages[*]}"; fi
    if [[ ! -d artifacts/peers/node_modules/nodemailer ]]; then say "Missing, so that its tests are skipped: nodemailer (npm install --prefix artifacts/peers nodemailer@$nodemailer)"; fi
}

# --- build and test ----------------------------------------------------------------------------------------------------------

build() {
    say "Building ($configuration)"
    if timeout -k 10 "$build_limit" dotnet build -c "$configuration" -nodeReuse:false -p:UseSharedCompilation=false -v:minimal >"$logs/build.log" 2>&1; then return 0; fi
    grep -E 'error|warn' "$logs/build.log" | sort -u | head -40 || tail -20 "$logs/build.log"
    count "build" 0 1 0
    finish
}

# The number behind a word in the summary that the test platform prints.
number_of() { sed -n "s/^ *$1: \([0-9][0-9]*\)$/\1/p" "$2" | tail -1; }

run_project() {
    local name=$1 log=$logs/$1.log code=0
    say "$name"
    timeout -k 30 "$project_limit" dotnet exec "artifacts/bin/$name/${configuration,,}/$name.dll" --no-ansi --progress off \
        --results-directory "$logs" >"$log" 2>&1 || code=$?
    local total good bad ignored
    total=$(number_of total "$log") good=$(number_of succeeded "$log") bad=$(number_of failed "$log") ignored=$(number_of skipped "$log")
    if [[ -z $total ]]; then
        tail -40 "$log"
        if [[ $code -eq 124 || $code -eq 137 ]]; then say "$name did not end within $project_limit seconds"; fi
        count "$name (no summary)" 0 1 0
        return
    fi
    # 8: no test ran. Anything else than 0 with no failed test is a failure of the run itself.
    if [[ $code -ne 0 && $code -ne 8 && $bad -eq 0 ]]; then bad=1; fi
    if [[ $bad -gt 0 ]]; then cat "$log"; else grep -A1 '^skipped ' "$log" | grep -v '^--$' || true; fi
    count "$name" "$good" "$bad" "$ignored"
}

run_pester() {
    local tests=tests/Pester
    compgen -G "$tests/*.Tests.ps1" >/dev/null || return 0
    if ! command -v pwsh >/dev/null 2>&1; then
        say "Pester: skipped, pwsh is not installed"
        count "Pester (no pwsh)" 0 0 1
        return
    fi
    if ! pwsh -NoProfile -NonInteractive -Command 'if (-not (Get-Module -ListAvailable Pester | Where-Object Version -ge 5.5)) { exit 1 }'; then
        say "Pester: skipped, the module Pester, 5.5 or later, is not installed"
        count "Pester (no module)" 0 0 1
        return
    fi
    say "Pester"
    local log=$logs/Pester.log code=0 figures
    # shellcheck disable=SC2016  # PowerShell's variables, not the shell's
    timeout -k 30 "$project_limit" pwsh -NoProfile -NonInteractive -Command '
        $run = Invoke-Pester -Path tests/Pester -PassThru -Output Normal
        "figures {0} {1} {2}" -f $run.PassedCount, $run.FailedCount, ($run.SkippedCount + $run.NotRunCount)' >"$log" 2>&1 || code=$?
    figures=$(sed -n 's/^figures \([0-9]* [0-9]* [0-9]*\)$/\1/p' "$log" | tail -1)
    if [[ $code -ne 0 || -z $figures ]]; then figures="0 1 0"; fi
    read -r good bad ignored <<<"$figures"
    if [[ $bad -gt 0 ]]; then cat "$log"; fi
    count "Pester" "$good" "$bad" "$ignored"
}

install_peers
build
for project in tests/*.Tests/*.csproj; do run_project "$(basename "$project" .csproj)"; done
run_pester
finish
