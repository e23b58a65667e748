"""
What a round trip costs: each server relays to a next hop that is 40 ms away, over a given number of connections. README.md says how to read it.
Run by delay.sh in the near one of two network namespaces.
"""
import argparse
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from load import LIMIT, Sink, send
from rows import Row
from run import raise_file_limit
from servers import SERVERS, Place, Postfix
from wire import ADDRESSES

BAR = 2             # messages a second a connection, to those of Postfix
UNMEASURED = 0.2    # of the messages: until all connections stand


class SinkHop:
    """smtp-sink: PIPELINING, but no CHUNKING."""
    name = "smtp-sink"

    def __init__(self, folder, far):
        self.sink = Sink(folder, counts=True, place=far)
        self.at = self.sink.at

    def stop(self):
        self.sink.stop()


class PostfixHop:
    """A Postfix, which offers PIPELINING and CHUNKING, with a sink behind it that counts; what it takes it flushes to disk."""
    name = "postfix"

    def __init__(self, folder, far):
        self.sink = Sink(folder, counts=True, place=far)
        try:
            self._server = Postfix(pathlib.Path(folder) / "far", self.sink.at, place=far)
        except BaseException:
            self.sink.stop()
            raise
        self.at = far.address, self._server.port

    def stop(self):
        self._server.stop()
        self.sink.stop()


HOPS = {hop.name: hop for hop in (SinkHop, PostfixHop)}


def relay(server_class, hop_class, folder, far, connections, count, size):
    """Has so many messages relayed; gives messages a second a connection, counted where they arrive."""
    hop = hop_class(folder, far)
    try:
        server = server_class(pathlib.Path(folder) / server_class.name, hop.at, connections=connections)
        try:
            # The first ones find the code compiled, the daemons started and the connections made.
            send(Row("relay", "kept", 10, size), server.port, count)
            until = time.monotonic() + LIMIT
            first = int(count * UNMEASURED)
            begun = _when(hop.sink, first, until, server)
            ended = _when(hop.sink, count, until, server)
            return (count - first) / (ended - begun) / connections
        finally:
            server.stop()
    finally:
        hop.stop()


def _when(sink, wanted, until, server):
    while sink.taken() < wanted:
        if time.monotonic() > until:
            raise RuntimeError(f"only {sink.taken()} of {wanted} messages arrived within {LIMIT} seconds\n{server.log()}")
        time.sleep(0.005)
    return time.monotonic()


def arguments():
    parser = argparse.ArgumentParser(prog="bench/delay.sh", description="Messages a second a connection to a next hop that is far away.")
    parser.add_argument("--delay", type=float, default=40, help="milliseconds of a round trip; default %(default)s")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", default="1,5", help="default %(default)s")
    parser.add_argument("--messages", type=int, default=200, help="a connection; default %(default)s")
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--hops", default="smtp-sink,postfix", help="default %(default)s")
    parser.add_argument("--far", required=True, help=argparse.SUPPRESS)   # the other namespace; delay.sh says it
    return parser.parse_args()


def main():
    given = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))   # so that everything that was started is ended
    raise_file_limit()
    far = Place(ADDRESSES[1], ("ip", "netns", "exec", given.far), networks=f"{ADDRESSES[0]}/32")
    base = pathlib.Path(__file__).resolve().parent.parent / "artifacts"
    base.mkdir(exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bench.", dir=base))
    folder.chmod(0o755)
    print(f"{'next hop':10} {'connections':>11} {'Postfix/s':>10} {'MailOps/s':>10} {'ratio (min-max)':>20} bar", flush=True)
    met = True
    try:
        for hop in given.hops.split(","):
            for connections in map(int, given.connections.split(",")):
                rates = {name: [] for name in SERVERS}
                for number in range(given.rounds):
                    for name in sorted(SERVERS, reverse=number % 2 == 1):
                        rates[name].append(relay(SERVERS[name], HOPS[hop], folder, far, connections, given.messages * connections, given.size))
                        subprocess.run(["sync", "-f", folder], check=True)
                ratios = [ours / theirs for ours, theirs in zip(rates["mailops"], rates["postfix"])]
                ratio = statistics.median(ratios)
                met = met and ratio >= BAR
                print(f"{hop:10} {connections:11} {statistics.median(rates['postfix']):10.2f} {statistics.median(rates['mailops']):10.2f} "
                      f"{f'{ratio:.2f} ({min(ratios):.2f}-{max(ratios):.2f})':>20} {BAR} {'yes' if ratio >= BAR else 'NO'}", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"A round trip of {given.delay:.0f} ms; messages of {given.size} bytes; a second is one of one connection; the median of {given.rounds} rounds.")
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
