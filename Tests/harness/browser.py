"""The web client in a real browser, by the hooks it has for tests."""

import itertools

from playwright.sync_api import expect

CHROMIUM = "/usr/bin/chromium"
# Full jitter may let a client wait for some seconds between two attempts.
RECONNECT_MS = 30_000
_numbers = itertools.count(1)


def launch(playwright):
    """Debian's Chromium, without a window."""
    return playwright.chromium.launch(
        executable_path=CHROMIUM, headless=True, args=["--no-sandbox"])


class Visitor:
    """Somebody at a browser window of their own.

    `complaints` are the errors of the page's console; the answer to the question whether a visitor
    has a session, which is no for a new one, is none.
    """

    def __init__(self, browser, url, context=None, **options):
        """A window in a browser of its own, or in one that is open already."""
        self.url = url
        self.context = context or browser.new_context(**options)
        self.page = self.context.new_page()
        self.complaints = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._heard)

    def _heard(self, message):
        is_first_question = message.location.get("url", "").endswith("/api/user/token")
        if message.type == "error" and not is_first_question:
            self.complaints.append(message.text)

    def forgives(self, *words):
        """Drops the complaints that were to be expected."""
        self.complaints = [
            each for each in self.complaints if not any(word in each for word in words)
        ]

    def part(self, name):
        """What the page's test id `name` names."""
        return self.page.get_by_test_id(name)

    def sign_up(self, name, password="correct horse"):
        """Opens the page and makes an account through it."""
        self.email = f"visitor{next(_numbers)}@example.org"
        self.password = password
        self.page.goto(f"{self.url}/#/sign-up")
        self.part("email").fill(self.email)
        self.part("username").fill(name)
        self.part("password").fill(password)
        self.part("sign-up").click()
        self.is_connected()

    def sign_in(self):
        """Signs in on the page that asks for it."""
        self.part("email").fill(self.email)
        self.part("password").fill(self.password)
        self.part("sign-in").click()
        self.is_connected()

    def another_window(self):
        """A second window of the same person, in the same browser."""
        window = Visitor(None, self.url, context=self.context)
        window.email, window.password = self.email, self.password
        window.page.goto(f"{self.url}/#/rooms")
        window.is_connected()
        return window

    def hides(self):
        """Puts another tab before this one, as far as the page can tell."""
        self._is_seen(False)

    def shows(self):
        """Brings the page to the front again."""
        self._is_seen(True)

    def _is_seen(self, is_seen):
        self.page.evaluate(
            """(isSeen) => {
                Object.defineProperty(document, "hidden", { value: !isSeen, configurable: true });
                document.dispatchEvent(new Event("visibilitychange"));
            }""", is_seen)

    def create_room(self, title, description=""):
        """Makes a room and is in it afterwards."""
        self.page.goto(f"{self.url}/#/rooms")
        self.part("room-title").fill(title)
        self.part("room-description").fill(description)
        self.part("create-room").click()
        expect(self.part("room")).to_have_attribute("data-status", "ready")

    def enter(self, title):
        """Enters a room from the list."""
        self.page.goto(f"{self.url}/#/rooms")
        self.page.reload()
        self.part("room-item").filter(has_text=title).click()
        expect(self.part("room")).to_have_attribute("data-status", "ready")

    @property
    def room(self):
        """The number of the room that is open."""
        return int(self.part("room").get_attribute("data-id"))

    def write(self, text):
        """Writes a message and presses the button, whatever becomes of it."""
        self.part("composer").fill(text)
        self.part("send").click()

    def say(self, text):
        """Writes a message, and waits until it is stored."""
        self.write(text)
        self.sees_in_the_end(text)

    def sees(self, texts, timeout=10_000):
        """Waits until the page shows exactly these messages, all of them stored."""
        expect(self.part("message-text")).to_have_text(texts, timeout=timeout)
        expect(self.stored).to_have_count(len(texts), timeout=timeout)

    def sees_in_the_end(self, text):
        """Waits until the last message is this one, and stored."""
        expect(self.stored.last.get_by_test_id("message-text")).to_have_text(text)

    def listed(self, title):
        """A room among one's own in the list."""
        return self.part("my-rooms").get_by_test_id("room-item").filter(has_text=title)

    @property
    def stored(self):
        """The messages that the server has."""
        return self.page.locator("[data-testid=message][data-state=stored]")

    @property
    def message_ids(self):
        return [int(each.get_attribute("data-id")) for each in self.stored.all()]

    def is_connected(self, timeout=RECONNECT_MS):
        """Waits for a connection."""
        state = self.part("connection-state")
        expect(state).to_have_attribute("data-state", "connected", timeout=timeout)

    def is_cut_off(self):
        """Waits until the page says that it has no connection."""
        expect(self.part("connection-state")).not_to_have_attribute("data-state", "connected")
