"""`kill -9` of a node at random moments, while people comment on and like somebody's posts, and talk.

What they did must have been told once each, and REST and the stream must agree in the end.
NOTIFICATION_CRASH_RUNS says how often; NOTIFICATION_CRASH_SEED repeats the moments of a run.
"""

import os
import random
import threading
import time
from collections import Counter

from harness.notifications import COMMENT, LIKE, MESSAGE, Watcher, listed, mark_read, told
from harness.people import MANY_LOGINS, NO_RATE, join
from harness.ports import free_port
from harness.program import Server
from harness.waiting import until

FLAGS = (*MANY_LOGINS, *NO_RATE)
PEOPLE = 4
# Fewer than are kept, whatever comes.
COMMENTS_MAX = 150


class Fan(threading.Thread):
    """Somebody who likes and comments, each thing by a key and again until it is answered."""

    def __init__(self, person, posts, has_ended, name):
        super().__init__(name=name, daemon=True)
        self.person = person
        self.comments = 0
        self.likes = 0
        # What may be said until the next crash: a fast node has more to do after each.
        self.words = threading.Semaphore(0)
        self._posts = posts
        self._has_ended = has_ended

    def run(self):
        for number in range(COMMENTS_MAX):
            self.words.acquire()
            if self._has_ended.is_set():
                return
            post = self._posts[number % len(self._posts)]
            if number < len(self._posts):
                self._do(f"/api/post/{post}/like", None, f"like {number}", 200)
                self.likes += 1
            self._do(f"/api/post/{post}/comment", {"content": "Me!"}, f"comment {number}", 201)
            self.comments += 1

    def _do(self, path, body, key, status):
        while True:
            try:
                answer = self.person.rest.post(path, body, {"Idempotency-Key": key})
            except OSError:
                # The node is away; not a wait for anything.
                time.sleep(0.02)
                continue
            if answer.status == status:
                return
            assert answer.status == 503, answer.body


def test_everything_is_told_once_through_crashes(tmp_path):
    runs = int(os.environ.get("NOTIFICATION_CRASH_RUNS", "6"))
    seed = int(os.environ.get("NOTIFICATION_CRASH_SEED", random.randrange(10**9)))
    print(f"NOTIFICATION_CRASH_SEED={seed} NOTIFICATION_CRASH_RUNS={runs}")
    moments = random.Random(seed)
    port = free_port()
    server = Server(tmp_path, *FLAGS, port=port)
    has_ended = threading.Event()
    try:
        author = join(server, "Author")
        posts = [
            author.rest.post("/api/post", {"title": f"Post {number}", "content": "?"}).json["id"]
            for number in range(5)]
        begin = listed(author)["position"]
        fans = [
            Fan(join(server, f"Fan {number}"), posts, has_ended, f"fan-{number}")
            for number in range(PEOPLE)]
        for fan in fans:
            fan.start()
        for _ in range(runs):
            known = sum(fan.comments for fan in fans)
            for fan in fans:
                fan.words.release(max(2, COMMENTS_MAX // runs))
            until(lambda: sum(fan.comments for fan in fans) > known + 3, "people go on", 20)
            # Not a wait for anything: the moment is what is random here.
            time.sleep(moments.uniform(0, 0.3))
            server.kill()
            server = Server(tmp_path, *FLAGS, port=port)
            # What a person does with it goes on, too.
            for number in moments.sample(sorted(told(author)), 2):
                assert mark_read(author, number).status == 200
        has_ended.set()
        for fan in fans:
            fan.words.release()
            fan.join(30)
            assert not fan.is_alive()

        found = told(author)
        kinds = Counter((each["type"], each["actor"]["id"]) for each in found.values())
        done = Counter()
        for fan in fans:
            done[COMMENT, fan.person.id] = fan.comments
            done[LIKE, fan.person.id] = fan.likes
        assert kinds == done
        unread = sum(not each["isRead"] for each in found.values())
        assert listed(author)["unreadCount"] == unread < len(found)

        device = Watcher(server, author, begin)
        assert device.answer.headers["resume"] == "complete"
        until(lambda: device.next() and device.state.notifications == found, "both agree", 20)
        device.close()
        print(f"{sum(done.values())} things told, {len(found) - unread} read")
    finally:
        has_ended.set()
        server.stop()


def test_a_message_is_told_although_the_node_crashed_right_after_it(tmp_path):
    port = free_port()
    server = Server(tmp_path, *FLAGS, port=port)
    try:
        author, reader = join(server, "Author"), join(server, "Reader")
        rooms = [author.make_room(f"Room {number}") for number in range(3)]
        for room in rooms:
            assert reader.rest.post(f"/api/openchat/{room}/join").status == 200
        for run, room in enumerate(rooms):
            for _ in range(run + 1):
                sent = author.rest.post(f"/api/openchat/room/{room}/message", {"message": "hi"})
                assert sent.status == 201
            # Sooner than the node looks after the room.
            server.kill()
            server = Server(tmp_path, *FLAGS, port=port)
        until(lambda: listed(reader)["unreadCount"] == 3, "all rooms are told", 20)
        counts = {each["subject"]["id"]: each["count"] for each in told(reader).values()}
        assert counts == {room: run + 1 for run, room in enumerate(rooms)}
        assert {each["type"] for each in told(reader).values()} == {MESSAGE}
    finally:
        server.stop()
