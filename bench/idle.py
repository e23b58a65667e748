"""What a session costs that has said EHLO and then says nothing."""
import pathlib
import socket

from load import SilentHop, send
from rows import IDLE_SESSIONS, KIB, Row
from servers import SERVERS

WARM = Row("accept", "kept", 10, KIB)


def open_sessions(port, count):
    """So many sessions, greeted, and answered after EHLO."""
    sessions = [socket.create_connection(("127.0.0.1", port), 60) for _ in range(count)]
    for session in sessions:
        _reply(session)
        session.sendall(b"EHLO idle.test\r\n")
    for session in sessions:
        _reply(session)
    return sessions


def _reply(session):
    """Reads a reply to its last line, the one with a space after the code."""
    text = b""
    while not (text.endswith(b"\r\n") and text.splitlines()[-1][3:4] == b" "):
        more = session.recv(4096)
        if not more:
            raise RuntimeError(f"the server closed a session: {text.decode(errors='replace')}")
        text += more
    if not text.startswith(b"2"):
        raise RuntimeError(f"the server said {text.decode(errors='replace')}")


def _close(sessions):
    for session in sessions:
        session.close()


def idle_cost(name, folder):
    """Bytes of private memory a session. The server has taken mail and as many sessions before, so that only the sessions make the difference."""
    hop = SilentHop()
    server = SERVERS[name](pathlib.Path(folder) / name, hop.port)
    try:
        send(WARM, server.port, 2000)
        _close(open_sessions(server.port, 10))
        server.rest()
        before = server.memory()[0]
        sessions = open_sessions(server.port, IDLE_SESSIONS[name])
        server.rest()
        after = server.memory()[0]
        _close(sessions)
        return (after - before) / len(sessions)
    finally:
        server.stop()
        hop.stop()
