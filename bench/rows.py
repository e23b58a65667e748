"""What is measured and what it must reach: the one place where rows and bars are written."""
import fnmatch
from dataclasses import dataclass

KIB = 1024


@dataclass(frozen=True)
class Row:
    """One line of the table."""
    work: str       # accept: until smtp-source has its last 250; relay: until smtp-sink has the last message
    kind: str       # kept: many messages a connection; each: a connection a message
    sessions: int   # of smtp-source, in parallel
    size: int       # bytes a message

    def __str__(self):
        return f"{self.work},{self.kind},{self.sessions},{self.size}"


@dataclass(frozen=True)
class Bar:
    """Rows, and how many times as many messages a second as Postfix they must have; and, where given, what part of the ceiling."""
    work: str
    kinds: tuple
    sessions: tuple
    sizes: tuple
    times: float
    ceiling: float | None = None

    def is_for(self, row):
        return row.work == self.work and row.kind in self.kinds and row.sessions in self.sessions and row.size in self.sizes


BARS = (
    Bar("accept", ("kept",), (10, 50), (KIB, 10 * KIB), times=5, ceiling=0.5),
    Bar("accept", ("each",), (10, 50), (KIB,), times=4),
    Bar("accept", ("kept", "each"), (10,), (100 * KIB,), times=2),
    Bar("accept", ("kept", "each"), (1,), (KIB,), times=1.8),
    Bar("relay", ("kept",), (10, 50), (KIB,), times=6),
    Bar("relay", ("kept",), (10, 50), (10 * KIB,), times=4),
    Bar("relay", ("kept",), (10, 50), (100 * KIB,), times=2),
)
CPU_BAR = 1 / 7            # CPU a message, to that of Postfix; judged in each row that has a bar above
MEMORY_BAR = 1             # private memory, to that of Postfix; judged in such rows with
MEMORY_SESSIONS = 50       # so many sessions
IDLE_BAR = 10 * KIB        # bytes of private memory an idle session
IDLE_SESSIONS = {"postfix": 150, "mailops": 2000}   # a session of Postfix is a process: fewer are enough, and say the same

ROWS = tuple(
    Row(work, kind, sessions, size)
    for work, kinds, counts in (("accept", ("kept", "each"), (1, 10, 50)), ("relay", ("kept",), (10, 50)))
    for kind in kinds for sessions in counts for size in (KIB, 10 * KIB, 100 * KIB))


def bar_of(row):
    return next((bar for bar in BARS if bar.is_for(row)), None)


def select(pattern, only_with_bar):
    """The rows whose name matches, such as accept,kept,10,1024 or relay,*; a row that is not in the table is measured too."""
    if pattern is None:
        return [row for row in ROWS if bar_of(row) or not only_with_bar]
    rows = [row for row in ROWS if fnmatch.fnmatchcase(str(row), pattern)]
    parts = pattern.split(",")
    if not rows and len(parts) == 4 and parts[0] in ("accept", "relay") and parts[1] in ("kept", "each") and parts[2].isdigit() and parts[3].isdigit():
        rows = [Row(parts[0], parts[1], int(parts[2]), int(parts[3]))]
    if not rows:
        raise SystemExit(f"No row is {pattern}. There are:\n" + "\n".join(map(str, ROWS)))
    return rows
