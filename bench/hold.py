"""
Clients that hold: idle sessions, and sessions that send a byte a second, half of them in the middle of a command, half in the middle of a message.
Meanwhile a client like any other sends mail: how long its 250 takes, with them and without, in turn.
"""
import argparse
import pathlib
import shutil
import signal
import socket
import statistics
import sys
import tempfile
import threading
import time

from idle import open_sessions
from load import SilentHop, send
from rows import KIB, Row
from run import raise_file_limit
from servers import ROOT, SERVERS

MIB = 1 << 20
WARM = Row("accept", "kept", 10, KIB)
CONTENT = b"Subject: hold\r\n\r\n" + (b"x" * 62 + b"\r\n") * 16 + b".\r\n"
SLOW_COMMAND = b"NOOP " + b"x" * 400 + b"\r\n"


class Client:
    """The client whose 250 matters: one connection, one message after the other."""

    def __init__(self, port):
        self._socket = open_sessions(port, 1)[0]
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _ask(self, text, code):
        self._socket.sendall(text)
        reply = self._socket.recv(4096)
        if not reply.startswith(code) or not reply.endswith(b"\r\n"):
            raise RuntimeError(f"the server said {reply!r}, not {code!r}")

    def message(self):
        """Sends a message of 1 KiB; gives the seconds from its last byte to its 250, and those of the whole transaction."""
        start = time.perf_counter()
        self._ask(b"MAIL FROM:<sender@bench.test>\r\n", b"250")
        self._ask(b"RCPT TO:<recipient@far.test>\r\n", b"250")
        self._ask(b"DATA\r\n", b"354")
        sent = time.perf_counter()
        self._ask(CONTENT, b"250")
        now = time.perf_counter()
        return now - sent, now - start

    def stop(self):
        self._socket.close()


class Held:
    """The clients that hold, as long as the block lasts."""

    def __init__(self, port, idle, slow):
        self._idle = open_sessions(port, idle)
        self._commands = open_sessions(port, slow - slow // 2)
        self._contents = open_sessions(port, slow // 2)
        for session in self._contents:
            for command, code in ((b"MAIL FROM:<slow@bench.test>\r\n", b"250"), (b"RCPT TO:<recipient@far.test>\r\n", b"250"), (b"DATA\r\n", b"354")):
                session.sendall(command)
                reply = session.recv(4096)
                if not reply.startswith(code):
                    raise RuntimeError(f"the server said {reply!r}, not {code!r}")
        self._ended = threading.Event()
        self._failure = None
        self._thread = threading.Thread(target=self._send, daemon=True)
        self.bytes = 0

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()
        for session in self._idle + self._commands + self._contents:
            session.close()

    def _send(self):
        """A byte a second to each, spread over the second."""
        slow = [(session, SLOW_COMMAND) for session in self._commands] + [(session, CONTENT) for session in self._contents]
        start, turn = time.monotonic(), 0
        try:
            while slow:
                for number, (session, text) in enumerate(slow):
                    if self._ended.wait(max(0, start + turn + number / len(slow) - time.monotonic())):
                        return
                    session.sendall(text[turn % 400:turn % 400 + 1])   # 400: the end of neither text, so that nothing is ever complete
                    self.bytes += 1
                turn += 1
        except OSError as e:
            self._failure = e

    def check(self):
        """All of them still have their session: the idle ones are answered, the slow ones were not hung up on."""
        if self._failure:
            raise RuntimeError(f"a slow client was hung up on: {self._failure}")
        for session in self._idle:
            session.sendall(b"NOOP\r\n")
        for session in self._idle:
            reply = session.recv(4096)
            if not reply.startswith(b"250"):
                raise RuntimeError(f"an idle session was told {reply!r}")
        for session in self._commands + self._contents:
            session.setblocking(False)
            try:
                raise RuntimeError(f"a slow session was told {session.recv(4096)!r}")
            except BlockingIOError:
                pass   # nothing came, as it should be


def _take(client, messages):
    return list(zip(*(client.message() for _ in range(messages))))


def _print(what, alone, held):
    quantile = lambda values: statistics.quantiles(values, n=100)[98]
    median, late = statistics.median, quantile
    print(f"{what:<34}{median([x for r in alone for x in r]) * 1e6:>10.0f}{median([x for r in held for x in r]) * 1e6:>10.0f}"
          f"{median(median(h) / median(a) for a, h in zip(alone, held)):>8.2f}   "
          f"{late([x for r in alone for x in r]) * 1e6:>10.0f}{late([x for r in held for x in r]) * 1e6:>10.0f}{median(late(h) / late(a) for a, h in zip(alone, held)):>8.2f}")


def _with_held(server, client, given):
    """The client's times while the others hold, and what they changed in the server."""
    with Held(server.port, given.idle, given.slow) as holding:
        server.rest()
        taken = _take(client, given.messages)
        # Long enough that each slow session has sent some bytes while mail went through.
        while holding.bytes < given.slow * 3:
            taken = [a + b for a, b in zip(taken, _take(client, 50))]
        holding.check()
        return taken, f"{holding.bytes} bytes sent slowly", _state(server)


def _state(server):
    return len(list(pathlib.Path(f"/proc/{server.pid}/task").iterdir())), server.memory()[0] / MIB


def hold(server, given):
    """Rounds: half of the messages alone, with those that hold, the other half alone. Gives both lists of (250s, transactions)."""
    send(WARM, server.port, 2000)
    client = Client(server.port)
    _take(client, given.messages)
    alone, held = [], []
    try:
        for number in range(1, given.rounds + 1):
            server.rest()
            threads, memory = _state(server)
            before = _take(client, given.messages // 2)
            taken, sent, (threads_then, memory_then) = _with_held(server, client, given)
            held.append(taken)
            server.rest()
            alone.append([a + b for a, b in zip(before, _take(client, given.messages // 2))])
            print(f"round {number}: {given.idle} idle and {given.slow} slow sessions, {sent}; "
                  f"threads {threads} -> {threads_then}, private memory {memory:.0f} -> {memory_then:.0f} MiB", file=sys.stderr, flush=True)
    finally:
        client.stop()
    return alone, held


def main():
    parser = argparse.ArgumentParser(prog="bench/hold.sh", description="How long a 250 takes while other clients hold their sessions, to how long without.")
    parser.add_argument("--idle", type=int, default=2000, help="default %(default)s")
    parser.add_argument("--slow", type=int, default=200, help="default %(default)s")
    parser.add_argument("--rounds", type=int, default=5, help="default %(default)s")
    parser.add_argument("--messages", type=int, default=2000, help="of the client in each half round; default %(default)s")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    raise_file_limit()
    (ROOT / "artifacts").mkdir(exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bench.", dir=ROOT / "artifacts"))
    hop = SilentHop()
    try:
        server = SERVERS["mailops"](folder / "mailops", hop.port)
        try:
            alone, held = hold(server, given)
        finally:
            server.stop()
    finally:
        hop.stop()
        shutil.rmtree(folder)
    print(f"\n{'microseconds':<34}{'median':>10}{'held':>10}{'ratio':>8}   {'99 %':>10}{'held':>10}{'ratio':>8}")
    for column, what in enumerate(("last byte of the message to 250", "MAIL to 250")):
        _print(what, [one[column] for one in alone], [one[column] for one in held])
    print("Ratios are medians of those of each round.")


if __name__ == "__main__":
    main()
