"""How much faster Resolve-MailExchanger is for a list of domains than one domain at a time, against a resolver that takes its time."""
import argparse
import asyncio
import os
import struct
import sys
import tempfile
import threading

BAR = 20

SCRIPT = """
$clock = [System.Diagnostics.Stopwatch]::StartNew()
foreach ($i in 1..{single}) {{ Resolve-MailExchanger "one$i.test" -Server {server} | ForEach-Object {{ }} }}
$each = $clock.Elapsed.TotalSeconds / {single}
$clock.Restart()
$last = 0; $count = 0; $disorder = 0
1..{many} | ForEach-Object {{ "d$_.test" }} | Resolve-MailExchanger -Server {server} | ForEach-Object {{
    $count++
    $number = [int]$_.Domain.Substring(1, $_.Domain.Length - 6)
    if ($number -ne $last + 1) {{ $disorder++ }}
    $last = $number
}}
$all = $clock.Elapsed.TotalSeconds
"result $each $all $count $disorder"
"""


class Resolver(asyncio.DatagramProtocol):
    """Says of each domain that its mail exchanger is mx.DOMAIN, and of each host one address; each answer after the delay."""

    def __init__(self, delay):
        self.delay = delay

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, packet, client):
        asyncio.get_running_loop().call_later(self.delay, self.transport.sendto, answer(packet), client)


def answer(packet):
    end = packet.index(0, 12) + 1
    kind = struct.unpack("!H", packet[end:end + 2])[0]
    data = {15: b"\0\x0a\x02mx\xc0\x0c", 1: bytes([192, 0, 2, 1])}.get(kind)
    records = b"" if data is None else b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 300, len(data)) + data
    return packet[:2] + struct.pack("!HHHHH", 0x8180, 1, 1 if records else 0, 0, 0) + packet[12:end + 4] + records


def serve(delay):
    """Starts the resolver on a thread of its own; its port."""
    loop = asyncio.new_event_loop()
    transport, _ = loop.run_until_complete(loop.create_datagram_endpoint(lambda: Resolver(delay), local_addr=("127.0.0.1", 0)))
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return transport.get_extra_info("sockname")[1]


async def run(script):
    host = await asyncio.create_subprocess_exec(
        "dotnet", "run", "--no-build", "-c", "Release", "--project", "src/MailOps.Host", "--", "run", script, stdout=asyncio.subprocess.PIPE)
    output, _ = await host.communicate()
    return output.decode()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--many", type=int, default=10_000, help="domains of the list (default 10,000)")
    parser.add_argument("--single", type=int, default=200, help="domains asked for one at a time, to know how long one takes (default 200)")
    parser.add_argument("--delay", type=float, default=20, help="milliseconds the resolver takes for each answer (default 20)")
    given = parser.parse_args()
    port = serve(given.delay / 1000)
    with tempfile.TemporaryDirectory() as folder:
        script = os.path.join(folder, "resolve.ps1")
        with open(script, "w", encoding="utf-8") as file:
            file.write(SCRIPT.format(server=f"127.0.0.1:{port}", many=given.many, single=given.single))
        output = asyncio.run(run(script))
    line = next((text for text in output.splitlines() if text.startswith("result ")), None)
    if line is None:
        sys.exit("The host gave no result:\n" + output)
    each, took, count, disorder = (float(field) for field in line.split()[1:])
    ratio = each * given.many / took
    print(f"one at a time   {each * 1000:8.1f} ms a domain, {each * given.many:8.1f} s for {given.many} (from {given.single})")
    print(f"side by side    {took / given.many * 1000:8.1f} ms a domain, {took:8.1f} s for {given.many}, {count:.0f} answers, {disorder:.0f} out of order")
    print(f"ratio           {ratio:8.1f}    bar {BAR}    {'met' if ratio >= BAR and count == given.many and not disorder else 'NOT MET'}")
    sys.exit(0 if ratio >= BAR and count == given.many and not disorder else 1)


if __name__ == "__main__":
    main()
