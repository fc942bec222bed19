"""Unchanged clients of others in one room with a browser: Debian's stomp.py over TCP, and stomp.py 9
over a WebSocket."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from harness.browser import Visitor
from harness.program import add_user
from harness.waiting import until

CHATTER = Path(__file__).parent / "chatter.py"
DEBIAN_PYTHON = "/usr/bin/python3"


class Chatter:
    """A client in a process of its own. As a context it leaves in the end."""

    def __init__(self, interpreter, transport, **settings):
        self.events = []
        self._process = subprocess.Popen(
            [interpreter, str(CHATTER), transport, json.dumps({"host": "127.0.0.1", **settings})],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            self.events.append(json.loads(line))

    def send(self, **body):
        """Sends a message's body."""
        self._process.stdin.write(json.dumps(body) + "\n")
        self._process.stdin.flush()

    def heard(self, event):
        """The events of a kind so far."""
        return [each for each in list(self.events) if each["event"] == event]

    def hears(self, event, count=1, seconds=10):
        """Waits for so many events of a kind, and answers with them."""
        return until(
            lambda: len(self.heard(event)) >= count and self.heard(event),
            f"{count} × {event}; heard: {self.events}", seconds)

    def receipt(self, id):
        """Waits for a receipt, and answers with its headers."""
        return until(
            lambda: next(
                (each["headers"] for each in self.heard("receipt")
                 if each["headers"]["receipt-id"] == id), None),
            f"the receipt {id}; heard: {self.events}")

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self._process.stdin.close()
        try:
            self._process.wait(10)
        finally:
            self._process.kill()
            self._process.wait()
            self._reader.join()
            errors = self._process.stderr.read()
        assert self._process.returncode == 0, errors


def version(interpreter):
    """The version of stomp.py that an interpreter has."""
    code = "import stomp; print(stomp.__version__[0])"
    result = subprocess.run([interpreter, "-c", code], capture_output=True, text=True, check=True)
    return int(result.stdout)


@pytest.fixture
def company(server, browser):
    """A browser, stomp.py over TCP and stomp.py over a WebSocket, all in one new room."""
    assert (version(DEBIAN_PYTHON), version(sys.executable)) == (8, 9)
    visitor = Visitor(browser, server.url)
    visitor.sign_up("Mina")
    visitor.create_room("Everybody")
    add_user(server.data, "oldtimer", "correct horse")
    add_user(server.data, "newcomer", "correct horse")
    granted = server.rest.post(
        "/api/user/login", {"email": "newcomer", "password": "correct horse"})
    with Chatter(
            DEBIAN_PYTHON, "tcp", port=server.stomp_port, room=visitor.room,
            login="oldtimer", passcode="correct horse") as oldtimer, Chatter(
            sys.executable, "websocket", port=server.port, room=visitor.room,
            token=granted.json["accessToken"]) as newcomer:
        for client in (oldtimer, newcomer):
            assert client.receipt("subscribed")["resume"] == "complete"
        yield visitor, oldtimer, newcomer
    for client in (oldtimer, newcomer):
        assert client.heard("error") == [] and client.heard("heart-beat timeout") == []
    assert visitor.complaints == []
    visitor.context.close()


def test_unchanged_clients_and_a_browser_chat_in_one_room(company):
    visitor, oldtimer, newcomer = company
    visitor.say("Who is here?")
    oldtimer.hears("message", 1)
    newcomer.hears("message", 1)
    oldtimer.send(message="An old hand, over TCP 🐕", sender="Admin", senderId=1)
    assert oldtimer.receipt("sent-0")["position"].endswith(":2")
    visitor.sees_in_the_end("An old hand, over TCP 🐕")
    newcomer.send(message="새로 온 사람이에요: over a WebSocket", sender="Mina")
    assert newcomer.receipt("sent-0")["position"].endswith(":3")
    said = [
        ("Mina", "Who is here?"), ("oldtimer", "An old hand, over TCP 🐕"),
        ("newcomer", "새로 온 사람이에요: over a WebSocket"),
    ]
    visitor.sees([text for _, text in said])
    received = [client.hears("message", 3) for client in (oldtimer, newcomer)]
    for messages in received:
        bodies = [json.loads(each["body"]) for each in messages]
        assert [(body["sender"], body["message"]) for body in bodies] == said
        ids = [each["headers"]["message-id"] for each in messages]
        assert [id.rpartition(":")[2] for id in ids] == ["1", "2", "3"]
        for message, body in zip(messages, bodies):
            assert message["headers"]["sender"] == str(body["senderId"])
    senders = [[each["headers"]["sender"] for each in messages] for messages in received]
    assert senders[0] == senders[1] and len(set(senders[0])) == 3

    # Silence that only heart-beats bridge: each end asked for them.
    for client in (oldtimer, newcomer):
        client.hears("heart-beat", seconds=20)
    visitor.say("Still here?")
    for client in (oldtimer, newcomer):
        assert json.loads(client.hears("message", 4)[-1]["body"])["message"] == "Still here?"
