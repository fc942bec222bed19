"""Makes the README's screenshot, Docs/screenshot.png: screenshot.py [FILE]

Two people talk in real browser windows; what one of them sees is the picture. PETNEXUS names the
program. The fonts are this machine's: Debian's fonts-nanum and fonts-noto-color-emoji have the
letters and the faces.
"""

import sys
import time
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from harness.browser import Visitor, launch
from harness.program import ROOT, Server

ROOMS = [
    ("Shy rescues", "Slow introductions, small victories."),
    ("고양이 병원 추천", "믿고 다니는 병원을 나눠요."),
    ("Puppies, first year", "Teeth, naps, and the word no."),
    ("한강 아침 산책", "Morning walks along the Han river · 매일 7시, 뚝섬 잔디밭"),
]

CONVERSATION = [
    ("jun", "Good morning! Is anybody walking at seven today?"),
    ("mina", "좋은 아침이에요! 저는 보리랑 갈 거예요 🐕"),
    ("mina", "Bori has been standing at the door since half past five, so yes."),
    ("jun", "하하, 우리 코코도 똑같아요. 비가 좀 온다던데 괜찮을까요?"),
    ("mina", "The rain stops at eight. 우비 챙길게요!"),
    ("jun", "Perfect. Coco is still a little scared of big dogs, could we start slowly?"),
    ("mina", "물론이죠. 보리는 덩치만 크지 아기예요. We can walk side by side first."),
    ("jun", "고마워요, 뚝섬 잔디밭에서 봐요 👋"),
]


def morning():
    """A time zone in which people go for their morning walk now."""
    ahead = (6 - time.gmtime().tm_hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}"


def main(file):
    with tempfile.TemporaryDirectory() as data, Server(Path(data) / "data") as server, \
            sync_playwright() as playwright:
        browser = launch(playwright)
        look = {
            "viewport": {"width": 1180, "height": 830}, "color_scheme": "light", "locale": "en-GB",
            "timezone_id": morning(),
        }
        people = {
            "mina": Visitor(browser, server.url, **look),
            "jun": Visitor(browser, server.url, **look),
        }
        people["mina"].sign_up("Mina Park")
        people["jun"].sign_up("준서")
        for title, description in ROOMS:
            people["mina"].create_room(title, description)
        people["jun"].enter(ROOMS[-1][0])
        for who, text in CONVERSATION:
            people[who].say(text)
        people["mina"].sees([text for _, text in CONVERSATION])
        # The head count that the list shows is of its last look.
        people["mina"].page.reload()
        people["mina"].is_connected()
        people["mina"].sees([text for _, text in CONVERSATION])
        expect(people["mina"].part("room-item")).to_have_count(len(ROOMS))
        Path(file).parent.mkdir(exist_ok=True)
        people["mina"].page.screenshot(path=file, animations="disabled")
        browser.close()


main(sys.argv[1] if len(sys.argv) > 1 else ROOT / "Docs" / "screenshot.png")
