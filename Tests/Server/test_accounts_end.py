"""New passwords, and accounts that are deleted with what they left, on each kind of store."""

import pytest

from harness.stomp_client import Stomp, WebSocket
from harness.waiting import until

TRADE = {"title": "Leash", "content": "Red", "category": "ITEM", "price": 5000}
# What API.md promises, and a machine that is busy with other tests.
PROMISED = 5.0


def sign_in(site, person, password=None):
    """Another session of somebody's; answers with its token and its refresh token."""
    answer = site.rest.post(
        "/api/user/login", {"email": person.email, "password": password or person.password})
    assert answer.status == 200, answer.body
    return answer.json["accessToken"], answer.cookies["refreshToken"].split(";")[0]


def rotate(site, refresh_token):
    return site.rest.request(
        "POST", "/api/user/token",
        headers={"Cookie": f"refreshToken={refresh_token}", "Origin": site.rest.url})


def test_a_new_password_ends_the_other_sessions_and_their_sockets(site):
    mina = site.join("Mina")
    other_token, other_refresh = sign_in(site, mina)
    with Stomp(WebSocket(site.server.websocket_url)) as mine, \
            Stomp(WebSocket(site.server.websocket_url)) as other:
        mine.connect(mina.token)
        other.connect(other_token)
        change = {"password": mina.password, "newPassword": "battery staple"}
        assert mina.rest.put("/api/profile", change).status == 200
        ended = other.wait(lambda frame: frame.command == "ERROR", "ERROR", seconds=PROMISED)
        assert ended.headers["message"] == "revoked"
        assert mine.subscribe("/user/queue/errors").command == "RECEIPT"
    assert site.rest.bearing(other_token).get("/api/profile").error == (401, "TK004")
    assert rotate(site, other_refresh).status == 401
    assert mina.rest.get("/api/profile").status == 200
    assert rotate(site, mina.cookies["refreshToken"]).status == 200
    sign_in(site, mina, "battery staple")


def test_a_wrong_password_changes_and_deletes_nothing(site):
    mina = site.join("Mina")
    change = {"password": "wrong horse", "newPassword": "battery staple"}
    assert mina.rest.put("/api/profile", change).error == (401, "U002")
    assert mina.rest.request("DELETE", "/api/profile", {"password": "wrong horse"}).error == (
        401, "U002")
    assert mina.rest.request("DELETE", "/api/profile", {}).refused_fields == ["password"]
    assert mina.rest.get("/api/profile").status == 200


@pytest.fixture(scope="module")
def left(site):
    """What is there after somebody has deleted their account, who had left a little of everything."""
    gone, jun = site.join("Gone"), site.join("Jun")
    theirs = jun.rest.post("/api/post", {"title": "By Jun", "content": "x"}).json["id"]
    post = gone.rest.post("/api/post", {"title": "By Gone", "content": "x"}).json["id"]
    trade = gone.rest.post("/api/trade", TRADE).json["id"]
    room = gone.make_room("By Gone")
    shared = jun.make_room("By Jun")
    gone.rest.post(f"/api/openchat/{shared}/join")
    gone.rest.post(f"/api/openchat/room/{shared}/message", {"message": "I was here"})
    gone.rest.post(f"/api/post/{theirs}/comment", {"content": "Nice"})
    gone.rest.post(f"/api/post/{theirs}/like")
    gone.rest.post(f"/api/post/{theirs}/bookmark")
    chat = jun.rest.post(f"/api/tradechat/{trade}").json["id"]
    gone.rest.post("/api/profile/pet", {"petName": "Bori", "petType": "DOG", "petGender": "MALE"})
    with Stomp(WebSocket(site.server.websocket_url)) as client:
        client.connect(gone.token)
        answer = gone.rest.request("DELETE", "/api/profile", {"password": gone.password})
        assert answer.status == 200 and answer.cookies["accessToken"].startswith(";")
        error = client.wait(lambda frame: frame.command == "ERROR", "ERROR", seconds=PROMISED)
        assert error.headers["message"] == "revoked"
    return {
        "gone": gone, "jun": jun, "theirs": theirs, "post": post, "trade": trade, "room": room,
        "shared": shared, "chat": chat}


def test_a_deleted_account_cannot_be_used(site, left):
    gone = left["gone"]
    assert gone.rest.get("/api/profile").error == (401, "TK004")
    credentials = {"email": gone.email, "password": gone.password}
    assert site.rest.post("/api/user/login", credentials).error == (401, "U002")
    assert rotate(site, gone.cookies["refreshToken"]).status == 401


def test_its_address_is_free_again(site, left):
    body = {"email": left["gone"].email, "password": "another horse"}
    made = site.rest.post("/api/user/signup", body)
    assert made.status == 201 and made.json["id"] != left["gone"].id


def test_what_it_wrote_goes(left):
    rest = left["jun"].rest
    for path in (
            f"/api/post/{left['post']}", f"/api/trade/{left['trade']}",
            f"/api/openchat/{left['room']}", f"/api/tradechat/room/{left['chat']}"):
        until(lambda path=path: rest.get(path).status == 404, path)

    def counts():
        post = rest.get(f"/api/post/{left['theirs']}").json
        return post["commentCount"], post["likeCount"], post["bookmarkCount"]

    until(lambda: counts() == (0, 0, 0), "comments, likes and bookmarks")
    until(
        lambda: rest.get(f"/api/openchat/{left['shared']}").json["memberCount"] == 1,
        "the membership")


def test_what_it_said_to_others_stays_under_no_name(left):
    rest = left["jun"].rest
    message, = rest.get(f"/api/openchat/room/{left['shared']}").json["chatList"]
    assert (message["message"], message["sender"]) == ("I was here", "(deleted)")
    mine = rest.get("/api/chat/rooms?size=100").json["content"]
    last, = [each["lastMessage"] for each in mine if each["roomId"] == left["shared"]]
    assert last["sender"] == "(deleted)"
