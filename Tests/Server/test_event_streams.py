"""Server-Sent Events of the real program, through libraries that others use."""

import time
from contextlib import contextmanager

import pytest

from harness.event_stream import READERS, Follower, Listener, Refused
from harness.people import MANY_LOGINS, NO_RATE, join
from harness.ports import free_port
from harness.program import Server, petnexus
from harness.tokens import mint
from harness.waiting import until

SECRET = b"a secret of thirty-two bytes....."
# What API.md promises is one second; the rest is for a busy machine.
PROMISED = 5.0


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A node that forgets who left at once, allows three streams and logs all it has to say."""
    data = tmp_path_factory.mktemp("data")
    with Server(
            data, "--presence-grace", "0s", "--streams-per-user-max", "3", "--log-level", "debug",
            "--allowed-origin", "https://pets.example", "--room-history-max", "50", "--open-topics",
            *MANY_LOGINS, *NO_RATE,
            settings={"PETNEXUS_JWT_SECRET": SECRET.decode()}) as node:
        yield node


@pytest.fixture
def listen(server):
    """Opens streams of rooms; each is closed when the test ends."""
    opened = []

    def open_stream(person, room, query="", **options):
        stream = Listener(f"{server.url}{path(room)}{query}", person.token, **options)
        opened.append(stream)
        return stream

    yield open_stream
    for stream in opened:
        stream.close()


def path(room):
    return f"/api/openchat/room/{room}/stream"


def say(person, room, *texts):
    for text in texts:
        answer = person.rest.post(f"/api/openchat/room/{room}/message", {"message": text})
        assert answer.status == 201, answer.body
    return answer.json["position"]


def ticket(person):
    answer = person.rest.post("/api/stream-tickets")
    assert (answer.status, answer.json["expiresIn"]) == (201, 30)
    return answer.json["ticket"]


@contextmanager
def refusal():
    """What a stream that is not given is refused with; filled in at the end of the context."""
    answer = {}
    with pytest.raises(Refused) as caught:
        yield answer
    answer.update(error=caught.value.error, headers=caught.value.headers)


def error_of(stream):
    """The code of the event that ends a stream."""
    last = stream.rest(PROMISED)[-1]
    assert last.name == "error"
    return last.json["code"]


# What it brings


@pytest.mark.parametrize("reader", READERS)
def test_a_stream_says_where_it_begins_and_then_what_is_said(mina, jun, room, listen, reader):
    before = say(mina, room, "before")
    stream = listen(mina, room, reader=reader)
    assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert stream.headers["cache-control"] == "no-store"
    assert stream.headers["x-accel-buffering"] == "no"
    first = stream.next()
    assert (first.name, first.id) == ("connected", before)
    assert first.json == {"resume": "complete", "position": before}
    assert stream.next("live").json == {}
    position = say(jun, room, "안녕 🐾\nand more")
    message = stream.next("message")
    assert message.id == position
    assert message.json["message"] == "안녕 🐾\nand more"
    assert (message.json["senderId"], message.json["sender"]) == (jun.id, "Jun")


def test_a_stream_tells_who_comes_types_reads_and_goes(mina, jun, room, listen, dial):
    assert jun.rest.post(f"/api/openchat/{room}/join").status == 200
    position = say(mina, room, "hello")
    stream = listen(mina, room)
    stream.next("live")
    client = dial(jun)
    client.subscribe(f"/sub/chat/{room}")
    joined = stream.next("presence")
    while joined.json["userId"] != jun.id:
        joined = stream.next("presence")
    assert joined.json["type"] == "join"
    client.ask("SEND", {"destination": f"/pub/chat/typing/{room}"})
    typing = stream.next("typing")
    assert (typing.json["userId"], typing.json["typing"]) == (jun.id, True)
    # What the client has seen of the messages stays.
    assert typing.id in ("", position)
    client.ask("SEND", {"destination": f"/pub/chat/read/{room}"})
    assert stream.next("read").json["position"] == position
    client.close()
    assert stream.next("presence").json["type"] == "leave"


def test_whoever_streams_a_room_is_there(mina, jun, room, listen):
    def names():
        members = mina.rest.get(f"/api/openchat/{room}/members").json["members"]
        return [each["name"] for each in members]

    stream = listen(jun, room)
    until(lambda: names() == ["Jun"], "Jun is there")
    stream.close()
    until(lambda: names() == [], "Jun is gone")


@pytest.mark.parametrize("reader", READERS)
def test_notifications_are_a_stream_of_their_own(server, jun, reader):
    author = join(server, "Author")
    post = author.rest.post("/api/post", {"title": "Walks", "content": "Who comes?"}).json["id"]

    def comment(text):
        made = jun.rest.post(f"/api/post/{post}/comment", {"content": text})
        assert made.status == 201, made.body

    url = f"{server.url}/api/notifications/connect"
    with Listener(url, author.token, reader) as stream:
        first = stream.next()
        assert (first.name, first.json["resume"]) == ("connected", "complete")
        comment("Me!")
        event = stream.next()
    assert event.name == "sse"
    assert event.json["content"] == "Jun 💬 Walks"
    assert [event.json] == author.rest.get("/api/notifications").json["content"]
    comment("And me!")
    with Listener(url, author.token, reader, Last_Event_ID=event.id) as stream:
        assert stream.next().json == {"resume": "complete", "position": event.id}
        assert stream.next().json["id"] != event.json["id"]


def test_the_two_of_a_trade_stream_their_room_and_nobody_else(server, mina, jun):
    trade = mina.rest.post("/api/trade", {
        "title": "Leash", "content": "Red", "price": 1000, "category": "ITEM", "address": ""})
    room = jun.rest.post(f"/api/tradechat/{trade.json['id']}").json["id"]
    url = f"{server.url}/api/tradechat/room/{room}/stream"
    with Listener(url, mina.token) as seller, Listener(url, jun.token) as buyer:
        for stream in (seller, buyer):
            stream.next("live")
        said = jun.rest.post(f"/api/tradechat/room/{room}/message", {"message": "Still there?"})
        for stream in (seller, buyer):
            message = stream.next("message")
            assert (message.id, message.json["message"]) == (said.json["position"], "Still there?")
        with refusal() as answer:
            Listener(url, join(server).token)
        assert answer["error"][0] == 403
        assert mina.rest.request("DELETE", f"/api/tradechat/{room}").status == 200
        for stream in (seller, buyer):
            assert error_of(stream) == "no-such-destination"


# Where it begins


@pytest.mark.parametrize("reader", READERS)
def test_a_client_that_comes_back_is_given_what_it_missed(mina, room, listen, reader):
    position = say(mina, room, "1", "2")
    say(mina, room, "3", "4")
    for options in ({"query": f"?after={position}"}, {"Last_Event_ID": position},
                    {"query": "?after=1:1", "Last_Event_ID": position}):
        with listen(mina, room, reader=reader, **options) as stream:
            first = stream.next()
            assert first.json == {"resume": "complete", "position": position}
            assert [stream.next().json["message"] for _ in range(2)] == ["3", "4"]
            assert stream.next().name == "live"


def test_who_was_away_too_long_is_told_so(mina, room, listen):
    position = say(mina, room, "early")
    newest = say(mina, room, *map(str, range(70)))
    epoch = position.partition(":")[0]
    stream = listen(mina, room, f"?after={position}")
    first = stream.next()
    assert first.json["resume"] == "gap"
    assert first.id == first.json["position"]
    reached = int(first.id.partition(":")[2])
    last = int(newest.partition(":")[2])
    assert last - reached >= 50
    ids = [stream.next("message").id for _ in range(last - reached)]
    assert ids == [f"{epoch}:{offset}" for offset in range(reached + 1, last + 1)]


@pytest.mark.parametrize("seen", ["1:1", "something else"])
def test_what_another_stream_said_is_worth_nothing(mina, room, listen, seen):
    newest = say(mina, room, "1")
    first = listen(mina, room, Last_Event_ID=seen).next()
    assert first.json == {"resume": "reset", "position": newest}


def test_an_unreadable_position_in_the_address_is_refused(mina, room, listen):
    with refusal() as answer:
        listen(mina, room, "?after=here")
    assert answer["error"] == (400, "R008")


@pytest.mark.parametrize("reader", READERS)
def test_each_client_resumes_exactly_across_crashes_and_its_own(tmp_path, reader):
    port, data = free_port(), tmp_path / "data"
    flags = ("--loops", "2", *MANY_LOGINS, *NO_RATE)
    with Server(data, *flags, port=port) as first:
        mina = join(first, "Mina")
        room = mina.make_room()
        with Follower([f"{first.url}{path(room)}"], mina.token, reader) as follower:
            follower.wait_for_beginning()
            say(mina, room, *map(str, range(50)))
            follower.wait_for(50)
            follower.cut()
            say(mina, room, *map(str, range(50, 100)))
            first.kill()
            with Server(data, *flags, port=port) as second:
                say(mina, room, *map(str, range(100, 150)))
                follower.wait_for(150)
                second.kill()
                with Server(data, *flags, port=port) as third:
                    say(mina, room, *map(str, range(150, 200)))
                    follower.wait_for(200)
                    third.terminate()
                    assert third.wait(30) == 0
                    with Server(data, *flags, port=port):
                        say(mina, room, "200")
                        follower.wait_for(201)
            assert [each["message"] for each in follower.messages] == list(map(str, range(201)))
            assert [each["id"] for each in follower.messages] == list(range(1, 202))
            assert set(follower.resumes) == {"complete"}
            assert len(follower.resumes) >= 5


# Who may


def test_nobody_streams_without_a_name(server, room):
    url = f"{server.url}{path(room)}"
    for options, error in (
            ({}, (401, "TK001")), ({"token": "no token"}, (401, "TK002")),
            ({"Cookie": "accessToken=no token"}, (401, "TK002"))):
        with refusal() as answer:
            Listener(url, **options)
        assert answer["error"] == error


def test_a_cookie_is_enough_to_read_and_no_page_of_another_site_can(server, mina, room):
    options = {"Cookie": mina.cookies and f"accessToken={mina.cookies['accessToken']}"}
    with Listener(f"{server.url}{path(room)}", Origin="https://evil.example", **options) as stream:
        assert stream.next().name == "connected"
        assert "access-control-allow-origin" not in stream.headers
    with Listener(f"{server.url}{path(room)}", Origin="https://pets.example", **options) as stream:
        assert stream.headers["access-control-allow-origin"] == "https://pets.example"


def test_rooms_that_are_not_there_or_not_for_everybody_are_refused(server, mina, jun, room, listen):
    with refusal() as answer:
        listen(jun, 999_999)
    assert answer["error"] == (404, "C001")
    kick = {"userId": jun.id}
    assert mina.rest.post(f"/api/openchat/{room}/kick", kick).status == 200
    with refusal() as answer:
        listen(jun, room)
    assert answer["error"] == (403, "C003")
    assert server.rest.bearing(mina.token).post(path(room)).error == (405, "R004")


def test_a_ticket_opens_one_stream(server, mina, room):
    def url(ticket):
        return f"{server.url}{path(room)}?ticket={ticket}"

    once = ticket(mina)
    # Who only asks what it would be has not had it.
    assert server.rest.request("HEAD", f"{path(room)}?ticket={once}").status == 200
    with Listener(url(once)) as stream:
        assert stream.next().name == "connected"
    for used_or_not in (once, "", "A" * 32, "한국어"):
        with refusal() as answer:
            Listener(url(used_or_not), Cookie=f"accessToken={mina.token}")
        assert answer["error"] == (401, "TK002")
    assert [line for line in server.log if once in line] == []


def test_a_ticket_is_given_to_who_is_signed_in(server, mina):
    assert server.rest.post("/api/stream-tickets").error == (401, "TK001")
    cookie = {"Cookie": f"accessToken={mina.token}"}
    assert server.rest.post("/api/stream-tickets", headers=cookie).error == (403, "R007")


def test_a_ticket_and_its_stream_end_with_the_token_that_it_was_made_with(server, room):
    person = join(server)
    url = f"{server.url}{path(room)}?ticket="
    with Listener(url + ticket(person)) as stream:
        assert stream.next().name == "connected"
        unused = ticket(person)
        assert person.rest.post("/api/user/logout").status == 200
        assert error_of(stream) == "revoked"
    with refusal() as answer:
        Listener(url + unused)
    assert answer["error"] == (401, "TK004")


def test_a_user_has_so_many_streams_and_no_more(server, room, listen):
    person = join(server)
    streams = [listen(person, room) for _ in range(3)]
    with refusal() as answer:
        listen(person, room)
    assert answer["error"] == (429, "R006")
    assert int(answer["headers"]["retry-after"]) > 0
    streams[0].close()

    def gets_in():
        try:
            return listen(person, room)
        except Refused:
            return None

    until(gets_in, "a place that was left is free")


# How it ends


def test_a_stream_ends_with_its_token(server, room):
    # The clocks of others may be half a minute wrong.
    token = mint(SECRET, sub="77", lifetime=-27)
    with Listener(f"{server.url}{path(room)}", token) as stream:
        assert stream.next().name == "connected"
        assert error_of(stream) == "token-expired"
    with refusal() as answer:
        Listener(f"{server.url}{path(room)}", token)
    assert answer["error"] == (401, "TK003")


def test_who_is_kicked_out_or_shut_out_hears_nothing_more(server, mina, room, listen):
    settings = {"PETNEXUS_JWT_SECRET": SECRET.decode()}
    jo, sam = join(server, "Jo"), join(server, "Sam")
    kicked, disabled, bystander = listen(jo, room), listen(sam, room), listen(mina, room)
    for stream in (kicked, disabled, bystander):
        stream.next("live")
    assert mina.rest.post(f"/api/openchat/{room}/kick", {"userId": jo.id}).status == 200
    assert error_of(kicked) == "forbidden"
    result = petnexus(
        "user", "disable", sam.email, "--data", server.data, settings=settings)
    assert result.returncode == 0, result.stderr
    assert error_of(disabled) == "revoked"
    say(mina, room, "gone")
    assert bystander.next("message").json["message"] == "gone"


def test_a_node_that_goes_away_tells_each_stream_when_to_come_back(tmp_path):
    with Server(tmp_path, *MANY_LOGINS) as node:
        mina = join(node)
        room = mina.make_room()
        streams = [Listener(f"{node.url}{path(room)}", mina.token) for _ in range(10)]
        for stream in streams:
            stream.next("live")
        node.terminate()
        began = time.monotonic()
        lasts = [stream.rest()[-1] for stream in streams]
        assert node.wait() == 0
        assert time.monotonic() - began < 10
        assert {(each.name, each.json["code"]) for each in lasts} == {("error", "going-away")}
        delays = [each.retry for each in lasts]
        assert all(500 <= each <= 2_500 for each in delays)
        assert len(set(delays)) > 1
        assert [each.json["retryAfterMs"] for each in lasts] == delays
