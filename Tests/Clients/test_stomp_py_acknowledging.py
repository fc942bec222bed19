"""stomp.py, unchanged, as a consumer that acknowledges: what it did not comes again."""

import queue

import pytest
import stomp

from harness.people import join


class Inbox(stomp.ConnectionListener):
    """What the server sends: messages, and the ids of receipts."""

    def __init__(self):
        self.messages = queue.Queue()
        self.receipts = queue.Queue()

    def on_message(self, frame):
        self.messages.put(frame)

    def on_receipt(self, frame):
        self.receipts.put(frame.headers["receipt-id"])

    def take(self, count):
        return [self.messages.get(timeout=10) for _ in range(count)]


@pytest.fixture
def consume(server):
    """Opens consumers of a room; each leaves when the test ends."""
    connections = []

    def open_consumer(kind, person, room, **headers):
        connection = kind([("127.0.0.1", server.stomp_port)])
        inbox = Inbox()
        connection.set_listener("inbox", inbox)
        connection.connect(wait=True, headers={"Authorization": f"Bearer {person.token}"})
        connections.append(connection)
        connection.subscribe(
            f"/sub/chat/{room}", id="worker", ack="client-individual",
            headers={"receipt": "subscribed", **headers})
        assert inbox.receipts.get(timeout=10) == "subscribed"
        return connection, inbox

    yield open_consumer
    for connection in connections:
        if connection.is_connected():
            connection.disconnect()


@pytest.mark.parametrize("kind", [stomp.Connection11, stomp.Connection12])
def test_a_consumer_that_comes_back_gets_what_it_did_not_acknowledge(server, consume, kind):
    writer, worker = join(server, "Writer"), join(server, "Worker")
    room = writer.make_room()
    connection, inbox = consume(kind, worker, room)
    for number in range(4):
        writer.rest.post(f"/api/openchat/room/{room}/message", {"message": str(number)})
    for number, message in enumerate(inbox.take(4)):
        if kind is stomp.Connection12:
            names = (message.headers["ack"],)
        else:
            names = (message.headers["message-id"], message.headers["subscription"])
        if number == 1:
            connection.nack(*names)
        elif number < 3:
            connection.ack(*names, receipt=f"acknowledged-{number}")
            assert inbox.receipts.get(timeout=10) == f"acknowledged-{number}"
    connection.disconnect()
    _, again = consume(kind, worker, room, durable="true")
    offsets = [message.headers["position"].rpartition(":")[2] for message in again.take(2)]
    assert offsets == ["2", "4"]
    assert again.messages.empty()
