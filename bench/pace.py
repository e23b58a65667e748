"""How delivery keeps its pace: as fast as it may when a sink comes back, no faster than limits allow, never slower because another next hop is dead, and begun soon after a start."""
import argparse
import json
import pathlib
import re
import shutil
import statistics
import subprocess
import tempfile
import time

from load import LIMIT, SilentHop
from servers import HOST, ROOT, MailOps, Postfix, free_port, wait_for_port

SIZE = 1024
SESSIONS = 20
DRAIN_BAR, LIVE_BAR, LIMIT_BAR, STARTUP_BAR = 4.0, 0.9, 0.05, 0.1
CONNECTIONS = 5
LIVE_ROUNDS = 8   # for each of the others: they last a tenth of a second, and differ by a third
ADMIN = """\
# The engine's core commands and .NET alone: the host has no other modules.
Start-SmtpRelay -Configuration '{folder}/relay.json' | Out-Null
while (-not [IO.File]::Exists('{folder}/end')) {{
    if (-not [IO.File]::Exists('{folder}/do')) {{ [Threading.Thread]::Sleep(10); continue }}
    $text = [IO.File]::ReadAllText('{folder}/do')
    [IO.File]::Delete('{folder}/do')
    try {{ [IO.File]::WriteAllText('{folder}/said', [string](& ([scriptblock]::Create($text)) *>&1)) }} finally {{ [IO.File]::WriteAllText('{folder}/done', '') }}
}}
"""


class Sink:
    """smtp-sink on a port that stays the same when it is stopped and started."""

    def __init__(self, folder):
        self.port, self._counts, self._process = free_port(), pathlib.Path(folder) / f"sink{time.monotonic_ns()}", None

    def start(self):
        with open(self._counts, "wb") as output:
            self._process = subprocess.Popen(["smtp-sink", "-c", "-u", "nobody", f"127.0.0.1:{self.port}", "1000"], stdout=output, stderr=output)
        wait_for_port(self.port)
        return self

    def taken(self):
        with open(self._counts, "rb") as counts:
            counts.seek(max(0, counts.seek(0, 2) - 200))
            found = re.findall(rb"mesg=(\d+)[^\d]", counts.read())
        return int(found[-1]) if found else 0

    def until(self, wanted, limit=LIMIT):
        """Waits for so many; gives the time of the last."""
        end = time.monotonic() + limit
        while self.taken() < wanted:
            if time.monotonic() > end:
                raise RuntimeError(f"only {self.taken()} of {wanted} messages arrived within {limit} seconds")
            time.sleep(0.002)
        return time.monotonic()

    def connections(self):
        """That stand now. The kernel's list is not of one moment, and has one that ends and the one after it; so the smaller of two readings."""
        return min(self._listed(), self._listed())

    def _listed(self):
        with open("/proc/net/tcp", encoding="ascii") as lines:
            return sum(fields[1].endswith(f":{self.port:04X}") and fields[3] == "01" for fields in map(str.split, lines))

    def stop(self):
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


