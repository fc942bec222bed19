"""Authority while it changes: what an operator, an owner or the user decides reaches open sessions."""

import pytest

from harness.people import MANY_LOGINS, join
from harness.program import Server, add_user, mint_token, petnexus
from harness.tokens import mint

SECRET = b"a secret of thirty-two bytes....."
# What API.md promises, and a machine that is busy with other tests.
PROMISED = 5.0


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A node that shares its key with another backend, has accounts of the operator, and forgets
    nobody who leaves within a test's time."""
    data = tmp_path_factory.mktemp("data") / "data"
    for name in ("sam", "kim", "ada", "leo", "root"):
        add_user(data, name, "correct horse")
    with Server(
            data, "--loops", "2", "--presence-grace", "1h", *MANY_LOGINS,
            settings={"PETNEXUS_JWT_SECRET": SECRET.decode()}) as node:
        node.settings = {"PETNEXUS_JWT_SECRET": SECRET.decode()}
        yield node


def operate(server, *words):
    """Runs a command of the operator's beside the serving node."""
    result = petnexus(*words, "--data", server.data, settings=server.settings)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def error_of(client):
    """The ERROR that ends a session."""
    return client.wait(lambda frame: frame.command == "ERROR", "ERROR", seconds=PROMISED)


def notice(client, queue="e"):
    """The next message of a client's error queue."""
    return client.wait(
        lambda frame: frame.headers.get("subscription") == queue, "a notice", seconds=PROMISED)


# Accounts


@pytest.mark.parametrize("over", ["websocket", "tcp"])
def test_a_disabled_account_loses_every_session_however_it_got_in(server, dial, over):
    name = {"websocket": "sam", "tcp": "kim"}[over]
    token = operate(server, "token", "mint", name)
    by_token, by_password, bystander = dial(over=over), dial(over=over), dial(join(server))
    by_token.connect(token)
    by_password.connect(login=name, passcode="correct horse")
    by_token.subscribe("/user/queue/errors")
    operate(server, "user", "disable", name)
    for client in (by_token, by_password):
        assert error_of(client).headers["message"] == "revoked"
        assert client.end() == (4002 if over == "websocket" else None)
    assert bystander.subscribe("/user/queue/errors").command == "RECEIPT"


def test_an_account_that_is_enabled_again_gets_in(server, dial):
    operate(server, "user", "disable", "ada")
    assert dial().connect(login="ada", passcode="correct horse").command == "ERROR"
    assert operate(server, "user", "enable", "ada") == "ada is enabled"
    client = dial()
    assert client.connect(login="ada", passcode="correct horse").command == "CONNECTED"
    operate(server, "user", "enable", "ada")
    assert client.subscribe("/user/queue/errors").command == "RECEIPT"


def test_a_new_name_stands_under_later_messages_of_open_sessions(server, dial, room):
    person = join(server, "Before")
    reader, writer = dial(join(server)), dial(person)
    reader.subscribe(f"/sub/chat/{room}")
    writer.say(room, "one")
    assert person.rest.put("/api/profile", {"nickname": "After"}).status == 200
    writer.say(room, "two")
    assert [each.json["sender"] for each in reader.messages(2)] == ["Before", "After"]


def test_a_new_password_ends_the_sessions_that_showed_the_old_one(server, dial):
    person = join(server)
    by_password, by_token = dial(), dial(person)
    by_password.connect(login=person.email, passcode=person.password)
    change = {"password": person.password, "newPassword": "another horse"}
    assert person.rest.put("/api/profile", change).status == 200
    assert error_of(by_password).headers["message"] == "revoked"
    assert by_token.subscribe("/user/queue/errors").command == "RECEIPT"
    again = dial()
    assert again.connect(login=person.email, passcode="another horse").command == "CONNECTED"


def test_a_role_is_there_at_once(server, room):
    leo = server.rest.bearing(operate(server, "token", "mint", "leo"))
    somebody = join(server)
    kick = (f"/api/openchat/{room}/kick", {"userId": somebody.id})
    assert leo.post(*kick).error == (403, "C003")
    operate(server, "user", "role", "leo", "ADMIN")
    assert leo.post(*kick).status == 200
    operate(server, "user", "role", "leo", "USER")
    assert leo.post(*kick).error == (403, "C003")


