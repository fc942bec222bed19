"""The rooms of buyers and sellers, over REST and STOMP, on each kind of store."""

import json

import pytest

from harness.stomp_client import Stomp, WebSocket

TRADE = {"title": "Leash", "content": "Red", "category": "ITEM", "price": 5000}


@pytest.fixture(scope="module")
def seller(site):
    return site.join("Seller")


@pytest.fixture(scope="module")
def buyer(site):
    return site.join("Buyer")


@pytest.fixture(scope="module")
def stranger(site):
    return site.join("Stranger")


@pytest.fixture
def trade(seller):
    return seller.rest.post("/api/trade", TRADE).json["id"]


@pytest.fixture
def room(buyer, trade):
    return buyer.rest.post(f"/api/tradechat/{trade}").json["id"]


@pytest.fixture
def dial(site):
    opened = []

    def connect(person):
        client = Stomp(WebSocket(site.server.websocket_url))
        opened.append(client)
        assert client.connect(person.token).command == "CONNECTED"
        return client

    yield connect
    for client in opened:
        client.close()


def test_a_buyer_has_one_room_with_the_seller(seller, buyer, stranger, trade):
    first = buyer.rest.post(f"/api/tradechat/{trade}")
    again = buyer.rest.post(f"/api/tradechat/{trade}")
    other = stranger.rest.post(f"/api/tradechat/{trade}")
    assert (first.status, again.status, again.json) == (201, 200, first.json)
    assert other.json["id"] != first.json["id"]
    room = first.json
    assert (room["tradeId"], room["title"], room["partner"]) == (trade, "Leash", "Seller")
    assert (room["sellerId"], room["buyerId"]) == (seller.id, buyer.id)
    for person, partner in ((seller, "Buyer"), (buyer, "Seller")):
        listed = person.rest.get("/api/tradechat?size=100").json["content"]
        assert [each["partner"] for each in listed if each["id"] == room["id"]] == [partner]


def test_nobody_buys_from_themselves_or_what_is_not_there(seller, buyer, trade):
    assert seller.rest.post(f"/api/tradechat/{trade}").error == (403, "C006")
    assert buyer.rest.post("/api/tradechat/999999").error == (404, "T001")


def test_the_two_talk_and_nobody_else(site, seller, buyer, stranger, room, dial):
    path = f"/api/tradechat/room/{room}"
    said = buyer.rest.post(f"{path}/message", {"message": "아직 있나요?"})
    assert said.status == 201
    page = seller.rest.get(path).json
    assert [(each["message"], each["roomId"]) for each in page["chatList"]] == [("아직 있나요?", room)]
    assert page["position"] == said.json["position"]
    for method, end, body in (("GET", "", None), ("POST", "/message", {"message": "Hi"})):
        assert stranger.rest.request(method, path + end, body).error == (403, "C003")
        assert site.rest.request(method, path + end, body).error == (401, "TK001")
    client = dial(stranger)
    client.subscribe("/user/queue/errors", id="e")
    answer = client.ask("SUBSCRIBE", {"id": "s", "destination": f"/sub/tradechat/{room}"})
    assert answer.headers["code"] == "forbidden"


def test_what_is_said_arrives_with_what_happens_beside_it(seller, buyer, room, dial):
    listener, speaker = dial(seller), dial(buyer)
    listener.subscribe(f"/sub/tradechat/{room}")
    listener.subscribe(f"/sub/tradeevents/{room}", id="events")
    speaker.subscribe(f"/sub/tradechat/{room}")
    body = json.dumps({"message": "Deal"}).encode()
    receipt = speaker.ask("SEND", {"destination": f"/pub/tradechat/message/{room}"}, body)
    assert receipt.command == "RECEIPT"
    message = listener.message()
    assert (message.text, message.headers["position"]) == ("Deal", receipt.headers["position"])
    speaker.ask("SEND", {"destination": f"/pub/tradechat/typing/{room}"})
    kinds = [each.json["type"] for each in listener.messages(2, "events")]
    assert kinds == ["join", "typing"]
    listener.ask("SEND", {"destination": f"/pub/tradechat/read/{room}"})
    assert listener.message("events").json["type"] == "read"


def test_an_open_chat_of_the_same_number_is_another_room(seller, buyer, room):
    while buyer.make_room() < room:
        pass
    buyer.rest.post(f"/api/tradechat/room/{room}/message", {"message": "Between us"})
    assert buyer.rest.get(f"/api/openchat/room/{room}").json["chatList"] == []


def test_my_rooms_tell_of_both_kinds(seller, buyer, room):
    buyer.rest.post(f"/api/tradechat/room/{room}/message", {"message": "Hello"})
    open_room = seller.make_room("Walks")
    mine = seller.rest.get("/api/chat/rooms?size=100").json["content"]
    found = {(each["kind"], each["roomId"]): each for each in mine}
    assert found["TRADE", room]["unreadCount"] == 1
    assert found["TRADE", room]["lastMessage"]["message"] == "Hello"
    assert (found["TRADE", room]["title"], found["TRADE", room]["partner"]) == ("Leash", "Buyer")
    assert found["OPEN", open_room]["title"] == "Walks"
    only = seller.rest.get("/api/chat/rooms?size=100&kind=TRADE").json["content"]
    assert {each["kind"] for each in only} == {"TRADE"}


@pytest.mark.parametrize("who", ["buyer", "seller"])
def test_either_closes_the_room_for_both(seller, buyer, stranger, room, dial, who):
    client = dial(seller)
    client.subscribe("/user/queue/errors", id="e")
    client.subscribe(f"/sub/tradeevents/{room}", id="events")
    client.subscribe(f"/sub/tradechat/{room}")
    client.message("events")
    assert stranger.rest.delete(f"/api/tradechat/{room}").error == (403, "C003")
    assert {"buyer": buyer, "seller": seller}[who].rest.delete(f"/api/tradechat/{room}").status == 200
    assert client.message("events").json["type"] == "closed"
    ended = {client.message("e").headers["subscription-destination"] for _ in range(2)}
    assert ended == {f"/sub/tradechat/{room}", f"/sub/tradeevents/{room}"}
    for person in (seller, buyer):
        assert person.rest.get(f"/api/tradechat/room/{room}").error == (404, "C001")
        listed = person.rest.get("/api/tradechat?size=100").json["content"]
        assert room not in [each["id"] for each in listed]


def test_a_closed_room_can_be_opened_anew(buyer, trade, room):
    buyer.rest.post(f"/api/tradechat/room/{room}/message", {"message": "Before"})
    buyer.rest.delete(f"/api/tradechat/{room}")
    again = buyer.rest.post(f"/api/tradechat/{trade}").json["id"]
    assert again != room
    assert buyer.rest.get(f"/api/tradechat/room/{again}").json["chatList"] == []


def test_a_trade_takes_its_rooms_along(seller, buyer, trade, room, dial):
    client = dial(buyer)
    client.subscribe("/user/queue/errors", id="e")
    client.subscribe(f"/sub/tradechat/{room}")
    assert seller.rest.delete(f"/api/trade/{trade}").status == 200
    notice = client.message("e")
    assert notice.headers["subscription-destination"] == f"/sub/tradechat/{room}"
    assert buyer.rest.get(f"/api/tradechat/room/{room}").error == (404, "C001")
