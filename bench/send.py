"""Messages a second of Send-SmtpMessage, of MailKit in a loop with as many connections and of a System.Net.Mail.SmtpClient, to the same sink; the cmdlet's memory for few and for many records."""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile

from load import Sink

MAILKIT_BAR, NETMAIL_BAR, MEMORY_BAR = 0.8, 50, 1.1
HOST = "artifacts/bin/MailOps.Host/release/MailOps.Host"
LOOPS = "artifacts/bench/send/send"

SCRIPT = """
$ErrorActionPreference = 'Stop'   # a message that is not sent ends it without a result
$body = (('x' * 70 + "`r`n") * ([int][Math]::Floor({bytes} / 72) + 1)).Substring(0, {bytes})   # as send.cs makes it: one long line would have to be encoded
$send = {{ param($count) 1..$count | ForEach-Object {{ [pscustomobject]@{{ To = "to$_@x.test"; Subject = "Message $_" }} }} |
    Send-SmtpMessage -Body $body -From from@x.test -SmtpServer 127.0.0.1 -Port {port} -Tls None -MaxConnections {connections} }}
& $send {warm}
$clock = [System.Diagnostics.Stopwatch]::StartNew()
& $send {count}
"result $($clock.Elapsed.TotalSeconds)"
"""


def measure(command):
    """Seconds that the program says it took, and the most memory it ever had, in MiB."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    line = next((text for text in output.splitlines() if text.startswith("result ")), None)
    if status or line is None:
        sys.exit(f"{command[0]} gave no result:\n{output}")
    return float(line.split()[1]), usage.ru_maxrss / 1024


def cmdlet(given, folder, port, count):
    script = os.path.join(folder, "send.ps1")
    with open(script, "w", encoding="utf-8") as file:
        file.write(SCRIPT.format(bytes=given.bytes, port=port, connections=given.connections, warm=given.warm, count=count))
    return measure([HOST, "run", script])


def loop(kind, given, port, count, connections, warm):
    return measure([LOOPS, kind, str(port), str(count), str(connections), str(given.bytes), str(warm)])


def verdict(name, value, bar, met):
    print(f"{name:34}{value:8.2f}    bar {bar:<5}{'met' if met else 'NOT MET'}")
    return met


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="messages (default 10,000)")
    parser.add_argument("--many", type=int, default=100_000, help="messages for the memory (default 100,000); 0 leaves it out")
    parser.add_argument("--netmail", type=int, default=200, help="messages by System.Net.Mail.SmtpClient, of which the rate is taken (default 200)")
    parser.add_argument("--connections", type=int, default=4, help="connections of the cmdlet and of MailKit (default 4, that of the cmdlet)")
    parser.add_argument("--bytes", type=int, default=1024, help="bytes of a body (default 1024)")
    parser.add_argument("--warm", type=int, default=5000, help="messages before the clock starts, until the code is compiled (default 5,000)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, of which the median counts (default 3)")
    given = parser.parse_args()
    rates = {"Send-SmtpMessage": [], "MailKit": [], "System.Net.Mail": []}
    with tempfile.TemporaryDirectory() as folder:
        sink = Sink(folder, counts=False)
        try:
            for _ in range(given.rounds):
                seconds, memory = cmdlet(given, folder, sink.port, given.count)
                rates["Send-SmtpMessage"].append(given.count / seconds)
                rates["MailKit"].append(given.count / loop("mailkit", given, sink.port, given.count, given.connections, given.warm)[0])
                rates["System.Net.Mail"].append(given.netmail / loop("netmail", given, sink.port, given.netmail, 1, 20)[0])
            many = cmdlet(given, folder, sink.port, given.many)[1] if given.many else 0
        finally:
            sink.stop()
    for name, all_rates in rates.items():
        print(f"{name:20}{statistics.median(all_rates):10.0f} messages a second    ({', '.join(f'{rate:.0f}' for rate in all_rates)})")
    ratios = {name: statistics.median(own / other for own, other in zip(rates["Send-SmtpMessage"], rates[name])) for name in ("MailKit", "System.Net.Mail")}
    met = [verdict("to MailKit", ratios["MailKit"], MAILKIT_BAR, ratios["MailKit"] >= MAILKIT_BAR),
           verdict("to System.Net.Mail", ratios["System.Net.Mail"], NETMAIL_BAR, ratios["System.Net.Mail"] >= NETMAIL_BAR)]
    if many:
        print(f"most memory: {memory:.0f} MiB for {given.count} messages, {many:.0f} MiB for {given.many}")
        met.append(verdict("memory, many to few, at most", many / memory, MEMORY_BAR, many / memory <= MEMORY_BAR))
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
