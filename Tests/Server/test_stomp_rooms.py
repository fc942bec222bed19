"""Chat rooms over STOMP: receipts, order, resuming, history, and what members are told."""

import json
import threading

import pytest

from harness.people import MANY_LOGINS, join
from harness.program import Server
from harness.stomp_client import TCP, Stomp, WebSocket


def epoch_of(frame):
    return frame.headers["position"].partition(":")[0]


def texts(frames):
    return [frame.text for frame in frames]


@pytest.mark.parametrize("over", ["websocket", "tcp"])
def test_members_receive_what_is_said_with_the_verified_sender(dial, mina, jun, room, over):
    writer, reader = dial(mina), dial(jun, over=over)
    reader.subscribe(f"/sub/chat/{room}", id="a:b\\c\n")
    body = {
        "message": "안녕 🐈 <b>", "sender": "Admin", "senderId": 1, "roomId": 99, "type": "TALK"}
    receipt = writer.ask(
        "SEND", {"destination": f"/pub/chat/message/{room}"}, json.dumps(body).encode())
    message = reader.message("a:b\\c\n")
    assert receipt.headers["position"] == message.headers["position"] == message.headers["message-id"]
    assert "duplicate" not in receipt.headers
    assert message.headers["destination"] == f"/sub/chat/{room}"
    assert message.headers["sender"] == str(mina.id)
    assert message.headers["content-type"].startswith("application/json")
    assert int(message.headers["timestamp"]) > 1_700_000_000_000
    said = message.json
    assert (said["id"], said["roomId"], said["senderId"], said["sender"], said["message"]) == (
        message.offset, room, mina.id, "Mina", "안녕 🐈 <b>")
    assert mina.history(room) == [said]


def test_the_writer_is_told_like_every_member(dial, mina, room):
    client = dial(mina)
    client.subscribe(f"/sub/chat/{room}")
    client.say(room, "hello")
    assert client.message().text == "hello"


def test_what_is_sent_over_rest_reaches_members(dial, mina, jun, room):
    reader = dial(jun)
    reader.subscribe(f"/sub/chat/{room}")
    sent = mina.rest.post(f"/api/openchat/room/{room}/message", {"message": "by post"})
    message = reader.message()
    assert (message.text, message.headers["position"]) == ("by post", sent.json["position"])


def test_rooms_are_apart(dial, mina, room):
    other = mina.make_room()
    client = dial(mina)
    client.subscribe(f"/sub/chat/{room}", id="here")
    client.subscribe(f"/sub/chat/{other}", id="there")
    client.say(other, "there")
    client.say(room, "here")
    assert client.message("here").text == "here"
    assert client.message("there").text == "there"
    assert client.waiting == []


def test_nothing_comes_after_unsubscribing(dial, mina, room):
    client = dial(mina)
    client.subscribe(f"/sub/chat/{room}", id="a")
    client.subscribe(f"/sub/chat/{room}", id="b")
    assert client.ask("UNSUBSCRIBE", {"id": "a"}).command == "RECEIPT"
    client.say(room, "hello")
    assert client.message("b").text == "hello"
    assert client.waiting == []


def test_the_same_key_stores_once(dial, mina, jun, room):
    client, other = dial(mina), dial(jun)
    first = client.say(room, "once", idempotency_key="k")
    again = client.say(room, "once", idempotency_key="k")
    by_post = mina.rest.post(
        f"/api/openchat/room/{room}/message", {"message": "once"}, {"Idempotency-Key": "k"})
    assert again.headers["position"] == first.headers["position"] == by_post.json["position"]
    assert again.headers["duplicate"] == "true" and by_post.json["duplicate"]
    assert "duplicate" not in other.say(room, "mine", idempotency_key="k").headers
    assert [each["message"] for each in mina.history(room)] == ["once", "mine"]


@pytest.mark.parametrize("body", [
    b"", b"hello", b"{}", b"[]", b'{"message":7}', b'{"message":null}', b'{"message":""}',
    b'{"message":" \\n "}', b'{"message":"x"', b"\xff\xfe",
], ids=repr)
def test_a_body_of_the_wrong_shape_is_refused_and_harms_nobody(dial, mina, jun, room, body):
    writer, bystander = dial(mina), dial(jun)
    bystander.subscribe(f"/sub/chat/{room}")
    refused = writer.ask("SEND", {"destination": f"/pub/chat/message/{room}"}, body)
    assert refused.headers["message"] == "bad-frame"
    assert writer.end() == 1002
    assert bystander.say(room, "still here").offset == 1
    assert bystander.message().text == "still here"