# Rooms


def kick(owner, room, person):
    answer = owner.rest.post(f"/api/openchat/{room}/kick", {"userId": person.id})
    assert answer.status == 200, answer.body


@pytest.mark.parametrize("over", ["websocket", "tcp"])
def test_who_is_kicked_out_of_a_room_hears_so_and_keeps_the_rest(server, mina, room, dial, over):
    other_room = mina.make_room()
    jo = join(server, "Jo")
    client = dial(jo, over=over)
    client.subscribe("/user/queue/errors", "e")
    client.subscribe(f"/sub/chat/{room}", "s")
    client.subscribe(f"/sub/enter/{room}", "enter")
    client.subscribe(f"/sub/events/{room}", "events")
    client.subscribe(f"/sub/chat/{other_room}", "t")
    assert client.say(room, "still here").command == "RECEIPT"
    client.message("s")
    kick(mina, room, jo)
    ended = [notice(client) for _ in range(3)]
    assert {each.headers["code"] for each in ended} == {"forbidden"}
    assert {
        each.headers["subscription-id"]: each.headers["subscription-destination"] for each in ended
    } == {
        "s": f"/sub/chat/{room}", "enter": f"/sub/enter/{room}", "events": f"/sub/events/{room}"}
    for refused in (
            client.say(room, "let me in"), client.subscribe(f"/sub/chat/{room}", "again"),
            client.ask("SEND", {"destination": f"/pub/chat/enter/{room}"})):
        assert (refused.command, refused.headers["code"]) == ("MESSAGE", "forbidden")
    with dial(mina) as owner:
        owner.say(room, "gone")
        owner.say(other_room, "and here?")
    assert client.message("t").text == "and here?"
    assert [each for each in client.waiting if each.headers.get("subscription") == "s"] == []


def test_who_is_kicked_out_is_not_there_any_more_at_once(mina, server, room, dial):
    jo = join(server, "Jo")
    client, owner = dial(jo), dial(mina)
    owner.subscribe(f"/sub/events/{room}", "events")
    client.subscribe("/user/queue/errors", "e")
    client.subscribe(f"/sub/chat/{room}", "s")
    assert owner.message("events").json["type"] == "join"
    kick(mina, room, jo)
    left = owner.message("events").json
    assert (left["type"], left["userId"]) == ("leave", jo.id)
    assert mina.rest.get(f"/api/openchat/{room}/members").json["members"] == []
    assert jo.rest.get(f"/api/openchat/{room}/members").error == (403, "C003")
    typing = client.ask("SEND", {"destination": f"/pub/chat/typing/{room}"})
    assert typing.headers["code"] == "forbidden"


def test_who_listens_for_no_errors_is_sent_away(mina, server, room, dial):
    jo = join(server)
    client = dial(jo)
    client.subscribe(f"/sub/chat/{room}")
    kick(mina, room, jo)
    assert error_of(client).headers["message"] == "forbidden"
    assert client.end() == 1000


def test_who_was_kicked_out_is_kept_out_until_let_in_again(mina, server, room):
    jo = join(server)
    history = f"/api/openchat/room/{room}"
    assert jo.rest.post(f"/api/openchat/{room}/join").status == 200
    assert jo.rest.get(f"/api/openchat/{room}").json["memberCount"] == 2
    kick(mina, room, jo)
    kick(mina, room, jo)
    assert jo.rest.get(f"/api/openchat/{room}").json["memberCount"] == 1
    assert jo.rest.post(f"/api/openchat/{room}/join").error == (403, "C003")
    assert jo.rest.get(history).error == (403, "C003")
    assert jo.rest.post(f"{history}/message", {"message": "hello?"}).error == (403, "C003")
    lift = f"/api/openchat/{room}/kick/{jo.id}"
    assert jo.rest.request("DELETE", lift).error == (403, "C003")
    assert mina.rest.request("DELETE", lift).status == 200
    assert mina.rest.request("DELETE", lift).status == 200
    assert jo.rest.post(f"/api/openchat/{room}/join").status == 200
    assert jo.rest.post(f"{history}/message", {"message": "hello!"}).status == 201
    assert jo.rest.get(f"/api/openchat/{room}").json["memberCount"] == 2


