"""Shows what each server asks of the kernel between "354" and "250": the flush that makes the 250 true."""
import pathlib
import re
import shutil
import smtplib
import subprocess
import tempfile
import time

from load import SilentHop
from servers import ROOT, SERVERS

CALLS = "fsync,fdatasync,sync_file_range,write,writev,pwrite64,pwritev,sendto,sendmsg,rename,renameat"
MESSAGES = 3      # the first meets code that was never run; the last is shown
LIMIT = 30        # seconds


def _send(port):
    with smtplib.SMTP("127.0.0.1", port, "bench.test", LIMIT) as client:
        for number in range(MESSAGES):
            client.sendmail("sender@bench.test", ["recipient@far.test"], f"Subject: {number}\r\n\r\n{'x' * 70}\r\n")


def _traced(server, trace):
    """Sends under strace and gives what it wrote."""
    server.rest()   # a process that is forked now would be neither in the list nor a child of one that is traced
    pids = server.pids()
    strace = subprocess.Popen(["strace", "-f", "-y", "-ttt", "-s", "48", "-e", f"trace={CALLS}", "-o", trace, *(f"-p{pid}" for pid in pids)],
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        for _ in pids:   # "Process 1 attached": from then on nothing of it is missed
            line = strace.stderr.readline()
            if "attached" not in line:
                raise RuntimeError(f"strace: {line}")
        _send(server.port)
        until = time.monotonic() + LIMIT
        # strace writes a call when it is over, which the client may be ahead of.
        while pathlib.Path(trace).read_text(errors="replace").count('"221 ') < 1 and time.monotonic() < until:
            time.sleep(0.05)
    finally:
        strace.terminate()
        strace.wait()
    return pathlib.Path(trace).read_text(errors="replace").splitlines()


def _between(lines):
    """The calls from the last 354 to its 250, without those that go to no file of the queue and to no client."""
    asked = max(i for i, line in enumerate(lines) if '"354 ' in line)
    answered = next(i for i, line in enumerate(lines) if i > asked and re.search(r'"250 2\.', line))
    wanted = re.compile(r'"354 |"250 2\.|sync|/queue/')
    return [line for line in lines[asked:answered + 1] if wanted.search(line)]


def main():
    (ROOT / "artifacts").mkdir(exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bench.", dir=ROOT / "artifacts"))
    folder.chmod(0o755)
    hop = SilentHop()
    missing = []
    try:
        for name, server_class in SERVERS.items():
            server = server_class(folder / name, hop.port)
            try:
                calls = _between(_traced(server, folder / "trace"))
            finally:
                server.stop()
            print(f"\n{name}: process, seconds since the 354, call\n")
            start = float(calls[0].split()[1])
            for call in calls:
                process, at, rest = call.split(None, 2)
                print(f"  {process:>7} {float(at) - start:9.6f} {rest.replace(str(folder), '')[:150]}")
            # A call that another thread interrupts is printed in two parts; "resumed" is the end of one that has begun.
            if not any(re.search(r"\bf(data)?sync(\(| resumed).*= 0$", call) for call in calls):
                missing.append(name)
    finally:
        hop.stop()
        shutil.rmtree(folder)
    if missing:
        raise SystemExit(f"\nNo flush before the 250: {', '.join(missing)}")


if __name__ == "__main__":
    main()
