"""The bell: what people were told, in a real browser."""

import re

from playwright.sync_api import expect

from harness.people import join

SOON_MS = 30_000


def told(visitor):
    """The list below the bell, which has to be open."""
    return visitor.part("notifications").get_by_test_id("notification")


def test_the_bell_rings_for_a_comment_and_is_read(server, visit):
    visitor, other = visit(), join(server, "Jun")
    visitor.sign_up("Mina")
    expect(visitor.part("bell")).to_have_accessible_name("Notifications")
    mina = server.rest.post(
        "/api/user/login", {"email": visitor.email, "password": visitor.password}).json
    post = server.rest.bearing(mina["accessToken"]).post(
        "/api/post", {"title": "Morning walks", "content": "Who comes along?"}).json["id"]
    made = other.rest.post(f"/api/post/{post}/comment", {"content": "Me!"})
    assert made.status == 201
    expect(visitor.part("bell-count")).to_have_text("1")
    expect(visitor.part("bell")).to_have_accessible_name("1 unread notifications")
    visitor.part("bell").click()
    expect(told(visitor)).to_have_count(1)
    expect(told(visitor)).to_contain_text("Jun commented on “Morning walks”")
    told(visitor).get_by_test_id("notification-item").click()
    expect(told(visitor)).to_have_attribute("data-read", "true")
    expect(visitor.part("bell-count")).to_be_hidden()
    told(visitor).get_by_test_id("delete-notification").click()
    expect(told(visitor)).to_have_count(0)


def test_a_message_rings_in_every_window_until_the_room_is_opened(visit):
    mina, jun = visit(), visit()
    mina.sign_up("Mina")
    mina.create_room("Ringing")
    jun.sign_up("Jun")
    jun.enter("Ringing")
    jun.page.goto(f"{jun.url}/#/rooms")
    window = jun.another_window()
    for text in ("hello?", "anybody?"):
        mina.say(text)
    for each in (jun, window):
        expect(each.part("bell-count")).to_have_text("1", timeout=SOON_MS)
    window.part("bell").click()
    expect(told(window)).to_contain_text("Mina wrote in “Ringing” · 2 unread", timeout=SOON_MS)
    told(window).get_by_test_id("notification-item").click()
    expect(window.part("room")).to_have_attribute("data-status", "ready")
    assert re.search(r"#/rooms/\d+$", window.page.url)
    for each in (jun, window):
        expect(each.part("bell-count")).to_be_hidden(timeout=SOON_MS)


def test_all_are_read_at_once(server, visit):
    visitor = visit()
    visitor.sign_up("Mina")
    login = server.rest.post(
        "/api/user/login", {"email": visitor.email, "password": visitor.password}).json
    rest = server.rest.bearing(login["accessToken"])
    post = rest.post("/api/post", {"title": "Walks", "content": "?"}).json["id"]
    for name in ("Jun", "Ada"):
        assert join(server, name).rest.post(f"/api/post/{post}/like").status == 200
    expect(visitor.part("bell-count")).to_have_text("2")
    visitor.part("bell").click()
    expect(told(visitor)).to_have_text([re.compile("Ada likes"), re.compile("Jun likes")])
    visitor.part("read-all").click()
    expect(visitor.part("bell-count")).to_be_hidden()
    visitor.page.keyboard.press("Escape")
    expect(visitor.part("notifications")).to_be_hidden()
    expect(visitor.part("bell")).to_be_focused()
