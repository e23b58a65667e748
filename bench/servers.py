"""The two servers: how each is set up, started, looked at and stopped. Each start has a folder of its own, so that no run meets the queue of another."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parent.parent
HOST = ROOT / "artifacts/bin/MailOps.Host/release/MailOps.Host.dll"
TICK = 1 / os.sysconf("SC_CLK_TCK")
START_LIMIT = 30   # seconds

# As one sets Postfix up to relay much mail from trusted clients to one next hop: nothing looked up, rewritten, checked or slowed down that the other does not
# do either, processes for every session and never renewed, connections to the next hop kept. Queue files are flushed, as always: that cannot be turned off.
MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/maillog
maillog_file_prefixes = {folder}
myhostname = bench.test
inet_interfaces = {address}
inet_protocols = ipv4
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
local_header_rewrite_clients =
mynetworks = 127.0.0.0/8, {networks}
relayhost = [{next_address}]:{next_port}
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_mynetworks, reject
receive_override_options = no_address_mappings, no_header_body_checks, no_unknown_recipient_checks
smtputf8_enable = no
in_flow_delay = 0
default_process_limit = 200
max_use = 100000
smtpd_client_connection_count_limit = 0
smtpd_client_event_limit_exceptions = static:all
initial_destination_concurrency = {connections}
default_destination_concurrency_limit = {connections}
smtp_connection_cache_destinations = static:all
smtp_tls_security_level = none
smtpd_tls_security_level = none
"""
MASTER_CF = """\
{address}:{port} inet n - n - - smtpd
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
"""


@dataclass(frozen=True)
class Place:
    """Where a server or a sink runs: its address, and what the commands that start it begin with."""
    address: str = "127.0.0.1"
    command: tuple = ()
    networks: str = ""   # whose mail it relays, besides loopback


HERE = Place()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for_port(port, address=HERE.address):
    until = time.monotonic() + START_LIMIT
    while time.monotonic() < until:
        try:
            socket.create_connection((address, port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"nothing listens on {address}:{port} after {START_LIMIT} seconds")


def _stat(pid):
    """The fields of /proc/PID/stat after the name (which may hold spaces): the state, the parent, ..."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


class Server:
    """A server that runs, as a process with its children."""

    def __init__(self, folder, next_hop, place=HERE, connections=20):
        """next_hop: the address and port everything goes to, over at most so many connections."""
        self.folder = pathlib.Path(folder)
        self.place = place
        self.connections = connections
        self.folder.mkdir(mode=0o755)
        self.port = free_port()
        self.pid = 0
        try:
            self.start(next_hop)
            wait_for_port(self.port, place.address)
        except BaseException:
            self.stop()
            raise

    def pids(self):
        found = [self.pid]
        for name in os.listdir("/proc"):
            try:
                if name.isdigit() and int(_stat(name)[1]) == self.pid:
                    found.append(int(name))
            except (FileNotFoundError, ProcessLookupError):
                pass   # it has ended
        return found

    def cpu(self):
        """Seconds of processor time, user and system, of all its processes, those that have ended included."""
        ticks = 0
        for pid in self.pids():
            try:
                fields = _stat(pid)
            except (FileNotFoundError, ProcessLookupError):
                continue
            ticks += sum(map(int, fields[11:15 if pid == self.pid else 13]))   # utime, stime; of the parent also those of the children it has reaped
        return ticks * TICK

    def memory(self):
        """Bytes of all its processes: private to them, and proportional (what several share is divided among them)."""
        private = proportional = 0
        for pid in self.pids():
            try:
                lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            except (FileNotFoundError, ProcessLookupError):
                continue
            for key, kib in ((line.split()[0], line.split()[1]) for line in lines[1:]):
                private += int(kib) * 1024 if key in ("Private_Clean:", "Private_Dirty:") else 0
                proportional += int(kib) * 1024 if key == "Pss:" else 0
        return private, proportional

    def rest(self, limit=10):
        """Waits until it does nothing more, for what a server puts off belongs to its work too. Gives its cpu()."""
        until = time.monotonic() + limit
        before = self.cpu()
        while True:
            time.sleep(0.25)
            now = self.cpu()
            if now - before <= 0.0101 or time.monotonic() > until:
                return now
            before = now

    def stop(self):
        """Ends it without ceremony, since its queue is thrown away."""
        self.end()
        shutil.rmtree(self.folder)

    def log(self):
        return "\n".join(path.read_text(errors="replace")[-2000:] for path in (self.folder / "log", self.folder / "maillog") if path.exists())


class Postfix(Server):
    """An instance of its own in the folder; the machine's own Postfix is not touched."""
    name = "postfix"
    warm_passes = 2   # the first starts the daemons

    def start(self, next_hop):
        conf = self.folder / "conf"
        for path in (conf, self.folder / "queue", self.folder / "data"):
            path.mkdir()
        shutil.chown(self.folder / "data", "postfix")
        (conf / "main.cf").write_text(MAIN_CF.format(
            folder=self.folder, address=self.place.address, networks=self.place.networks, next_address=next_hop[0], next_port=next_hop[1], connections=self.connections))
        (conf / "master.cf").write_text(MASTER_CF.format(address=self.place.address, port=self.port))
        with open(self.folder / "log", "wb") as log:
            subprocess.run([*self.place.command, "postfix", "-c", conf, "start"], stdout=log, stderr=log, check=True)
        self.pid = int((self.folder / "queue/pid/master.pid").read_text())

    def end(self):
        pid_file = self.folder / "queue/pid/master.pid"
        if not self.pid and pid_file.exists():
            self.pid = int(pid_file.read_text())
        if self.pid and os.getpgid(self.pid) == self.pid:   # the master leads a process group in which its daemons are
            os.killpg(self.pid, signal.SIGKILL)
            while os.path.exists(f"/proc/{self.pid}") and _stat(self.pid)[0] != "Z":
                time.sleep(0.01)


class MailOps(Server):
    """The Release build of the host, as users run it, with its defaults."""
    name = "mailops"
    warm_passes = 8   # some 10,000 messages, after which its processor time a message no longer falls

    def configuration(self, next_hop):
        return {
            "hostName": "bench.test",
            "queuePath": str(self.folder / "queue"),
            "listeners": [{"endpoint": f"{self.place.address}:{self.port}", "tls": "None"}],
            "routes": [{"kind": "SmartHost", "host": f"{next_hop[0]}:{next_hop[1]}", "tls": "None"}],
            "delivery": {"maxConnectionsPerDestination": self.connections},
            "limits": {"maxSessions": 4000},   # the default is 2000; the idle and the slow sessions and a client of bench/hold.sh are more
        }

    def start(self, next_hop):
        (self.folder / "relay.json").write_text(json.dumps(self.configuration(next_hop)))
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen([*self.place.command, "dotnet", HOST, "serve", self.folder / "relay.json"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.pid = self.process.pid

    def end(self):
        if self.pid:
            self.process.kill()
            self.process.wait()


SERVERS = {"postfix": Postfix, "mailops": MailOps}
