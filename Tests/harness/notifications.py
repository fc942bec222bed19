"""What people are told, as REST lists it and as their streams tell it."""

from harness.stomp_client import TCP, Stomp

DESTINATION = "/user/queue/notifications"
COMMENT, LIKE, MESSAGE, PURCHASE = "COMMENT", "LIKE", "MESSAGE", "PURCHASE"


def listed(person, query=""):
    """A page of what somebody was told."""
    answer = person.rest.get(f"/api/notifications{query}")
    assert answer.status == 200, answer.body
    return answer.json


def told(person, query=""):
    """All that somebody was told, by its numbers."""
    found, number = {}, 1
    while True:
        page = listed(person, f"?size=100&page={number}{query}")
        found |= {each["id"]: each for each in page["content"]}
        if page["last"]:
            return found
        number += 1


def mark_read(person, notification, **headers):
    return person.rest.request("PATCH", f"/api/notifications/{notification}", headers=headers)


def mark_all_read(person, **headers):
    return person.rest.request("PATCH", "/api/notifications", headers=headers)


def delete(person, notification, **headers):
    return person.rest.delete(f"/api/notifications/{notification}", headers)


class Watcher:
    """A device that listens to somebody's notifications, and keeps what it was told."""

    def __init__(self, server, person, position=None):
        """Begins after a position; None: with what is published from now on."""
        self.client = Stomp(TCP(server.stomp_port))
        assert self.client.connect(person.token).command == "CONNECTED"
        headers = {} if position is None else {"position": position}
        self.answer = self.client.subscribe(DESTINATION, **headers)
        assert self.answer.command == "RECEIPT", self.answer
        self.state = Told()
        self.last = None

    def next(self):
        """The next publication."""
        self.last = self.client.message().json
        self.state.take(self.last)
        return self.last

    def close(self):
        self.client.close()


class Told:
    """What a stream of notifications comes to: of each the highest version, unless it is deleted."""

    def __init__(self):
        self.notifications = {}
        self._deleted = set()

    def begin(self, notifications):
        """Begins with what REST has listed."""
        for each in notifications:
            self.take(each)

    def take(self, body):
        """Applies one publication."""
        number = body["id"]
        if body.get("deleted"):
            self._deleted.add(number)
            self.notifications.pop(number, None)
        elif number not in self._deleted:
            known = self.notifications.get(number)
            if known is None or known["version"] < body["version"]:
                self.notifications[number] = body
