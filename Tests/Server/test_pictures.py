"""Posts, trades and open chats with images, sent as forms."""

import pytest

from harness.images import Uploader, encoded
from harness.waiting import until

FORMS = {
    "post": {"title": "Bori", "content": "In the park"},
    "trade": {
        "title": "Leash", "content": "Red", "category": "ITEM", "price": "5000",
        "latitude": "37.5", "longitude": "127"},
    "openchat": {"title": "Walks"},
}


@pytest.fixture(params=FORMS)
def kind(request):
    return request.param


@pytest.fixture
def uploads(server, mina):
    return Uploader(server, mina)


def files(*names):
    return [("imageFiles", (name, encoded("PNG"), "image/png")) for name in names]


def test_one_is_made_with_its_images_in_their_order(uploads, kind):
    made = uploads.send("POST", f"/api/{kind}", data=FORMS[kind], files=files("a", "b", "c"))
    assert made.status_code == 201, made.text
    images = made.json()["images"]
    assert len(set(images)) == 3
    assert all(uploads.get(address).status_code == 200 for address in images)
    shown = uploads.get(f"/api/{kind}/{made.json()['id']}").json()
    assert shown["images"] == images and shown["title"] == FORMS[kind]["title"]
    if kind == "trade":
        assert (shown["price"], shown["latitude"]) == (5000, 37.5)


def test_new_images_take_the_place_of_those_before(uploads, kind):
    made = uploads.send("POST", f"/api/{kind}", data=FORMS[kind], files=files("a")).json()
    address, before = f"/api/{kind}/{made['id']}", made["images"]
    changed = uploads.send("PUT", address, data={"title": "Other"}, files=files("b", "c")).json()
    assert changed["title"] == "Other" and len(changed["images"]) == 2
    assert not set(before) & set(changed["images"])
    until(lambda: uploads.get(before[0]).status_code == 404, "the image before to go")
    kept = uploads.send("PUT", address, json={"title": "Third"}).json()
    assert kept["images"] == changed["images"]
    assert uploads.send("PUT", address, json={"images": []}).json()["images"] == []
    until(lambda: uploads.get(kept["images"][0]).status_code == 404, "the images to go")


def test_images_go_with_what_they_belong_to(uploads, mina, kind):
    made = uploads.send("POST", f"/api/{kind}", data=FORMS[kind], files=files("a")).json()
    assert mina.rest.delete(f"/api/{kind}/{made['id']}").status == 200
    until(lambda: uploads.get(made["images"][0]).status_code == 404, "the image to go")


def test_unusable_fields_of_a_form_are_listed(uploads, kind):
    answer = uploads.send("POST", f"/api/{kind}", data={**FORMS[kind], "title": ""}, files=files("a"))
    assert (answer.status_code, answer.json()["errorCode"]) == (422, "R002")
    assert [each["field"] for each in answer.json()["fields"]] == ["title"]


def test_what_is_no_image_makes_nothing(uploads, mina, kind):
    before = mina.rest.get(f"/api/{kind}").json["totalElements"]
    text = [("imageFiles", ("a.png", b"not an image", "image/png"))]
    answer = uploads.send("POST", f"/api/{kind}", data=FORMS[kind], files=text)
    assert (answer.status_code, answer.json()["errorCode"]) == (415, "S004")
    assert mina.rest.get(f"/api/{kind}").json["totalElements"] == before


def test_nobody_changes_anothers_images(server, uploads, jun, kind):
    made = uploads.send("POST", f"/api/{kind}", data=FORMS[kind], files=files("a")).json()
    stranger = Uploader(server, jun)
    answer = stranger.send("PUT", f"/api/{kind}/{made['id']}", files=files("b"))
    assert answer.status_code == 403
    assert uploads.get(f"/api/{kind}/{made['id']}").json()["images"] == made["images"]