def test_only_the_owner_and_administrators_kick_and_nobody_the_owner(server, mina, jun, room):
    operate(server, "user", "role", "root", "ADMIN")
    root = server.rest.bearing(operate(server, "token", "mint", "root"))
    path = f"/api/openchat/{room}/kick"
    assert jun.rest.post(path, {"userId": mina.id}).error == (403, "C003")
    assert jun.rest.post(path, {"userId": jun.id}).error == (403, "C003")
    assert mina.rest.post(path, {"userId": mina.id}).error == (403, "C003")
    assert root.post(path, {"userId": mina.id}).error == (403, "C003")
    assert root.post(path, {"userId": jun.id}).status == 200
    assert root.request("DELETE", f"{path}/{jun.id}").status == 200


@pytest.mark.parametrize("body, error", [
    ({"userId": 0}, (422, "R002")), ({"userId": "7"}, (422, "R002")), ({}, (422, "R002")),
    (b"{", (400, "R001")),
], ids=str)
def test_an_unusable_kick_is_refused(mina, room, body, error):
    headers = {"Content-Type": "application/json"}
    assert mina.rest.post(f"/api/openchat/{room}/kick", body, headers).error == error


def test_nobody_is_kicked_out_of_a_room_that_is_not_there(mina, jun):
    assert mina.rest.post("/api/openchat/999999/kick", {"userId": jun.id}).error == (404, "C001")
    assert mina.rest.request("DELETE", f"/api/openchat/999999/kick/{jun.id}").error == (404, "C001")
    assert mina.rest.post("/api/openchat/999999/kick", {"userId": jun.id}).code == "C001"


# Tokens


def renew(client, token):
    return client.ask("SEND", {"destination": "/pub/session/token", "Authorization": f"Bearer {token}"})


def test_a_fresh_token_that_grants_less_ends_what_it_does_not_grant(dial):
    client = dial()
    client.connect(mint(SECRET, subscribe=["/topic/**"], publish=["/topic/**"]))
    client.subscribe("/user/queue/errors", "e")
    client.subscribe("/topic/news.cats", "cats")
    client.subscribe("/topic/news.dogs", "dogs")
    narrow = mint(SECRET, subscribe=["/topic/news.dogs"], publish=["/topic/news.dogs"])
    assert renew(client, narrow).command == "RECEIPT"
    assert notice(client).headers["subscription-id"] == "cats"
    refused = client.ask("SEND", {"destination": "/topic/news.cats"}, b"meow")
    assert refused.headers["code"] == "forbidden"
    assert client.ask("SEND", {"destination": "/topic/news.dogs"}, b"woof").command == "RECEIPT"
    assert client.message("dogs").body == b"woof"


def test_a_fresh_token_of_the_same_session_takes_the_place_of_one_that_is_logged_out(server, dial):
    person = join(server)
    client = dial(person)
    headers = {"Cookie": f"refreshToken={person.cookies['refreshToken']}", "Origin": server.url}
    granted = server.rest.post("/api/user/token", headers=headers)
    assert renew(client, granted.json["accessToken"]).command == "RECEIPT"
    # Without the refresh token, logging out ends the old access token alone.
    assert person.rest.post("/api/user/logout").status == 200
    assert client.subscribe("/user/queue/errors", "e").command == "RECEIPT"
    assert server.rest.bearing(granted.json["accessToken"]).post("/api/user/logout").status == 200
    assert error_of(client).headers["message"] == "revoked"


def test_a_fresh_token_carries_the_name_its_backend_gives(server, dial, room):
    client, reader = dial(), dial(join(server))
    reader.subscribe(f"/sub/chat/{room}")
    client.connect(mint(SECRET, name="Guest"))
    client.say(room, "one")
    assert renew(client, mint(SECRET, name="Renamed guest")).command == "RECEIPT"
    client.say(room, "two")
    assert [each.json["sender"] for each in reader.messages(2)] == ["Guest", "Renamed guest"]


def test_a_disabled_account_is_shut_out_under_tokens_of_other_backends_too(server, dial):
    person = join(server)
    client = dial()
    client.connect(mint(SECRET, sub=str(person.id)))
    operate(server, "user", "disable", person.email)
    assert error_of(client).headers["message"] == "revoked"