class Administered(MailOps):
    """The host with a script that does what it finds in a file, so that a queue can be suspended and retried as by an administrator."""

    def configuration(self, next_hop):
        """next_hop: routes, or where everything goes."""
        return super().configuration(("127.0.0.1", 0)) | {"routes": next_hop} if isinstance(next_hop, list) else super().configuration(next_hop)

    def start(self, next_hop):
        (self.folder / "relay.json").write_text(json.dumps(self.configuration(next_hop)))
        (self.folder / "admin.ps1").write_text(ADMIN.format(folder=self.folder))
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(["dotnet", HOST, "run", self.folder / "admin.ps1"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.pid = self.process.pid

    def do(self, text):
        """Has PowerShell run a text; gives what it said."""
        (self.folder / "done").unlink(missing_ok=True)
        (self.folder / "do.new").write_text(text)
        (self.folder / "do.new").rename(self.folder / "do")
        end = time.monotonic() + LIMIT
        while not (self.folder / "done").exists():
            if time.monotonic() > end or self.process.poll() is not None:
                raise RuntimeError(f"'{text}' was not done: {self.log()}")
            time.sleep(0.002)
        return (self.folder / "said").read_text(errors="replace")

    def queued(self):
        return int(self.do("(Get-SmtpRelay).MessageCount").strip() or 0)


def _send(port, count, domain="far.test"):
    source = subprocess.run(
        ["smtp-source", "-d", "-s", str(min(SESSIONS, count)), "-m", str(count), "-l", str(SIZE), "-f", "sender@bench.test", "-t", f"recipient@{domain}", f"127.0.0.1:{port}"],
        capture_output=True, text=True, timeout=LIMIT)
    if source.returncode or source.stderr:
        raise RuntimeError(f"smtp-source: {source.stderr[:500] or source.returncode}")


def _warm(server, sink):
    """Has mail relayed until code that is compiled while it runs is compiled."""
    sink.start()
    for number in range(server.warm_passes):
        _send(server.port, 1500)
        sink.until(1500 * (number + 1))
        server.rest()
    sink.stop()


def _deferred(server):
    """Waits until all that is queued has been tried in vain, and nothing more is done."""
    server.rest(60)
    time.sleep(1)
    server.rest(60)


def drain(server_class, folder, count):
    """Messages a second from the first to the last, of so many that were queued and deferred while the sink was down."""
    sink = Sink(folder)
    server = server_class(folder / server_class.name, ("127.0.0.1", sink.port))
    try:
        _warm(server, sink)
        _send(server.port, count)
        _deferred(server)
        sink.start()
        if isinstance(server, Postfix):
            subprocess.run(["postqueue", "-c", server.folder / "conf", "-f"], check=True)
        else:
            server.do("Restart-SmtpRelayQueue * -Confirm:$false")
        first = sink.until(1)
        begun = sink.taken()
        return (count - begun) / (sink.until(count) - first)
    finally:
        server.stop()
        sink.stop()


def rate(folder, per_minute, seconds):
    """How far from a rate the messages are that arrive within so many seconds: 0.02 for 2 % too many or too few."""
    sink = Sink(folder)
    server = Administered(folder / "rate", [{"kind": "SmartHost", "host": f"127.0.0.1:{sink.port}", "tls": "None", "pace": {"messagesPerMinute": per_minute}}])
    try:
        server.do("Suspend-SmtpRelayQueue * -Confirm:$false")
        _send(server.port, int(per_minute / 60 * (seconds + 10)))
        sink.start()
        server.do("Resume-SmtpRelayQueue * -Confirm:$false")
        start = sink.until(100)
        first = sink.taken()
        time.sleep(seconds)
        wanted = per_minute / 60 * (time.monotonic() - start)
        return (sink.taken() - first) / wanted - 1
    finally:
        server.stop()
        sink.stop()


def limits(folder, count):
    """With half of what waits allowed a day, over few connections: how far from that half what arrives is, the most connections at a time, and how many there were on average."""
    sink = Sink(folder)
    route = {"kind": "SmartHost", "host": f"127.0.0.1:{sink.port}", "tls": "None", "pace": {"recipientsPerDay": count // 2, "maxConnections": CONNECTIONS}}
    server = Administered(folder / "limits", [route])
    try:
        server.do("Suspend-SmtpRelayQueue * -Confirm:$false")
        _send(server.port, count)
        sink.start()
        server.do("Resume-SmtpRelayQueue * -Confirm:$false")
        sink.until(count // 20)   # by then there are as many connections as there will be
        seen = []
        while sink.taken() < count // 2 - CONNECTIONS:
            seen.append(sink.connections())
            time.sleep(0.002)
        sink.until(count // 2)
        time.sleep(3)   # for what comes beyond
        return sink.taken() / (count // 2) - 1, max(seen), statistics.mean(seen)
    finally:
        server.stop()
        sink.stop()


def startup(folder, count):
    """Seconds from the start of the process until it takes connections and until the first of so many queued messages arrives; and from then until the last."""
    sink = Sink(folder)
    hop = SilentHop(sink.port)   # nothing of it has been tried, as after a start on a queue that was filled
    next_hop = ("127.0.0.1", sink.port)
    server = MailOps(folder / "startup", next_hop)
    try:
        _send(server.port, count)
        server.rest(60)
        server.process.terminate()
        server.process.wait(LIMIT)
        hop.stop()
        sink.start()
        begun = time.monotonic()
        server.start(next_hop)
        wait_for_port(server.port)
        ready = time.monotonic() - begun
        first = sink.until(1)
        return ready, first - begun, sink.until(count) - first
    finally:
        hop.stop()
        server.stop()
        sink.stop()


def live(folder, hangs, dead, count, rounds):
    """How long a live next hop's messages take with and without those of a dead one, in so many rounds each."""
    sink = Sink(folder)
    port = free_port()
    smart_host = {"kind": "SmartHost", "tls": "None"}
    routes = [{**smart_host, "domain": "dead.test", "host": f"127.0.0.1:{port}"}, {**smart_host, "host": f"127.0.0.1:{sink.port}"}]
    server = Administered(folder / f"live{int(hangs)}", routes)
    times = {0: [], dead: []}
    try:
        _warm(server, sink)
        sink.start()
        taken = 0
        for number in range(2 * rounds):
            beside = [0, dead][number % 2]
            hop = SilentHop(port) if hangs else None
            server.do("Suspend-SmtpRelayQueue * -Confirm:$false")
            if beside:
                _send(server.port, beside, "dead.test")
            _send(server.port, count)
            server.rest()
            time.sleep(1)   # for what the kernel still has to do with ten thousand messages more
            start = time.monotonic()
            (server.folder / "do.new").write_text("Resume-SmtpRelayQueue * -Confirm:$false")
            (server.folder / "done").unlink(missing_ok=True)
            (server.folder / "do.new").rename(server.folder / "do")
            first = sink.until(taken + 1)
            taken += count
            end = sink.until(taken)
            times[beside].append((end - start, end - first))
            while not (server.folder / "done").exists():
                time.sleep(0.002)
            if hop:
                hop.stop()   # or each round would last as long as a server may take to greet
            server.rest(60)
            server.do("Get-SmtpRelayMessage -ResultSize Unlimited | Remove-SmtpRelayMessage -WithNDR $false -Confirm:$false")
            while server.queued():
                time.sleep(0.1)
            server.do("Restart-SmtpRelayQueue * -Confirm:$false")
            server.rest(60)
        return times[0], times[dead]
    finally:
        server.stop()
        sink.stop()


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", choices=["drain", "rate", "limits", "live", "startup"], help="one of the five")
    options.add_argument("--messages", type=int, default=20_000, help="that wait for the sink (20000)")
    options.add_argument("--rounds", type=int, default=3, help="of each; of live eight times as many (3)")
    options.add_argument("--per-minute", type=int, default=3000, help="the rate to be kept (3000)")
    options.add_argument("--seconds", type=int, default=30, help="for which it is measured (30)")
    options.add_argument("--dead", type=int, default=10_000, help="messages for the dead next hop (10000)")
    options.add_argument("--queued", type=int, default=100_000, help="messages when it starts (100000)")
    options.add_argument("--live", type=int, default=1000, help="messages for the live one (1000)")
    given = options.parse_args()
    (ROOT / "artifacts").mkdir(exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bench.", dir=ROOT / "artifacts"))
    folder.chmod(0o755)
    met = []
    try:
        if given.only in (None, "drain"):
            ratios = []
            for number in range(given.rounds):
                one = folder / f"drain{number}"
                one.mkdir()
                one.chmod(0o755)
                postfix, mailops = drain(Postfix, one, given.messages), drain(Administered, one, given.messages)
                ratios.append(mailops / postfix)
                print(f"drain of {given.messages}: Postfix {postfix:.0f}/s, MailOps {mailops:.0f}/s, ratio {ratios[-1]:.2f}", flush=True)
            met.append(("drain", statistics.median(ratios), statistics.median(ratios) >= DRAIN_BAR, f"at least {DRAIN_BAR}"))
        if given.only in (None, "rate"):
            off = rate(folder, given.per_minute, given.seconds)
            met.append(("rate, off by", off, abs(off) <= LIMIT_BAR, f"{LIMIT_BAR:.0%} at most"))
        if given.only in (None, "limits"):
            off, most, mean = limits(folder, given.messages)
            print(f"recipients of a day: {off:+.4f} beside {given.messages // 2}; connections: {most} at most, {mean:.2f} on average, {CONNECTIONS} allowed", flush=True)
            met.append(("recipients of a day, off by", off, abs(off) <= LIMIT_BAR, f"{LIMIT_BAR:.0%} at most"))
            met.append(("connections, off by", mean / CONNECTIONS - 1, most <= CONNECTIONS and mean >= (1 - LIMIT_BAR) * CONNECTIONS, f"{LIMIT_BAR:.0%} at most, and never one more"))
        if given.only in (None, "live"):
            for hangs in (False, True):
                alone, beside = live(folder, hangs, given.dead, given.live, given.rounds * LIVE_ROUNDS)
                kind = "hangs" if hangs else "refuses"
                print(f"{given.live} live ones alone {[f'{a:.3f}' for a, _ in alone]} s, beside {given.dead} for one that {kind} {[f'{b:.3f}' for b, _ in beside]} s; first to last "
                      f"{[f'{a:.3f}' for _, a in alone]} and {[f'{b:.3f}' for _, b in beside]}", flush=True)
                ratio = statistics.median(a for a, _ in alone) / statistics.median(b for b, _ in beside)
                met.append((f"live beside one that {kind}", ratio, ratio >= LIVE_BAR, f"at least {LIVE_BAR}"))
        if given.only in (None, "startup"):
            ratios = []
            for number in range(given.rounds):
                one = folder / f"startup{number}"
                one.mkdir()
                one.chmod(0o755)
                ready, first, rest = startup(one, given.queued)
                ratios.append(first / rest)
                print(f"start with {given.queued}: ready after {ready:.2f} s, first delivered after {first:.2f} s, the last {rest:.2f} s later, ratio {ratios[-1]:.3f}", flush=True)
            met.append(("start-up", statistics.median(ratios), statistics.median(ratios) <= STARTUP_BAR, f"at most {STARTUP_BAR}"))
    finally:
        shutil.rmtree(folder)
    for what, value, fine, bar in met:
        print(f"{what}: {value:.3f}, {bar}: {'yes' if fine else 'NO'}")
    raise SystemExit(0 if all(fine for _, _, fine, _ in met) else 1)


if __name__ == "__main__":
    main()
