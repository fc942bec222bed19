"""Fixtures of all suites with real processes."""

import pytest
from playwright.sync_api import sync_playwright

from harness.browser import Visitor, launch
from harness.people import MANY_LOGINS, NO_RATE, join
from harness.program import Server
from harness.site import STORES, open_site
from harness.stomp_client import TCP, Stomp, WebSocket

@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A node for the tests of one file."""
    data = tmp_path_factory.mktemp("data")
    with Server(data, "--open-topics", "--loops", "2", *MANY_LOGINS, *NO_RATE) as node:
        yield node


@pytest.fixture(scope="module")
def mina(server):
    """Somebody with an account."""
    return join(server, "Mina")


@pytest.fixture(scope="module")
def jun(server):
    """Somebody else."""
    return join(server, "Jun")


@pytest.fixture(scope="module", params=STORES)
def site(request, tmp_path_factory):
    """A site for the tests of one file, once on each kind of store."""
    with open_site(tmp_path_factory.mktemp("site"), request.param) as opened:
        yield opened


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


@pytest.fixture(scope="session")
def browser():
    """A real browser."""
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser, server):
    """Opens windows of people apart from each other; each must be without complaints in the end."""
    visitors = []

    def open_window(url=None, **options):
        visitor = Visitor(browser, url or server.url, **options)
        visitors.append(visitor)
        return visitor

    yield open_window
    for visitor in visitors:
        visitor.context.close()
    assert [each for visitor in visitors for each in visitor.complaints] == []
