"""People chat in real browser windows, and nothing they said is lost."""

from playwright.sync_api import expect

from harness.people import MANY_LOGINS
from harness.program import Server
from harness.proxy import Proxy

# What a browser itself says of a connection that failed, whatever the page makes of it.
FAILED_ATTEMPTS = ("WebSocket connection", "net::ERR")


def meet(visit, title, url_of_second=None):
    """Two people in one new room."""
    mina, jun = visit(), visit(url_of_second)
    mina.sign_up("Mina")
    mina.create_room(title)
    jun.sign_up("Jun")
    jun.enter(title)
    return mina, jun


def test_two_people_find_each_other_and_chat_both_ways(visit):
    mina, jun = meet(visit, "Morning walks")
    mina.say("Anybody up for a walk?")
    jun.sees(["Anybody up for a walk?"])
    jun.say("안녕하세요! 지금 나갈게요 🐕")
    mina.say("See you there")
    for person in (mina, jun):
        person.sees(["Anybody up for a walk?", "안녕하세요! 지금 나갈게요 🐕", "See you there"])
        assert person.message_ids == [1, 2, 3]


def test_who_was_cut_off_sees_exactly_what_they_missed(server, visit):
    with Proxy(server.port) as network:
        mina, jun = meet(visit, "A shaky network", network.url)
        mina.say("before")
        jun.sees(["before"])

        network.cut()
        jun.is_cut_off()
        missed = [f"missed {number}" for number in range(1, 6)]
        for text in missed:
            mina.say(text)
        jun.write("written in the tunnel")
        expect(jun.page.locator("[data-state=pending]")).to_have_count(1)
        jun.sees_in_the_end("before")

        network.mend()
        jun.is_connected()
        said = ["before", *missed, "written in the tunnel"]
        for person in (jun, mina):
            person.sees(said)
            assert person.message_ids == list(range(1, 8))
            expect(person.part("divider")).to_have_count(0)
        mina.say("and on")
        jun.sees([*said, "and on"])
        jun.forgives(*FAILED_ATTEMPTS)


def test_nothing_is_lost_when_the_node_crashes(tmp_path, visit):
    with Server(tmp_path / "data", *MANY_LOGINS) as node:
        mina, jun = visit(node.url), visit(node.url)
        mina.sign_up("Mina")
        mina.create_room("Before the crash")
        jun.sign_up("Jun")
        jun.enter("Before the crash")
        mina.say("before")
        jun.sees(["before"])
        node.kill()
        mina.is_cut_off()
        jun.is_cut_off()
        mina.write("while it was down")
        with Server(tmp_path / "data", *MANY_LOGINS, port=node.port):
            for person in (mina, jun):
                person.is_connected()
                person.sees(["before", "while it was down"])
                assert person.message_ids == [1, 2]
                # A window that is open while the node ends would complain again.
                person.page.close()
                person.forgives(*FAILED_ATTEMPTS)


def test_a_message_is_text_whatever_it_looks_like(visit):
    mina, jun = meet(visit, "<b>Bold</b> room")
    steal = "document.title='stolen'"
    attack = f'<img src=x onerror="{steal}"><script>{steal}</script>'
    mina.say(attack)
    for person in (mina, jun):
        person.sees([attack])
        expect(person.page.locator("[data-testid=message] img")).to_have_count(0)
        expect(person.page.locator("[data-testid=message] script")).to_have_count(0)
        assert "stolen" not in person.page.title()


def test_names_and_titles_are_text_too(visit):
    mina = visit()
    mina.sign_up("<img src=x>")
    mina.create_room("<img src=x onerror=alert(1)>", "<script>alert(2)</script>")
    mina.say("hello")
    expect(mina.page.locator("img[src=x]")).to_have_count(0)


def test_the_policy_forbids_what_is_not_ours(visit):
    mina = visit()
    response = mina.page.goto(mina.url)
    assert "script-src 'self'" in response.headers["content-security-policy"]
    mina.page.evaluate(
        """() => new Promise((resolve) => {
            document.addEventListener("securitypolicyviolation", resolve, { once: true });
            const script = document.createElement("script");
            script.textContent = "document.title = 'stolen'";
            document.head.append(script);
        })""")
    assert "stolen" not in mina.page.title()
    mina.forgives("Content Security Policy")


def test_who_signed_in_stays_so_when_the_page_is_loaded_again(visit):
    mina, jun = meet(visit, "A long talk")
    mina.say("hello")
    for person in (mina, jun):
        person.page.reload()
        person.is_connected()
        person.sees(["hello"])
    jun.say("still me")
    mina.sees(["hello", "still me"])


def test_who_signs_out_is_out_and_can_come_back(visit):
    mina = visit()
    mina.sign_up("Mina")
    mina.create_room("Coming and going")
    mina.say("hello")
    mina.part("sign-out").click()
    expect(mina.part("sign-in")).to_be_visible()
    mina.page.reload()
    expect(mina.part("sign-in")).to_be_visible()
    assert [each for each in mina.context.cookies() if each["value"]] == []
    mina.sign_in()
    mina.enter("Coming and going")
    mina.sees(["hello"])


def test_wrong_credentials_are_told(visit):
    mina = visit()
    mina.page.goto(f"{mina.url}/#/sign-in")
    mina.part("email").fill("nobody@example.org")
    mina.part("password").fill("wrong horse")
    mina.part("sign-in").click()
    expect(mina.part("form-error")).not_to_be_empty()
    mina.forgives("401")
