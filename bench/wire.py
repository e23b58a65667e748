"""
A wire with a delay between two network namespaces: "wire.py near far 20" delays every packet by 20 ms in each direction, so that a round trip takes 40 ms.
By the kernel's netem where it has one; otherwise this process carries the packets from one TUN device to the other, each when its time has come. It says "ready" and
runs until its standard input ends.
"""
import collections
import fcntl
import os
import select
import struct
import subprocess
import sys
import time

ADDRESSES = "10.213.40.1", "10.213.40.2"   # in the first namespace, in the second
MTU = 1500
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
QUEUE = 10_000   # packets on their way in one direction, as netem is given


def ip(*command, check=True):
    return subprocess.run(["ip", *command], check=check, capture_output=True, text=True)


def netem(names, delay):
    """A veth pair with netem at both ends; False where the kernel has no netem."""
    devices = [f"mo{os.getpid()}{end}" for end in "ab"]
    ip("link", "add", devices[0], "netns", names[0], "type", "veth", "peer", "name", devices[1], "netns", names[1])
    for name, device in zip(names, devices):
        added = subprocess.run(["ip", "netns", "exec", name, "tc", "qdisc", "add", "dev", device, "root", "netem", "delay", f"{delay}ms", "limit", str(QUEUE)], capture_output=True)
        if added.returncode:
            ip("-n", names[0], "link", "del", devices[0])
            return False
    _address(names, devices)
    return True


def tun(names):
    """A TUN device in each namespace, and what is open of it here."""
    files, devices = [], []
    for name, end in zip(names, "ab"):
        file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        device = f"mo{os.getpid()}{end}"
        fcntl.ioctl(file, TUNSETIFF, struct.pack("16sH", device.encode(), IFF_TUN | IFF_NO_PI))
        ip("link", "set", device, "netns", name)
        files.append(file)
        devices.append(device)
    _address(names, devices)
    return files


def _address(names, devices):
    for name, device, own, other in zip(names, devices, ADDRESSES, ADDRESSES[::-1]):
        ip("-n", name, "addr", "add", own, "peer", other, "dev", device)
        ip("-n", name, "link", "set", device, "mtu", str(MTU), "txqueuelen", str(QUEUE), "up")


def carry(files, seconds):
    """Brings packets from each end to the other, so many seconds later, until standard input ends."""
    waiting = {files[0]: collections.deque(), files[1]: collections.deque()}
    other = {files[0]: files[1], files[1]: files[0]}
    end = sys.stdin.fileno()
    while True:
        now = time.monotonic()
        for target, packets in waiting.items():
            while packets and packets[0][0] <= now:
                _write(target, packets.popleft()[1])
        firsts = [packets[0][0] for packets in waiting.values() if packets]
        ready, _, _ = select.select([*files, end], [], [], max(0, min(firsts) - now) if firsts else None)
        if end in ready and not os.read(end, 100):
            return
        now = time.monotonic()
        for file in files:
            if file in ready:
                _read(file, waiting[other[file]], now + seconds)


def _read(file, packets, due):
    try:
        while True:
            packet = os.read(file, MTU + 100)
            if len(packets) < QUEUE:
                packets.append((due, packet))
    except BlockingIOError:
        return   # that was all


def _write(file, packet):
    try:
        os.write(file, packet)
    except BlockingIOError:
        return   # the device is full: the packet is lost, as on any wire


def main():
    names, delay = sys.argv[1:3], float(sys.argv[3])
    kernel = netem(names, delay)
    files = [] if kernel else tun(names)
    print(f"ready {'netem' if kernel else 'tun'}", flush=True)
    carry(files, delay / 1000) if files else sys.stdin.read()


if __name__ == "__main__":
    main()
