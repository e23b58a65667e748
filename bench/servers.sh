# shellcheck shell=bash disable=SC2154
# The two servers of bench/run.sh: how each is set up, started, measured and stopped. Sourced with $folder and $sink_port set.

server=''       # which one runs
server_pid=''   # Postfix's master, or the host
server_port=''

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

wait_for_port() {
    local tries
    for ((tries = 0; tries < 300; tries++)); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return 0; fi
        sleep 0.1
    done
    echo "Nothing listens on port $1." >&2
    return 1
}

prepare_servers() {
    chmod 755 "$folder"
    mkdir -p "$folder/conf" "$folder/queue" "$folder/data"
    chown postfix "$folder/data"
    postfix_port=$(free_port) mailops_port=$(free_port)
    prepare_postfix
    prepare_mailops
}

# As one sets Postfix up to relay much mail from trusted clients to one next hop: nothing rewritten, looked up or slowed down that the other does
# not do either. Queue files are flushed as always.
prepare_postfix() {
    cat >"$folder/conf/main.cf" <<EOF
compatibility_level = 3.6
queue_directory = $folder/queue
data_directory = $folder/data
maillog_file = $folder/maillog
maillog_file_prefixes = $folder
myhostname = bench.test
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
local_header_rewrite_clients =
mynetworks = 127.0.0.0/8
relayhost = [127.0.0.1]:$sink_port
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_mynetworks, reject
receive_override_options = no_address_mappings, no_header_body_checks, no_unknown_recipient_checks
in_flow_delay = 0
default_process_limit = 200
max_use = 10000
smtpd_client_connection_count_limit = 0
smtpd_client_event_limit_exceptions = static:all
initial_destination_concurrency = 20
default_destination_concurrency_limit = 20
smtp_connection_cache_destinations = static:all
smtp_tls_security_level = none
smtpd_tls_security_level = none
qmgr_message_active_limit = 40000
qmgr_message_recipient_limit = 40000
EOF
    cat >"$folder/conf/master.cf" <<EOF
127.0.0.1:$postfix_port inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
EOF
}

prepare_mailops() {
    cat >"$folder/relay.json" <<EOF
{
  "hostName": "bench.test",
  "queuePath": "$folder/mailops",
  "listeners": [ { "endpoint": "127.0.0.1:$mailops_port", "tls": "None" } ],
  "routes": [ { "kind": "SmartHost", "host": "127.0.0.1:$sink_port", "tls": "None" } ],
  "delivery": { "maxConnectionsPerDestination": 20 }
}
EOF
}

start_server() {
    server=$1
    case $server in
        postfix)
            postfix -c "$folder/conf" start 2>>"$folder/postfix.log"
            server_port=$postfix_port
            server_pid=$(tr -d ' \n' <"$folder/queue/pid/master.pid")
            ;;
        mailops)
            dotnet artifacts/bin/MailOps.Host/release/MailOps.Host.dll serve "$folder/relay.json" >"$folder/mailops.log" 2>&1 &
            server_pid=$!
            server_port=$mailops_port
            ;;
    esac
    wait_for_port "$server_port"
}

stop_server() {
    case $server in
        postfix) postfix -c "$folder/conf" stop 2>>"$folder/postfix.log" ;;
        mailops) kill "$server_pid" && wait "$server_pid" ;;
    esac
    server=''
}

# The running processes of the server.
server_pids() {
    echo "$server_pid"
    pgrep -P "$server_pid" || true
}

# utime + stime of them all, and what Postfix's daemons that have ended used (fields 14 to 17 of /proc/PID/stat, counted after the name).
cpu_ticks() {
    local pid total=0 stat fields
    for pid in $(server_pids); do
        stat=$(cat "/proc/$pid/stat" 2>/dev/null) || continue
        read -ra fields <<<"${stat##*) }"
        total=$((total + fields[11] + fields[12]))
        if [[ $pid == "$server_pid" ]]; then total=$((total + fields[13] + fields[14])); fi
    done
    echo "$total"
}

# Proportional set size: memory that processes share is counted once.
memory_kib() {
    local pid total=0 kib
    for pid in $(server_pids); do
        kib=$(sed -n 's/^Pss: *\([0-9]*\) kB/\1/p' "/proc/$pid/smaps_rollup" 2>/dev/null) || continue
        total=$((total + ${kib:-0}))
    done
    echo "$total"
}
