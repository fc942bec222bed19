"""The browser's own EventSource, by cookie and by ticket, through crashes of the server."""

from harness.people import MANY_LOGINS, NO_RATE, join
from harness.ports import free_port
from harness.program import Server

SOON_MS = 30_000

# What a page does that wants to miss nothing: with tickets, it comes back by itself with a new one
# and the last id, since a browser asks again for the address that it has, whose ticket is used.
PAGE = """
(room) => {
    const seen = { messages: [], resumes: [], errors: [], lastId: "", opened: 0 };
    window.seen = seen;
    const listen = (source) => {
        window.source = source;
        seen.opened += 1;
        source.addEventListener("connected", (event) => {
            seen.lastId = event.lastEventId;
            seen.resumes.push(JSON.parse(event.data).resume);
        });
        source.addEventListener("message", (event) => {
            seen.lastId = event.lastEventId;
            seen.messages.push(JSON.parse(event.data).message);
        });
        source.addEventListener("error", (event) => {
            if (event.data) seen.errors.push(JSON.parse(event.data).code);
        });
    };
    const path = `/api/openchat/room/${room}/stream`;
    window.listenByCookie = () => listen(new EventSource(path));
    window.listenByTicket = async (token) => {
        try {
            const answer = await fetch("/api/stream-tickets", {
                method: "POST", headers: { Authorization: `Bearer ${token}` } });
            const { ticket } = await answer.json();
            const after = seen.lastId ? `&after=${seen.lastId}` : "";
            const source = new EventSource(`${path}?ticket=${ticket}${after}`);
            listen(source);
            source.addEventListener("error", () => {
                source.close();
                setTimeout(() => window.listenByTicket(token), 100);
            });
        } catch {
            setTimeout(() => window.listenByTicket(token), 100);
        }
    };
}
"""


def say(person, room, numbers):
    for number in numbers:
        answer = person.rest.post(f"/api/openchat/room/{room}/message", {"message": str(number)})
        assert answer.status == 201, answer.body


def wait_for(page, count):
    page.wait_for_function(f"seen.messages.length >= {count}", timeout=SOON_MS)


def begin(page, server, room):
    page.goto(f"{server.url}/healthz")
    page.evaluate(PAGE, room)


def live_through_crashes(browser, tmp_path, listen):
    """Lets a page listen to a room while its server is killed, and ends in order; answers with what
    it has seen."""
    port, data = free_port(), tmp_path / "data"
    flags = ("--loops", "2", *MANY_LOGINS, *NO_RATE)
    context = browser.new_context()
    page = context.new_page()
    with Server(data, *flags, port=port) as first:
        mina = join(first, "Mina")
        room = mina.make_room()
        begin(page, first, room)
        listen(page, mina)
        page.wait_for_function("seen.resumes.length === 1", timeout=SOON_MS)
        say(mina, room, range(20))
        wait_for(page, 20)
        first.kill()
    with Server(data, *flags, port=port) as second:
        say(mina, room, range(20, 40))
        wait_for(page, 40)
        second.terminate()
        assert second.wait(30) == 0
    with Server(data, *flags, port=port):
        say(mina, room, range(40, 60))
        wait_for(page, 60)
        seen = page.evaluate("seen")
        context.close()
    assert seen["messages"] == list(map(str, range(60)))
    assert seen["resumes"] == ["complete"] * 3
    assert seen["errors"] == ["going-away"]
    return seen


def test_a_browser_resumes_exactly_with_its_cookie(browser, tmp_path):
    def listen(page, person):
        page.evaluate(
            """(account) => fetch("/api/user/login", {
                method: "POST", headers: { "Content-Type": "application/json" },
                body: JSON.stringify(account) })""",
            {"email": person.email, "password": person.password})
        page.evaluate("listenByCookie()")

    # The browser came back by itself.
    assert live_through_crashes(browser, tmp_path, listen)["opened"] == 1


def test_a_page_without_a_cookie_resumes_exactly_with_tickets(browser, tmp_path):
    def listen(page, person):
        page.evaluate("(token) => listenByTicket(token)", person.token)

    assert live_through_crashes(browser, tmp_path, listen)["opened"] >= 3


def test_a_page_of_another_site_gets_nothing(browser, server, mina, room):
    page = browser.new_page()
    # The same machine by another name is another origin.
    page.goto(f"{server.url.replace('127.0.0.1', 'localhost')}/healthz")
    ticket = mina.rest.post("/api/stream-tickets").json["ticket"]
    outcome = page.evaluate(
        """(address) => new Promise((resolve) => {
            const source = new EventSource(address, { withCredentials: true });
            source.addEventListener("connected", () => resolve("connected"));
            source.addEventListener("error", () => resolve("error"));
        })""", f"{server.url}/api/openchat/room/{room}/stream?ticket={ticket}")
    assert outcome == "error"
    page.close()
