"""The page says which of a site's servers serves it."""

import pytest
from playwright.sync_api import expect

from harness.browser import Visitor
from harness.people import MANY_LOGINS
from harness.program import Server


@pytest.mark.parametrize("size", [(1280, 800), (360, 640)], ids=["desk", "phone"])
def test_somebody_sees_the_name_of_the_server_they_are_connected_to(browser, tmp_path, size):
    with Server(tmp_path, "--node-name", "n2", *MANY_LOGINS) as node:
        width, height = size
        window = Visitor(browser, node.url, viewport={"width": width, "height": height})
        line = window.part("node")
        expect(line).to_be_hidden()
        window.sign_up("Mina")
        window.create_room("Morning walks")
        window.say("Which one is this?")
        expect(line).to_have_text("Served by n2")
        box = line.bounding_box()
        assert box["y"] + box["height"] <= height and box["width"] <= width and box["height"] < 40
        window.context.close()
        assert window.complaints == []


def test_a_server_without_a_name_is_not_spoken_of(visit):
    mina = visit()
    mina.sign_up("Mina")
    mina.is_connected()
    expect(mina.part("node")).to_be_hidden()
