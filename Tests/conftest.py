"""Fixtures of all suites with real processes."""

import pytest

from harness.people import join
from harness.program import Server
from harness.stomp_client import TCP, Stomp, WebSocket

# Enough for a suite whose people all sign in from one address.
MANY_LOGINS = ("--logins-per-minute-max", "60000")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A node for the tests of one file."""
    with Server(tmp_path_factory.mktemp("data"), "--open-topics", "--loops", "2", *MANY_LOGINS) as node:
        yield node


@pytest.fixture(scope="module")
def mina(server):
    """Somebody with an account."""
    return join(server, "Mina")


@pytest.fixture(scope="module")
def jun(server):
    """Somebody else."""
    return join(server, "Jun")


@pytest.fixture
def room(mina):
    """An open chat that nobody has said anything in."""
    return mina.make_room()


@pytest.fixture
def dial(server):
    """Opens connections to the server; each is closed when the test ends."""
    opened = []

    def open_connection(person=None, over="websocket", **headers):
        wire = WebSocket(server.websocket_url) if over == "websocket" else TCP(server.stomp_port)
        client = Stomp(wire)
        opened.append(client)
        if person is not None:
            connected = client.connect(person.token, **headers)
            assert connected.command == "CONNECTED", connected
        return client

    yield open_connection
    for client in opened:
        client.close()
