"""The rounds of bench/run.sh. README.md beside this file says what is measured and how to read it."""
import argparse
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import table
from idle import idle_cost
from load import ceiling, measure
from rows import bar_of, select
from servers import SERVERS


def arguments():
    parser = argparse.ArgumentParser(prog="bench/run.sh", description="Runs Postfix and MailOps in turn on the same load, and prints ratios and bars.")
    parser.add_argument("--quick", action="store_true", help="one round, and only the rows that have a bar: some five minutes")
    parser.add_argument("--rounds", type=int, help="default 3; with --quick 1")
    parser.add_argument("--seconds", type=float, help="about how long each run takes; default 2, with --quick 1")
    parser.add_argument("--only", metavar="ROW", help="a row, such as accept,kept,10,1024, or a pattern, such as 'relay,*'; idle for the idle sessions")
    parser.add_argument("--servers", default="postfix,mailops", help="default %(default)s")
    parser.add_argument("--folder", type=pathlib.Path, help="on which disk the queues lie, in a folder that is removed; default artifacts/ beside the sources")
    given = parser.parse_args()
    given.rounds = given.rounds or (1 if given.quick else 3)
    given.seconds = given.seconds or (1 if given.quick else 2)
    given.servers = given.servers.split(",")
    if not given.servers or not set(given.servers) <= set(SERVERS):
        parser.error(f"--servers takes {' and '.join(SERVERS)}")
    given.rows = [] if given.only == "idle" else select(given.only, given.quick)
    given.idle = given.only in (None, "idle")
    return given


def raise_file_limit():
    """For us and what we start: thousands of sessions are open at a time, and the usual limit is 1,024 files."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def one_round(number, given, folder, results, idle):
    # The first goes second in the next round, so that neither always has the disk as the other left it.
    order = given.servers if number % 2 else given.servers[::-1]
    for row in given.rows:
        if number > 1 and not (given.only or bar_of(row)):
            continue   # a row without a bar is for orientation: one round is enough
        runs = results.setdefault(row, {})
        said = []
        # Relayed mail is not compared to the ceiling: it crosses the machine twice.
        for name in order + (["ceiling"] if row.work == "accept" else []):
            figures = ceiling(folder, row, given.seconds) if name == "ceiling" else measure(SERVERS[name], folder, row, given.seconds)
            runs.setdefault(name, []).append(figures)
            said.append(f"{name} {figures.rate:.0f}/s")
            subprocess.run(["sync", "-f", folder], check=True)   # what this run wrote must not be written during the next
        print(f"round {number}: {row}: {', '.join(said)}", file=sys.stderr, flush=True)
    for name in order if given.idle else []:
        idle.setdefault(name, []).append(idle_cost(name, folder))
        print(f"round {number}: idle: {name} {idle[name][-1] / 1024:.1f} KiB a session", file=sys.stderr, flush=True)


def main():
    given = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))   # so that everything that was started is ended
    raise_file_limit()
    base = given.folder or pathlib.Path(__file__).resolve().parent.parent / "artifacts"
    base.mkdir(exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bench.", dir=base))
    folder.chmod(0o755)   # Postfix's daemons are another user
    results, idle = {}, {}
    start = time.monotonic()
    failure = None
    try:
        for number in range(1, given.rounds + 1):
            one_round(number, given, folder, results, idle)
    except (RuntimeError, subprocess.SubprocessError, OSError) as e:
        failure = e   # what was measured before it is shown
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"\nMedians of {given.rounds} round{'s' if given.rounds > 1 else ''} in {time.monotonic() - start:.0f} seconds; ratios and parts are medians of those of each round.\n")
    table.show(results, idle)
    if failure:
        raise SystemExit(f"\nStopped: {failure}")


if __name__ == "__main__":
    main()
