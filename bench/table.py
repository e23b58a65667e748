"""Prints what bench/run.sh measured: medians over the rounds, ratios, and whether each bar is met."""
import statistics

from rows import CPU_BAR, IDLE_BAR, KIB, MEMORY_BAR, MEMORY_SESSIONS, bar_of

MIB = 1 << 20
HEAD = (f"{'work':<7}{'conn.':<6}{'sess.':>5}{'KiB':>5} |{'Postfix/s':>10}{'MailOps/s':>10}{'ratio':>7}{'(min-max)':>13}{'bar':>5}{'':>5}|"
        f"{'ceiling/s':>10}{'part':>6}{'bar':>5}{'':>5}|{'CPU us a message':>17}{'part':>7}{'':>5}|{'private MiB':>13}{'(PSS)':>13}{'':>5}")


class Verdicts:
    """Counts the bars, and remembers those not met."""

    def __init__(self):
        self.all, self.missed = 0, []

    def judge(self, met, what):
        self.all += 1
        if not met:
            self.missed.append(what)
        return "yes" if met else "NO"


def _median(figures, attribute):
    return statistics.median(getattr(f, attribute) for f in figures)


def _pairs(ours, theirs, attribute):
    """The ratio in each round: both ran one after the other, and what disturbed the machine then disturbed both."""
    return [getattr(a, attribute) / getattr(b, attribute) for a, b in zip(ours, theirs)]


def _row(row, runs, verdicts):
    bar = bar_of(row)
    postfix, mailops, most = (runs.get(name, []) for name in ("postfix", "mailops", "ceiling"))
    cell = lambda figures, attribute, scale, digits=0: f"{_median(figures, attribute) * scale:.{digits}f}" if figures else "-"
    speed = cpu = part = memory = ""
    both = bool(postfix and mailops)
    if both:
        ratios = _pairs(mailops, postfix, "rate")
        ratio = statistics.median(ratios)
        speed = f"{ratio:>7.2f}{f'({min(ratios):.1f}-{max(ratios):.1f})':>13}"
        if bar:
            speed += f"{bar.times:>5g}{verdicts.judge(ratio >= bar.times, f'{row}: {ratio:.2f} times Postfix, bar {bar.times:g}'):>5}"
        ratio = statistics.median(_pairs(mailops, postfix, "cpu"))
        cpu = f"  1/{1 / ratio:<4.1f}"
        if bar:
            cpu += f"{verdicts.judge(ratio <= CPU_BAR, f'{row}: CPU 1/{1 / ratio:.1f} of Postfix, bar 1/{1 / CPU_BAR:.0f}'):>4}"
        if bar and row.sessions == MEMORY_SESSIONS:
            ratio = statistics.median(_pairs(mailops, postfix, "private"))
            memory = verdicts.judge(ratio < MEMORY_BAR, f"{row}: private memory {ratio:.2f} of Postfix, bar {MEMORY_BAR:g}")
    if mailops and most:
        ratio = statistics.median(_pairs(mailops, most, "rate"))
        part = f"{ratio:>6.2f}"
        if bar and bar.ceiling:
            part += f"{bar.ceiling:>5g}{verdicts.judge(ratio >= bar.ceiling, f'{row}: {ratio:.2f} of the ceiling, bar {bar.ceiling:g}'):>5}"
    print(f"{row.work:<7}{row.kind:<6}{row.sessions:>5}{row.size / KIB:>5.0f} |{cell(postfix, 'rate', 1):>10}{cell(mailops, 'rate', 1):>10}{speed:<30}|"
          f"{cell(most, 'rate', 1):>10}{part:<16}|{cell(postfix, 'cpu', 1e6) + ' : ' + cell(mailops, 'cpu', 1e6):>17}{cpu:<12}|"
          f"{cell(postfix, 'private', 1 / MIB) + ' : ' + cell(mailops, 'private', 1 / MIB):>13}"
          f"{'(' + cell(postfix, 'proportional', 1 / MIB) + ' : ' + cell(mailops, 'proportional', 1 / MIB) + ')':>13}{memory:>5}")


def _idle(idle, verdicts):
    if "postfix" in idle:
        print(f"An idle session of Postfix costs {statistics.median(idle['postfix']) / KIB:.0f} KiB of private memory.")
    if "mailops" in idle:
        cost = statistics.median(idle["mailops"])
        met = verdicts.judge(cost <= IDLE_BAR, f"idle session: {cost / KIB:.1f} KiB, bar {IDLE_BAR / KIB:.0f}")
        print(f"An idle session of MailOps costs {cost / KIB:.1f} KiB; the bar is {IDLE_BAR / KIB:.0f}: {met}.")


def show(results, idle):
    """results: row → server or "ceiling" → figures, one a round. idle: server → bytes a session, one a round."""
    verdicts = Verdicts()
    if results:
        print(HEAD)
    for row, runs in results.items():
        _row(row, runs, verdicts)
    print()
    _idle(idle, verdicts)
    if verdicts.all:
        print(f"{verdicts.all - len(verdicts.missed)} of {verdicts.all} bars met." + "".join(f"\n  not met: {line}" for line in verdicts.missed))
