"""A small community with something of everything, and what must be the same wherever it is served."""

from copy import copy

from harness.people import MANY_LOGINS, NO_RATE, join
from harness.program import Server
from harness.stomp_client import Stomp, WebSocket

SAID = 12
READ = 5
ACKNOWLEDGED = (1, 2, 4)


def serve(place, *flags):
    """A node on a data directory, or on a list of URLs of Redis."""
    if isinstance(place, list):
        flags += tuple(words("--redis", place))
        place = None
    return Server(place, "--loops", "2", *MANY_LOGINS, *NO_RATE, *flags)


def words(flag, place):
    """A flag with such a place."""
    values = place if isinstance(place, list) else [place]
    return [word for value in values for word in (flag, str(value))]


class Community:
    """Mina and Jun talk in a room of Mina's; somebody was removed from it. Further rooms are there so
    that several servers have some each."""

    def __init__(self, node):
        self.mina, self.jun, self.pat = (join(node, name) for name in ("Mina", "Jun", "Pat"))
        self.room = self.mina.make_room()
        self.others = [self.mina.make_room(f"Room {number}") for number in range(12)]
        for person in (self.jun, self.pat):
            assert person.rest.post(f"/api/openchat/{self.room}/join").status == 200
        with self._dial(node, self.mina) as mina, self._dial(node, self.jun) as jun:
            jun.subscribe(f"/sub/chat/{self.room}", "phone", ack="client-individual")
            self.positions = [
                mina.say(self.room, f"message {number}", idempotency_key=f"key {number}")
                .headers["position"] for number in range(1, SAID + 1)]
            for message in jun.messages(SAID, "phone"):
                if int(message.text.split()[1]) in ACKNOWLEDGED:
                    assert jun.ask("ACK", {"id": message.headers["ack"]}).command == "RECEIPT"
            read = {"destination": f"/pub/chat/read/{self.room}"}
            assert jun.ask("SEND", read, b'{"id":%d}' % READ).command == "RECEIPT"
            for room in self.others:
                assert mina.say(room, f"in {room}").command == "RECEIPT"
        removed = self.mina.rest.post(f"/api/openchat/{self.room}/kick", {"userId": self.pat.id})
        assert removed.status == 200, removed.body
        self._look(node)

    def as_it_is(self):
        """The same people, as everything is now."""
        return copy(self)

    @property
    def texts(self):
        """What was said in the room."""
        return [each["message"] for each in self.history]

    def _look(self, node):
        self.history = self._at(node, self.mina).history(self.room)
        self.unread = self._unread(node)

    @staticmethod
    def _dial(node, person):
        client = Stomp(WebSocket(node.websocket_url))
        assert client.connect(person.token).command == "CONNECTED"
        return client

    @staticmethod
    def _at(node, person):
        return type(person)(**{**vars(person), "rest": node.rest.bearing(person.token)})

    def _unread(self, node):
        rooms = self._at(node, self.jun).rest.get("/api/chat/rooms").json["content"]
        return {each["roomId"]: (each["unreadCount"], each["memberCount"]) for each in rooms}

    def check(self, node, resume="complete"):
        """Everything is there, and goes on where it was; `resume` is what becomes of positions."""
        mina = self._at(node, self.mina)
        assert mina.rest.get("/api/profile").json["nickname"] == "Mina"
        assert mina.history(self.room) == self.history
        for room in self.others:
            assert [each["message"] for each in mina.history(room)] == [f"in {room}"]
        assert self._unread(node) == self.unread
        refused = self._at(node, self.pat).rest.post(f"/api/openchat/{self.room}/join")
        assert refused.status == 403
        with self._dial(node, self.jun) as client:
            receipt = client.subscribe(
                f"/sub/chat/{self.room}", "phone", ack="client-individual", durable="true")
            assert receipt.headers["resume"] == resume
            if resume == "complete":
                owed = [text for number, text in enumerate(self.texts, 1) if number not in ACKNOWLEDGED]
                assert [each.text for each in client.messages(len(owed), "phone")] == owed
        with self._dial(node, self.mina) as client:
            again = client.say(self.room, "message 3", idempotency_key="key 3")
            assert again.headers["duplicate"] == "true"
            same = self.positions[2] if resume == "complete" else self.positions[2].split(":")[1]
            assert again.headers["position"].endswith(same)
            resumed = client.subscribe(f"/sub/chat/{self.room}", position=self.positions[8])
            assert resumed.headers["resume"] == resume
            if resume == "complete":
                missed = self.texts[9:]
                assert [each.text for each in client.messages(len(missed))] == missed
            more = client.say(self.room, f"message {len(self.history) + 1}")
            assert more.headers["position"].endswith(f":{len(self.history) + 1}")
        self._look(node)