def test_a_text_that_is_too_long_is_refused_and_the_session_goes_on(dial, mina, room):
    client = dial(mina)
    client.subscribe("/user/queue/errors", id="errors")
    assert client.say(room, "x" * 32_768).command == "RECEIPT"
    assert client.say(room, "x" * 32_769).headers["code"] == "too-large"
    assert client.say(room, "short").offset == 2


def test_who_enters_is_announced_by_the_name_the_server_knows(dial, mina, jun, room):
    client, other = dial(mina), dial(jun)
    client.subscribe(f"/sub/enter/{room}")
    sent = {"destination": f"/pub/chat/enter/{room}"}
    assert other.ask("SEND", sent, b'{"sender":"Admin"}').command == "RECEIPT"
    entered = client.message().json
    assert (entered["senderId"], entered["sender"], entered["roomId"]) == (jun.id, "Jun", room)
    assert mina.history(room) == []


# Resuming


def say_many(client, room, numbers):
    return [client.say(room, str(number)) for number in numbers]


def test_a_subscription_resumes_after_its_position_and_goes_on_live(dial, mina, jun, room):
    writer, reader = dial(mina), dial(jun)
    receipts = say_many(writer, room, range(1, 6))
    position = receipts[1].headers["position"]
    receipt = reader.subscribe(f"/sub/chat/{room}", position=position)
    assert receipt.headers["resume"] == "complete"
    assert receipt.headers["position"] == receipts[4].headers["position"]
    assert texts(reader.messages(3)) == ["3", "4", "5"]
    say_many(writer, room, [6])
    assert reader.message().text == "6"


def test_a_resume_from_the_newest_position_brings_nothing(dial, mina, room):
    client = dial(mina)
    position = client.say(room, "hello").headers["position"]
    receipt = client.subscribe(f"/sub/chat/{room}", position=position)
    assert (receipt.headers["resume"], receipt.headers["position"]) == ("complete", position)
    assert client.waiting == []


def test_the_position_of_a_rest_snapshot_misses_nothing(dial, mina, jun, room):
    writer, reader = dial(mina), dial(jun)
    empty = mina.rest.get(f"/api/openchat/room/{room}").json["position"]
    say_many(writer, room, range(1, 4))
    receipt = reader.subscribe(f"/sub/chat/{room}", position=empty)
    assert receipt.headers["resume"] == "complete"
    assert texts(reader.messages(3)) == ["1", "2", "3"]


@pytest.mark.parametrize("stranger", ["another epoch", "the future"])
def test_a_position_that_cannot_be_ours_is_reset(dial, mina, room, stranger):
    client = dial(mina)
    newest = client.say(room, "hello").headers["position"]
    position = "1:1" if stranger == "another epoch" else newest.partition(":")[0] + ":1000"
    receipt = client.subscribe(f"/sub/chat/{room}", position=position)
    assert (receipt.headers["resume"], receipt.headers["position"]) == ("reset", newest)
    assert client.waiting == []
    client.say(room, "and on")
    assert client.message().text == "and on"


def test_a_long_absence_is_caught_up_in_order_while_others_write(dial, mina, jun, room):
    writer, reader = dial(mina), dial(jun)
    first = say_many(writer, room, range(1, 1201))[0]
    reader.send_frame("SUBSCRIBE", {
        "id": "s", "destination": f"/sub/chat/{room}", "receipt": "sub",
        "position": first.headers["position"]})
    say_many(writer, room, range(1201, 1251))
    assert texts(reader.messages(1249)) == [str(number) for number in range(2, 1251)]
    receipt = reader.wait(lambda frame: frame.headers.get("receipt-id") == "sub", "the receipt")
    assert receipt.headers["resume"] == "complete" and receipt.offset >= 1200


@pytest.mark.parametrize("count, said", [(0, []), (2, ["4", "5"]), (100, ["1", "2", "3", "4", "5"])])
def test_the_last_messages_come_first_when_asked_for(dial, mina, room, count, said):
    client = dial(mina)
    say_many(client, room, range(1, 6))
    receipt = client.subscribe(f"/sub/chat/{room}", history=count)
    assert receipt.headers["resume"] == "complete" and receipt.offset == 5
    assert texts(client.messages(len(said))) == said and client.waiting == []


def test_history_that_is_gone_is_a_gap(tmp_path):
    flags = ("--room-history-max", "3", *MANY_LOGINS)
    with Server(tmp_path / "data", *flags) as server:
        mina = join(server)
        room = mina.make_room()
        with Stomp(WebSocket(server.websocket_url)) as client:
            client.connect(mina.token)
            first = say_many(client, room, range(1, 9))[0]
    # A node that starts anew holds nothing in memory beyond what is kept.
    with Server(tmp_path / "data", *flags) as server, Stomp(TCP(server.stomp_port)) as client:
        client.connect(mina.token)
        receipt = client.subscribe(f"/sub/chat/{room}", position=first.headers["position"])
        assert receipt.headers["resume"] == "gap"
        assert texts(client.messages(3)) == ["6", "7", "8"]


