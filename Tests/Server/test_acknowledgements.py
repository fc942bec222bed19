"""Durable subscriptions: what was not acknowledged comes again, over every version of STOMP."""

import pytest

from harness.people import MANY_LOGINS, join
from harness.program import Server
from harness.stomp_client import TCP, Stomp, WebSocket

VERSIONS = ["1.0", "1.1", "1.2"]
MODES = ["client", "client-individual"]


def acknowledge(client, version, message, command="ACK", **headers):
    """Says of a message that it was dealt with (or not), in the way of a version."""
    subscription = message.headers["subscription"]
    by_version = {
        "1.0": {"message-id": message.headers["message-id"]},
        "1.1": {"message-id": message.headers["message-id"], "subscription": subscription},
        "1.2": {"id": message.headers.get("ack")},
    }
    return client.ask(command, {**by_version[version], **headers})


@pytest.fixture
def dial_version(server, dial):
    """Opens a connection that speaks a version."""
    def open_connection(person, version):
        client = dial()
        connected = client.connect(person.token, **{"accept-version": version})
        assert connected.headers["version"] == version
        return client

    return open_connection


def say_many(person, room, count):
    for number in range(1, count + 1):
        sent = person.rest.post(f"/api/openchat/room/{room}/message", {"message": str(number)})
        assert sent.status == 201, sent.body


def texts(frames):
    return [frame.text for frame in frames]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("mode", MODES)
def test_what_was_not_acknowledged_comes_again(dial_version, mina, jun, room, version, mode):
    reader = dial_version(jun, version)
    reader.subscribe(f"/sub/chat/{room}", id="phone", ack=mode)
    say_many(mina, room, 4)
    messages = reader.messages(4, "phone")
    for message in messages:
        assert ("ack" in message.headers) == (version == "1.2")
    assert acknowledge(reader, version, messages[1]).command == "RECEIPT"
    reader.close()
    again = dial_version(jun, version)
    receipt = again.subscribe(f"/sub/chat/{room}", id="phone", ack=mode, durable="true")
    assert receipt.headers["resume"] == "complete"
    owed = ["3", "4"] if mode == "client" else ["1", "3", "4"]
    assert texts(again.messages(len(owed), "phone")) == owed
    assert again.waiting == []


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_message_that_was_refused_comes_again(dial_version, mina, jun, room, version):
    reader = dial_version(jun, version)
    reader.subscribe(f"/sub/chat/{room}", ack="client-individual")
    say_many(mina, room, 3)
    messages = reader.messages(3)
    acknowledge(reader, version, messages[0])
    assert acknowledge(reader, version, messages[1], "NACK").command == "RECEIPT"
    acknowledge(reader, version, messages[2])
    reader.close()
    again = dial_version(jun, version)
    again.subscribe(f"/sub/chat/{room}", ack="client-individual", durable="true")
    assert texts(again.messages(1)) == ["2"]
    assert again.waiting == []


def test_acknowledgements_without_a_receipt_are_kept_when_the_client_just_leaves(
        dial, mina, jun, room):
    reader = dial(jun)
    reader.subscribe(f"/sub/chat/{room}", ack="client")
    say_many(mina, room, 3)
    messages = reader.messages(3)
    reader.send_frame("ACK", {"id": messages[1].headers["ack"]})
    reader.ask("DISCONNECT")
    again = dial(jun)
    again.subscribe(f"/sub/chat/{room}", ack="client", durable="true")
    assert texts(again.messages(1)) == ["3"]
    assert again.waiting == []


def test_it_works_on_topics_that_are_kept_and_not_on_others(tmp_path):
    with Server(
        tmp_path, "--open-topics", "--topic", "news.**=history:100", *MANY_LOGINS
    ) as server:
        person = join(server)
        wires = []

        def dial():
            client = Stomp(TCP(server.stomp_port))
            wires.append(client)
            client.connect(person.token)
            return client

        reader = dial()
        reader.subscribe("/topic/news.cats", ack="client")
        for text in (b"one", b"two"):
            reader.ask("SEND", {"destination": "/topic/news.cats"}, text)
        acknowledge(reader, "1.2", reader.messages(2)[0])
        again = dial()
        again.subscribe("/topic/news.cats", ack="client", durable="true")
        assert again.message().body == b"two"
        refused = again.subscribe("/topic/passing", id="p", ack="client", durable="true")
        assert refused.headers["message"] == "bad-frame"
        for client in wires:
            client.close()


@pytest.mark.parametrize("headers", [
    {}, {"id": ""}, {"id": "s"}, {"id": "s:7"}, {"id": "s:x:1"}, {"id": "s:7:1"},
    {"id": "t:{position}"}, {"id": "{position}"}, {"message-id": "{position}"},
], ids=str)
def test_an_ack_that_names_no_message_is_refused_in_words(dial, mina, jun, room, headers):
    reader = dial(jun)
    reader.subscribe(f"/sub/chat/{room}", ack="client")
    say_many(mina, room, 1)
    position = reader.message().headers["position"]
    refused = reader.ask(
        "ACK", {name: value.replace("{position}", position) for name, value in headers.items()})
    assert refused.command == "ERROR" and refused.headers["message"] == "bad-frame"
    assert len(refused.body) > 10
    assert reader.end() == 1002


