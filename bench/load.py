"""The load: Postfix's own smtp-source and smtp-sink, the same for both servers, and one measurement with them."""
import pathlib
import re
import socket
import subprocess
import time
from dataclasses import dataclass, replace

from servers import HERE, free_port, wait_for_port

LIMIT = 180                  # seconds before a run counts as failed
FIRST = 1000                 # messages, of which nothing is known yet
WARM_SECONDS = 0.6           # of each pass while a server is warmed
WARM_SESSIONS, WARM_SIZE = 10, 10240
OWN_PASSES = 2
MOST_MESSAGES = 20_000       # a run: so many are what Postfix has on the way at most by default
MOST_BYTES = 1_500_000_000


@dataclass(frozen=True)
class Figures:
    """What one run gave."""
    rate: float           # messages a second
    cpu: float = 0        # seconds a message
    private: int = 0      # bytes, when smtp-source had its last 250
    proportional: int = 0


class SilentHop:
    """A next hop that takes connections and never says a word: mail is accepted and scheduled, none is delivered, and none fails."""

    def __init__(self, port=0):
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)   # connections to who listened before may not be quite gone
        self._socket.bind(("127.0.0.1", port))
        self._socket.listen(1024)   # the kernel takes the connections; nobody ever accepts them
        self.port = self._socket.getsockname()[1]

    def wait(self, _):
        """There is nothing to wait for."""

    def stop(self):
        self._socket.close()


class Sink:
    """smtp-sink, which throws away what it gets, and counts."""

    def __init__(self, folder, counts, place=HERE):
        self.port = free_port()
        self.at = place.address, self.port
        self._counts = pathlib.Path(folder) / "sink"
        with open(self._counts, "wb") as output:
            self._process = subprocess.Popen(
                [*place.command, "smtp-sink", *(["-c"] if counts else []), "-u", "nobody", f"{place.address}:{self.port}", "1000"], stdout=output, stderr=output)
        try:
            wait_for_port(*self.at[::-1])
        except BaseException:
            self.stop()
            raise

    def taken(self):
        """The messages it has taken; it writes its count after each."""
        with open(self._counts, "rb") as counts:
            counts.seek(max(0, counts.seek(0, 2) - 200))
            found = re.findall(rb"mesg=(\d+)[^\d]", counts.read())
        return int(found[-1]) if found else 0

    def wait(self, wanted):
        until = time.monotonic() + LIMIT
        while self.taken() < wanted:
            if time.monotonic() > until:
                raise RuntimeError(f"only {self.taken()} of {wanted} messages arrived within {LIMIT} seconds")
            time.sleep(0.005)

    def stop(self):
        self._process.kill()
        self._process.wait()
        self._counts.unlink()


def send(row, port, count):
    """Sends so many messages and gives the seconds until the last 250."""
    start = time.monotonic()
    source = subprocess.run(
        ["smtp-source", *(["-d"] if row.kind == "kept" else []), "-s", str(min(row.sessions, count)), "-m", str(count), "-l", str(row.size),
         "-f", "sender@bench.test", "-t", "recipient@far.test", f"127.0.0.1:{port}"],
        capture_output=True, text=True, timeout=LIMIT)
    taken = time.monotonic() - start
    if source.returncode or source.stderr:
        raise RuntimeError(f"smtp-source: {source.stderr[:500] or source.returncode}")
    return taken


def _count(row, rate, seconds):
    return int(max(200, row.sessions, min(rate * seconds, MOST_MESSAGES, MOST_BYTES / row.size)))


class Run:
    """A server, started on an empty queue, and smtp-sink as its next hop."""

    def __init__(self, server_class, folder):
        self._sent = 0
        self._hop = Sink(folder, counts=True)
        try:
            self.server = server_class(pathlib.Path(folder) / server_class.name, self._hop.at)
        except BaseException:
            self._hop.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.stop()
        self._hop.stop()

    def silence(self):
        """The next hop is one from now on that takes connections and never says a word."""
        self._hop.stop()
        self._hop = SilentHop(self._hop.port)

    def work(self, row, count):
        """Has so many messages done; gives the seconds until all were accepted, and until all were relayed, and the memory at the former time."""
        start = time.monotonic()
        accepted = send(row, self.server.port, count)
        memory = self.server.memory()
        self._sent += count
        self._hop.wait(self._sent)
        return accepted, time.monotonic() - start, memory


def _warm(run, row):
    """
    Has mail relayed until all daemons run, and code that is compiled while it runs is compiled. Between the passes it rests, for the runtime compiles anew what
    ran often when nothing new was run for a while. The last passes are the row itself; those before have enough sessions, and messages small enough, to be many.
    Gives how many messages a second the server then accepts or relays.
    """
    many = replace(row, sessions=max(row.sessions, WARM_SESSIONS), size=min(row.size, WARM_SIZE))
    passes = [many] * (run.server.warm_passes - OWN_PASSES) + [row] * OWN_PASSES
    done, count = None, 0
    for warm in passes:
        count = _count(warm, FIRST if warm != done else count / relayed, 1 if warm != done else WARM_SECONDS)
        accepted, relayed, _ = run.work(warm, count)
        run.server.rest()
        done = warm
    return count / (accepted if row.work == "accept" else relayed)


def measure(server_class, folder, row, seconds):
    """One run of about so many seconds, by a server that was warmed first, with an empty queue."""
    with Run(server_class, folder) as run:
        count = _count(row, _warm(run, row), seconds)
        if row.work == "accept":
            run.silence()
        before = run.server.rest()
        try:
            accepted, relayed, (private, proportional) = run.work(row, count)
        except RuntimeError as failure:
            raise RuntimeError(f"{failure}\n{run.server.log()}") from failure
        taken = accepted if row.work == "accept" else relayed
        return Figures(count / taken, (run.server.rest() - before) / count, private, proportional)


def ceiling(folder, row, seconds):
    """smtp-source straight into smtp-sink, which writes nothing to disk: what the generator and the machine can do at most."""
    sink = Sink(folder, counts=False)
    try:
        count = _count(row, FIRST / send(row, sink.port, FIRST), seconds)
        return Figures(count / send(row, sink.port, count))
    finally:
        sink.stop()