def test_a_position_holds_after_a_restart_in_stomp_and_rest(tmp_path):
    with Server(tmp_path / "data", *MANY_LOGINS) as server:
        mina = join(server)
        room = mina.make_room()
        with Stomp(WebSocket(server.websocket_url)) as client:
            client.connect(mina.token)
            receipts = say_many(client, room, range(1, 4))
    with Server(tmp_path / "data", *MANY_LOGINS) as server, Stomp(TCP(server.stomp_port)) as client:
        client.connect(mina.token)
        position = receipts[0].headers["position"]
        receipt = client.subscribe(f"/sub/chat/{room}", position=position)
        assert receipt.headers["resume"] == "complete"
        assert texts(client.messages(2)) == ["2", "3"]
        page = server.rest.bearing(mina.token).get(f"/api/openchat/room/{room}?after={position}")
        assert [each["message"] for each in page.json["chatList"]] == ["2", "3"]
        assert client.say(room, "4").headers["position"] == epoch_of(receipts[0]) + ":4"


# Transactions


def test_a_transaction_is_heard_when_it_is_committed(dial, mina, jun, room):
    writer, reader = dial(mina), dial(jun)
    reader.subscribe(f"/sub/chat/{room}")
    assert writer.ask("BEGIN", {"transaction": "t"}).command == "RECEIPT"
    for number in range(3):
        writer.send_frame(
            "SEND", {"destination": f"/pub/chat/message/{room}", "transaction": "t"},
            json.dumps({"message": f"inside {number}"}).encode())
    assert writer.say(room, "outside").offset == 1
    assert writer.ask("COMMIT", {"transaction": "t"}).command == "RECEIPT"
    assert texts(reader.messages(4)) == ["outside", "inside 0", "inside 1", "inside 2"]


def test_a_transaction_that_is_aborted_is_never_heard(dial, mina, room):
    client = dial(mina)
    client.subscribe(f"/sub/chat/{room}")
    client.ask("BEGIN", {"transaction": "t"})
    client.send_frame(
        "SEND", {"destination": f"/pub/chat/message/{room}", "transaction": "t"},
        b'{"message":"never"}')
    assert client.ask("ABORT", {"transaction": "t"}).command == "RECEIPT"
    client.say(room, "after")
    assert client.message().text == "after"
    assert len(mina.history(room)) == 1


def test_a_transaction_is_opened_once(dial, mina):
    client = dial(mina)
    client.ask("BEGIN", {"transaction": "t"})
    assert client.ask("BEGIN", {"transaction": "t"}).headers["message"] == "bad-frame"


# Topics


@pytest.mark.parametrize("over", ["websocket", "tcp"])
def test_a_topic_passes_binary_bodies_through_untouched(dial, mina, jun, over):
    writer, reader = dial(mina, over=over), dial(jun, over=over)
    reader.subscribe("/topic/photos")
    body = bytes(range(256)) * 4 + b"\0\0"
    headers = {
        "destination": "/topic/photos", "content-type": "image/x-test", "content-length": len(body)}
    assert writer.ask("SEND", headers, body).command == "RECEIPT"
    message = reader.message()
    assert message.body == body
    assert message.headers["content-type"] == "image/x-test"
    assert message.headers["sender"] == str(mina.id)


# Order


def test_members_on_all_loops_see_one_order(server, mina, jun, room):
    """Connections are dealt to the loops in turn, so both loops have readers and writers."""
    readers = [Stomp(TCP(server.stomp_port)) for _ in range(4)]
    writers = [Stomp(WebSocket(server.websocket_url)) for _ in range(6)]
    count = 50
    for client, person in zip(readers + writers, [mina, jun] * 5):
        client.connect(person.token)
    for reader in readers:
        reader.subscribe(f"/sub/chat/{room}")

    def write(number):
        for turn in range(count):
            writers[number].send_frame(
                "SEND", {"destination": f"/pub/chat/message/{room}"},
                json.dumps({"message": f"{number} {turn}"}).encode())

    threads = [threading.Thread(target=write, args=[number]) for number in range(len(writers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen = [
        [(frame.offset, frame.text) for frame in reader.messages(count * len(writers))]
        for reader in readers
    ]
    for client in readers + writers:
        client.close()
    assert all(sequence == seen[0] for sequence in seen)
    assert [offset for offset, _ in seen[0]] == list(range(1, count * len(writers) + 1))
    assert [(each["id"], each["message"]) for each in mina.history(room)] == seen[0]
    for number in range(len(writers)):
        own = [text for _, text in seen[0] if text.startswith(f"{number} ")]
        assert own == [f"{number} {turn}" for turn in range(count)]
