"""People of the community, and the rooms they make."""

import itertools
from dataclasses import dataclass

from harness.rest import Rest

# Enough for people who all sign in from one address.
MANY_LOGINS = ("--logins-per-minute-max", "60000")
# Enough for tests that publish as fast as they can.
NO_RATE = ("--publishes-per-second-max", "0")
_numbers = itertools.count(1)


@dataclass
class Person:
    """Somebody with an account, signed in."""

    id: int
    name: str
    email: str
    password: str
    token: str
    cookies: dict
    rest: Rest

    def make_room(self, title="Morning walks"):
        """A new open chat; answers with its number."""
        answer = self.rest.post("/api/openchat", {"title": title})
        assert answer.status == 201, answer.body
        return answer.json["id"]

    def history(self, room):
        """Everything that was said in a room, page by page."""
        messages = []
        while True:
            after = messages[-1]["id"] if messages else 0
            page = self.rest.get(f"/api/openchat/room/{room}?after={after}&limit=100").json["chatList"]
            if not page:
                return messages
            messages += page


def join(server, name="Mina", password="correct horse"):
    """Signs somebody new up and in."""
    email = f"person{next(_numbers)}@example.org"
    made = server.rest.post(
        "/api/user/signup", {"email": email, "password": password, "username": name})
    assert made.status == 201, made.body
    granted = server.rest.post("/api/user/login", {"email": email, "password": password})
    assert granted.status == 200, granted.body
    token = granted.json["accessToken"]
    cookies = {key: value.split(";")[0] for key, value in granted.cookies.items()}
    return Person(
        made.json["id"], name, email, password, token, cookies, server.rest.bearing(token))