def test_a_message_that_was_not_sent_yet_is_not_acknowledged(dial, mina, jun, room):
    reader = dial(jun)
    reader.subscribe(f"/sub/chat/{room}", ack="client")
    say_many(mina, room, 1)
    epoch = reader.message().headers["position"].partition(":")[0]
    assert reader.ask("ACK", {"id": f"s:{epoch}:2"}).headers["message"] == "bad-frame"


def test_subscription_ids_may_look_like_anything(dial, mina, jun, room):
    reader = dial(jun)
    reader.subscribe(f"/sub/chat/{room}", id="a:b:7:1\n", ack="client")
    say_many(mina, room, 2)
    messages = reader.messages(2, "a:b:7:1\n")
    assert acknowledge(reader, "1.2", messages[1]).command == "RECEIPT"


@pytest.mark.parametrize("headers", [
    {"ack": "auto", "durable": "true"}, {"durable": "true"}, {"ack": "client", "durable": "yes"},
], ids=str)
def test_a_subscription_that_can_not_be_durable_is_refused(dial, jun, room, headers):
    reader = dial(jun)
    assert reader.subscribe(f"/sub/chat/{room}", **headers).headers["message"] == "bad-frame"


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_transaction_holds_acknowledgements_back(dial_version, mina, jun, room, version):
    reader = dial_version(jun, version)
    reader.subscribe(f"/sub/chat/{room}", ack="client")
    say_many(mina, room, 4)
    messages = reader.messages(4)
    for name in ("kept", "dropped"):
        reader.ask("BEGIN", {"transaction": name})
    names = {"1.1": ("message-id", "message-id"), "1.2": ("id", "ack")}[version]
    for name, message in (("kept", messages[0]), ("dropped", messages[2])):
        reader.send_frame("ACK", {
            names[0]: message.headers[names[1]], "subscription": "s", "transaction": name})
    assert reader.ask("ABORT", {"transaction": "dropped"}).command == "RECEIPT"
    assert reader.ask("COMMIT", {"transaction": "kept"}).command == "RECEIPT"
    reader.close()
    again = dial_version(jun, version)
    again.subscribe(f"/sub/chat/{room}", ack="client", durable="true")
    assert texts(again.messages(3)) == ["2", "3", "4"]


def test_two_sessions_of_one_subscription_share_what_they_acknowledge(dial, mina, jun, room):
    readers = [dial(jun), dial(jun)]
    for reader in readers:
        reader.subscribe(f"/sub/chat/{room}", ack="client-individual")
    say_many(mina, room, 6)
    for number, reader in enumerate(readers):
        for message in reader.messages(6)[number::2][:2]:
            assert acknowledge(reader, "1.2", message).command == "RECEIPT"
    for reader in readers:
        reader.close()
    again = dial(jun)
    again.subscribe(f"/sub/chat/{room}", ack="client-individual", durable="true")
    assert texts(again.messages(2)) == ["5", "6"]
    assert again.waiting == []


def test_what_had_a_receipt_stays_acknowledged_when_the_server_is_killed(tmp_path):
    with Server(tmp_path, *MANY_LOGINS) as server:
        mina, jun = join(server, "Mina"), join(server, "Jun")
        room = mina.make_room()
        with Stomp(WebSocket(server.websocket_url)) as reader:
            reader.connect(jun.token)
            reader.subscribe(f"/sub/chat/{room}", ack="client-individual")
            say_many(mina, room, 40)
            messages = reader.messages(40)
            for message in messages[:30:2]:
                assert acknowledge(reader, "1.2", message).command == "RECEIPT"
            server.kill()
    with Server(tmp_path, *MANY_LOGINS) as server:
        with Stomp(WebSocket(server.websocket_url)) as reader:
            reader.connect(jun.token)
            receipt = reader.subscribe(
                f"/sub/chat/{room}", ack="client-individual", durable="true")
            assert receipt.headers["resume"] == "complete"
            owed = [message.text for message in messages[1:30:2] + messages[30:]]
            assert texts(reader.messages(len(owed))) == owed
            assert reader.waiting == []


def test_what_was_acknowledged_before_the_server_ends_is_kept(tmp_path):
    with Server(tmp_path, *MANY_LOGINS) as server:
        mina, jun = join(server, "Mina"), join(server, "Jun")
        room = mina.make_room()
        with Stomp(WebSocket(server.websocket_url)) as reader:
            reader.connect(jun.token)
            reader.subscribe(f"/sub/chat/{room}", ack="client")
            say_many(mina, room, 5)
            messages = reader.messages(5)
            reader.send_frame("ACK", {"id": messages[3].headers["ack"]})
            # Whatever comes after it is answered shows that the ACK was taken.
            reader.say(room, "6")
            server.terminate()
            reader.error()
        server.wait()
    with Server(tmp_path, *MANY_LOGINS) as server:
        with Stomp(WebSocket(server.websocket_url)) as reader:
            reader.connect(jun.token)
            reader.subscribe(f"/sub/chat/{room}", ack="client", durable="true")
            assert texts(reader.messages(2)) == ["5", "6"]
