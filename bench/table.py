"""Prints the medians of bench/run.sh's figures as a table: results file, clock ticks a second, message size."""
import collections
import statistics
import sys

path, ticks, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
runs = collections.defaultdict(list)
with open(path) as lines:
    for line in lines:
        server, kind, sessions, count, accepted, relayed, cpu, memory = line.split("\t")
        count = int(count)
        runs[kind, int(sessions), server].append((
            count / int(accepted) * 1e9, count / int(relayed) * 1e9, int(cpu) / ticks * 1e6 / count, int(memory) / 1024))

KINDS = {"each": "one a message", "kept": "kept"}
print(f"\nMedians; messages of {size} bytes; ratio: MailOps to Postfix, of messages relayed.\n")
print(f"{'connections':<14} {'sessions':>8}  {'server':<8} {'accepted/s':>10} {'relayed/s':>10} {'(min-max)':>15} {'CPU us/message':>15} {'memory MiB':>11} {'ratio':>6}")
for kind, sessions in sorted({key[:2] for key in runs}, key=lambda key: (key[1], key[0])):
    postfix = runs.get((kind, sessions, "postfix"))
    for server in ("postfix", "mailops"):
        figures = runs.get((kind, sessions, server))
        if not figures:
            continue
        accepted, relayed, cpu, memory = (statistics.median(column) for column in zip(*figures))
        spread = f"({min(f[1] for f in figures):.0f}-{max(f[1] for f in figures):.0f})"
        ratio = f"{relayed / statistics.median(f[1] for f in postfix):.2f}" if server == "mailops" and postfix else ""
        print(f"{KINDS[kind]:<14} {sessions:>8}  {server:<8} {accepted:>10.0f} {relayed:>10.0f} {spread:>15} {cpu:>15.0f} {memory:>11.0f} {ratio:>6}")
