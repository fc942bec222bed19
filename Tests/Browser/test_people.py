"""What people see of each other in a room, and of the rooms they are not in."""

import re

import pytest
from playwright.sync_api import expect

from harness.people import MANY_LOGINS
from harness.program import Server, petnexus

# Somebody who left is here for some seconds more, in case they only load the page again; and the list
# of rooms is looked at every ten seconds.
SOON_MS = 30_000


@pytest.fixture
def meet(visit):
    """Two people in one new room, which the first of them made."""
    def they_meet(title, url=None):
        mina, jun = visit(url), visit(url)
        mina.sign_up("Mina")
        mina.create_room(title)
        jun.sign_up("Jun")
        jun.enter(title)
        return mina, jun

    return they_meet


def people(visitor):
    """The names in the panel, which has to be open."""
    return visitor.part("people-panel").get_by_test_id("person").locator(".person-name")


def test_two_people_see_each_other_come_and_go(meet):
    mina, jun = meet("Coming and going")
    for person in (mina, jun):
        expect(person.part("people")).to_have_accessible_name("2 people here. Show who")
    mina.part("people").click()
    expect(people(mina)).to_have_text(["Mina", "Jun"])
    jun.page.goto(f"{jun.url}/#/rooms")
    expect(people(mina)).to_have_text(["Mina"], timeout=SOON_MS)
    expect(mina.part("people")).to_have_accessible_name("1 person here. Show who")
    jun.enter("Coming and going")
    expect(people(mina)).to_have_text(["Mina", "Jun"])


def test_somebody_with_two_windows_is_one_person(meet):
    mina, jun = meet("Two windows, one Jun")
    window = jun.another_window()
    window.enter("Two windows, one Jun")
    window.say("from the second one")
    mina.sees(["from the second one"])
    expect(mina.part("people")).to_have_accessible_name("2 people here. Show who")


def test_typing_appears_and_goes(meet):
    mina, jun = meet("Typing")
    typing = mina.part("typing")
    jun.part("composer").press_sequentially("hel")
    expect(typing).to_have_text("Jun is typing…")
    expect(jun.part("typing")).to_be_hidden()
    jun.part("composer").fill("")
    expect(typing).to_be_hidden()
    jun.part("composer").press_sequentially("hello")
    expect(typing).to_be_visible()
    jun.part("send").click()
    mina.sees(["hello"])
    expect(typing).to_be_hidden()


def test_typing_that_is_left_behind_ends_by_itself(meet):
    mina, jun = meet("Typing and gone")
    jun.part("composer").press_sequentially("hel")
    expect(mina.part("typing")).to_be_visible()
    expect(mina.part("typing")).to_be_hidden(timeout=SOON_MS)


def test_who_has_read_a_message_stands_beside_it(meet):
    mina, jun = meet("Reading")
    jun.hides()
    mina.say("first")
    jun.sees(["first"])
    mina.say("second")
    jun.sees(["first", "second"])
    expect(mina.part("readers")).to_have_count(0)
    jun.shows()
    readers = mina.stored.last.get_by_test_id("readers")
    expect(readers).to_have_attribute("title", "Read by Jun")
    expect(mina.part("readers")).to_have_count(1)


def test_what_is_scrolled_away_is_not_read(meet):
    mina, jun = meet("A long talk")
    for number in range(40):
        mina.say(f"line {number}")
    jun.sees_in_the_end("line 39")
    expect(mina.stored.last.get_by_test_id("readers")).to_have_count(1)
    scroller = jun.page.get_by_role("log")
    scroller.evaluate("(element) => element.scrollBy(0, -2000)")
    expect(jun.stored.first).to_be_in_viewport()
    mina.say("unseen")
    jun.sees_in_the_end("unseen")
    expect(jun.page.get_by_role("button", name="New messages")).to_be_visible()
    expect(jun.page).to_have_title("(1) A long talk · PetNexus")
    expect(mina.stored.last.get_by_test_id("readers")).to_have_count(0)
    jun.page.get_by_role("button", name="New messages").click()
    expect(mina.stored.last.get_by_test_id("readers")).to_have_count(1)
    expect(jun.page).to_have_title("A long talk · PetNexus")


