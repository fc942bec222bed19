"""A store that is filled for those who look around."""

from urllib.parse import quote

import pytest

from harness.program import Server
from harness.site import STORES, open_site


@pytest.mark.parametrize("store", STORES)
def test_a_first_visit_shows_life(tmp_path, store):
    with open_site(tmp_path, store, "--demo") as site:
        posts = site.rest.get("/api/post?size=100").json["content"]
        trades = site.rest.get("/api/trade?size=100").json["content"]
        assert len(posts) >= 5 and len(trades) >= 5
        assert max(each["likeCount"] for each in posts) >= 3
        assert sum(each["commentCount"] for each in posts) >= 5
        assert len({each["createdAt"] for each in posts}) == len(posts)
        mina = site.join("Mina")
        rooms = mina.rest.get("/api/openchat").json["content"]
        said = [mina.rest.get(f"/api/openchat/room/{room['id']}").json["chatList"] for room in rooms]
        assert len(rooms) >= 3 and all(len(messages) >= 3 for messages in said)
        assert mina.rest.get("/api/post/search?keyword=" + quote("산책")).json["totalElements"] >= 1
        nearby = mina.rest.get("/api/trade/nearby?latitude=37.55&longitude=126.98&radiusKm=20").json
        assert nearby["totalElements"] >= 3


def test_a_store_with_people_is_left_alone(tmp_path):
    for _ in range(2):
        with Server(tmp_path / "data", "--demo") as server:
            count = server.rest.get("/api/post").json["totalElements"]
    assert count == 6
    with Server(tmp_path / "other") as server:
        assert server.rest.get("/api/post").json["totalElements"] == 0
        server.rest.post(
            "/api/user/signup", {"email": "mina@example.org", "password": "correct horse"})
    with Server(tmp_path / "other", "--demo") as server:
        assert server.rest.get("/api/post").json["totalElements"] == 0
