"""Two people chat in real browsers, each at a node of their own."""

import pytest
from playwright.sync_api import expect

from harness.browser import Visitor

# What a browser itself says of a connection that failed, whatever the page makes of it.
FAILED_ATTEMPTS = ("WebSocket connection", "net::ERR", "503")
SOON_MS = 30_000


@pytest.fixture
def pair(cluster, browser):
    """Opens a window at each node, with two people in one new room."""
    visitors = []

    def meet(title):
        mina, jun = (Visitor(browser, node.url) for node in cluster.nodes[:2])
        visitors.extend((mina, jun))
        mina.sign_up("Mina")
        mina.create_room(title)
        jun.sign_up("Jun")
        jun.enter(title)
        return mina, jun

    yield meet
    for visitor in visitors:
        visitor.context.close()
    assert [each for visitor in visitors for each in visitor.complaints] == []


def test_two_people_on_two_nodes_chat_and_see_each_other_type_and_read(pair):
    mina, jun = pair("Across nodes")
    mina.say("Anybody up for a walk?")
    jun.sees(["Anybody up for a walk?"])
    expect(mina.part("people")).to_have_accessible_name("2 people here. Show who", timeout=SOON_MS)
    jun.part("composer").press_sequentially("on my w")
    expect(mina.part("typing")).to_have_text("Jun is typing…")
    jun.say("on my way 🐕")
    expect(mina.part("typing")).to_be_hidden()
    for person in (mina, jun):
        person.sees(["Anybody up for a walk?", "on my way 🐕"])
        assert person.message_ids == [1, 2]


def test_what_is_unread_is_counted_across_nodes(pair):
    mina, jun = pair("Unread across nodes")
    jun.say("hello")
    mina.sees(["hello"])
    mina.page.goto(f"{mina.url}/#/rooms")
    for number in range(3):
        jun.say(f"news {number}")
    unread = mina.listed("Unread across nodes").get_by_test_id("unread")
    expect(unread).to_have_text("3", timeout=SOON_MS)
    mina.enter("Unread across nodes")
    mina.sees(["hello", "news 0", "news 1", "news 2"])


def test_a_redis_that_is_away_for_a_while_costs_no_message(pair, redis, cluster):
    mina, jun = pair("Through an outage")
    mina.say("before")
    jun.sees(["before"])
    redis.pause()
    mina.write("while it was away")
    expect(mina.page.locator("[data-state=pending]")).to_have_count(1)
    # Until the node has noticed, and refused it.
    mina.page.wait_for_timeout(4_000)
    redis.resume()
    for person in (mina, jun):
        person.sees(["before", "while it was away"], timeout=SOON_MS)
        person.forgives(*FAILED_ATTEMPTS)