def test_unread_messages_are_counted_and_clear_in_every_window(meet, visit):
    mina, jun = meet("Unread")
    elsewhere = visit()
    elsewhere.email, elsewhere.password = jun.email, jun.password
    elsewhere.page.goto(f"{elsewhere.url}/#/sign-in")
    elsewhere.sign_in()
    jun.page.goto(f"{jun.url}/#/rooms")
    window = jun.another_window()
    for text in ("one", "two", "three"):
        mina.say(text)
    for each in (jun, window, elsewhere):
        expect(each.listed("Unread").get_by_test_id("unread")).to_have_text("3", timeout=SOON_MS)
        expect(each.listed("Unread")).to_contain_text("Mina: three")
        expect(each.page).to_have_title("(3) Rooms · PetNexus")
    jun.listed("Unread").click()
    jun.sees(["one", "two", "three"])
    for each in (jun, window, elsewhere):
        expect(each.listed("Unread").get_by_test_id("unread")).to_be_hidden(timeout=SOON_MS)
        expect(each.page).not_to_have_title(re.compile(r"^\("))


def test_the_tab_counts_what_is_said_behind_it(meet):
    mina, jun = meet("Behind the tab")
    jun.hides()
    mina.say("one")
    mina.say("two")
    expect(jun.page).to_have_title("(2) Behind the tab · PetNexus")
    jun.shows()
    expect(jun.page).to_have_title("Behind the tab · PetNexus")


def test_who_is_removed_sees_it_and_can_be_let_in_again(meet):
    mina, jun = meet("A quiet room")
    jun.part("people").click()
    expect(people(jun)).to_have_count(2)
    expect(jun.part("remove")).to_have_count(0)

    mina.part("people").click()
    mina.page.get_by_role("button", name="Remove Jun from the room").click()
    expect(jun.part("room")).to_have_attribute("data-status", "removed")
    expect(jun.part("room-state")).to_contain_text("You were removed from this room.")
    expect(people(mina)).to_have_text(["Mina"])
    expect(mina.part("people")).to_have_accessible_name("1 person here. Show who")

    jun.part("room-state").get_by_role("link").click()
    expect(jun.listed("A quiet room")).to_have_count(0)
    jun.part("room-item").filter(has_text="A quiet room").click()
    expect(jun.part("room")).to_have_attribute("data-status", "refused")
    expect(jun.part("room-state")).to_contain_text("Only its owner can let you in again.")
    jun.forgives("403")

    mina.part("undo-remove").click()
    expect(mina.part("undo-remove")).to_have_count(0)
    jun.enter("A quiet room")
    jun.say("thank you")
    mina.sees(["thank you"])
    expect(people(mina)).to_have_text(["Mina", "Jun"])


def test_a_disabled_account_is_signed_out_with_words(server, meet):
    _, jun = meet("A last word")
    done = petnexus("user", "disable", jun.email, "--data", server.data)
    assert done.returncode == 0, done.stderr
    expect(jun.part("farewell")).to_be_visible(timeout=SOON_MS)
    jun.part("email").fill(jun.email)
    jun.part("password").fill(jun.password)
    jun.part("sign-in").click()
    expect(jun.part("form-error")).to_contain_text("This account was disabled.")
    jun.forgives("401", "403")


def test_a_server_that_restarts_says_when_it_is_back(tmp_path, visit):
    with Server(tmp_path / "data", *MANY_LOGINS) as node:
        mina = visit(node.url)
        mina.sign_up("Mina")
        node.terminate()
        expect(mina.part("connection-state")).to_contain_text(re.compile(r"Restarting · \d+ s"))
        assert node.wait() == 0
        mina.page.close()
        mina.forgives("WebSocket connection", "net::ERR")


def test_who_writes_too_fast_is_told_so_and_nothing_is_lost(tmp_path, visit):
    with Server(tmp_path / "data", *MANY_LOGINS, "--publishes-per-second-max", "1") as node:
        mina = visit(node.url)
        mina.sign_up("Mina")
        mina.create_room("In a hurry")
        texts = [f"quick {number}" for number in range(6)]
        for text in texts:
            mina.write(text)
        expect(mina.part("hold")).to_have_text("That was quick! The rest follows in a moment.")
        mina.sees(texts, timeout=SOON_MS)
        expect(mina.part("hold")).to_have_text("")
        mina.page.close()
