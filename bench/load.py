"""The load: Postfix's own smtp-source and smtp-sink, the same for both servers, and one measurement with them."""
import pathlib
import re
import socket
import subprocess
import time
from dataclasses import dataclass

from servers import free_port, wait_for_port

LIMIT = 180                  # seconds before a run counts as failed
WARM_FIRST = 1000           # messages, and then as many as take
WARM_SECONDS = 1
MOST_MESSAGES, MOST_BYTES = 40_000, 1_500_000_000


@dataclass(frozen=True)
class Figures:
    """What one run gave."""
    rate: float           # messages a second
    cpu: float = 0        # seconds a message
    private: int = 0      # bytes, when smtp-source had its last 250
    proportional: int = 0


class SilentHop:
    """A next hop that takes connections and never says a word: mail is accepted and scheduled, none is delivered, and none fails."""

    def __init__(self):
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(1024)   # the kernel takes the connections; nobody ever accepts them
        self.port = self._socket.getsockname()[1]

    def stop(self):
        self._socket.close()


class Sink:
    """smtp-sink, which throws away what it gets, and counts."""

    def __init__(self, folder, counts):
        self.port = free_port()
        self._counts = pathlib.Path(folder) / "sink"
        with open(self._counts, "wb") as output:
            self._process = subprocess.Popen(
                ["smtp-sink", *(["-c"] if counts else []), "-u", "nobody", f"127.0.0.1:{self.port}", "1000"], stdout=output, stderr=output)
        try:
            wait_for_port(self.port)
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
    """A server, started on an empty queue, and where its mail goes."""

    def __init__(self, server_class, folder, work):
        self._sent = 0
        self.hop = Sink(folder, counts=True) if work == "relay" else SilentHop()
        try:
            self.server = server_class(pathlib.Path(folder) / server_class.name, self.hop.port)
        except BaseException:
            self.hop.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.stop()
        self.hop.stop()

    def work(self, row, count):
        """Has so many messages done; gives the seconds, and the memory when the last was accepted."""
        start = time.monotonic()
        seconds = send(row, self.server.port, count)
        memory = self.server.memory()
        self._sent += count
        if row.work == "relay":
            self.hop.wait(self._sent)
            seconds = time.monotonic() - start
        return seconds, memory


def measure(server_class, folder, row, seconds):
    """One run of about so many seconds, by a server that was warmed first: compiled code, running daemons."""
    with Run(server_class, folder, row.work) as run:
        first = _count(row, WARM_FIRST, 1)
        rate = first / run.work(row, first)[0]
        run.server.rest()   # code that ran often is compiled anew now, so that it is the new code that is warmed
        warm = _count(row, rate, WARM_SECONDS)
        rate = warm / run.work(row, warm)[0]
        before = run.server.rest()
        count = _count(row, rate, seconds)
        try:
            taken, (private, proportional) = run.work(row, count)
        except RuntimeError as failure:
            raise RuntimeError(f"{failure}\n{run.server.log()}") from failure
        return Figures(count / taken, (run.server.rest() - before) / count, private, proportional)


def ceiling(folder, row, seconds):
    """smtp-source straight into smtp-sink, which writes nothing to disk: what the generator and the machine can do at most."""
    sink = Sink(folder, counts=False)
    try:
        count = _count(row, WARM_FIRST / send(row, sink.port, WARM_FIRST), seconds)
        return Figures(count / send(row, sink.port, count))
    finally:
        sink.stop()
