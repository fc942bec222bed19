"""Makes the README's screenshot, Docs/screenshot.png: screenshot.py [FILE]

People talk in real browser windows; what one of them sees is the picture. PETNEXUS names the
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
    ("mina", "I bring the treats. See you there!"),
]

# What Mina has not read yet, in another room.
ELSEWHERE = ["거기 야간 진료도 하나요?", "네, 자정까지 해요. 주차도 편해요 🐈"]


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
        people = {name: Visitor(browser, server.url, **look) for name in ("mina", "jun", "hayun")}
        mina, jun, hayun = people["mina"], people["jun"], people["hayun"]
        mina.sign_up("Mina Park")
        jun.sign_up("준서")
        hayun.sign_up("하윤")
        for title, description in ROOMS:
            mina.create_room(title, description)
        hayun.enter(ROOMS[1][0])
        for text in ELSEWHERE:
            hayun.say(text)
        for guest in (jun, hayun):
            guest.enter(ROOMS[-1][0])
        for who, text in CONVERSATION:
            people[who].say(text)
        mina.sees([text for _, text in CONVERSATION])
        expect(mina.part("room-item")).to_have_count(len(ROOMS))
        # The list of rooms is looked at every ten seconds.
        unread = mina.part("unread").get_by_text(str(len(ELSEWHERE)))
        expect(unread).to_be_visible(timeout=30_000)
        expect(mina.stored.last.get_by_test_id("readers").locator(".avatar")).to_have_count(2)
        jun.part("composer").press_sequentially("보리")
        expect(mina.part("typing")).to_be_visible()
        Path(file).parent.mkdir(exist_ok=True)
        mina.page.screenshot(path=file, animations="disabled")
        browser.close()


main(sys.argv[1] if len(sys.argv) > 1 else ROOT / "Docs" / "screenshot.png")
