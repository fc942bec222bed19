"""What people are told: the same over REST and over STOMP, on both stores."""

import pytest

from harness.notifications import Watcher, delete, listed, mark_all_read, mark_read, told
from harness.people import MANY_LOGINS, NO_RATE, join
from harness.program import Server
from harness.redis import ALWAYS, Redis

FLAGS = ("--loops", "2", "--presence-grace", "200ms", *MANY_LOGINS, *NO_RATE)


@pytest.fixture(scope="module", params=["embedded", "redis"])
def server(request, tmp_path_factory):
    """A node for these tests, on each of the stores."""
    directory = tmp_path_factory.mktemp("data")
    if request.param == "embedded":
        with Server(directory, *FLAGS) as node:
            yield node
    else:
        with Redis(directory, *ALWAYS) as redis:
            with Server(None, "--redis", redis.url, *FLAGS) as node:
                yield node


@pytest.fixture
def author(server):
    """Somebody who is told of nothing yet."""
    return join(server, "Author")


@pytest.fixture
def watch(server):
    """Listens to people's notifications."""
    watchers = []

    def begin(person, position=None):
        watchers.append(Watcher(server, person, position))
        return watchers[-1]

    yield begin
    for each in watchers:
        each.close()


def make(person, kind="post", **fields):
    body = {"title": "Walks", "content": "Who comes along?", **fields}
    if kind == "trade":
        body |= {"price": 1000, "category": "ITEM", "address": ""}
    made = person.rest.post(f"/api/{kind}", body)
    assert made.status == 201, made.body
    return made.json["id"]


def comment(person, kind, article, text="Me!"):
    made = person.rest.post(f"/api/{kind}/{article}/comment", {"content": text})
    assert made.status == 201, made.body
    return made.json["id"]


@pytest.mark.parametrize("kind", ["post", "trade"])
def test_a_comment_is_told_to_the_author_over_stomp_and_rest(author, mina, watch, kind):
    article = make(author, kind, title="산책 친구")
    watcher = watch(author)
    comment(mina, kind, article)
    notification = watcher.next()
    assert notification == {
        "id": notification["id"], "type": "COMMENT", "url": f"/{kind}/{article}",
        "content": "Mina 💬 산책 친구", "isRead": False, "createdAt": notification["createdAt"],
        "actor": {"id": mina.id, "name": "Mina"}, "count": 1, "version": 1,
        "subject": {"type": kind, "id": article, "title": "산책 친구"},
    }
    page = listed(author)
    assert page["content"] == [notification]
    assert (page["totalElements"], page["unreadCount"]) == (1, 1)
