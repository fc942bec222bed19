"""Clients on all nodes that write, read, lose their connections and resume; and what must be true of
what they saw."""

import asyncio
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field

from harness.cluster import SECRET
from harness.stomp_client import TCP, Stomp, encoded, parsed
from harness.tokens import mint
from harness.waiting import until

# A question that nobody answers in so many seconds is one that was swallowed.
ANSWER_MAX_S = 8.0
# Between two messages of a writer.
PAUSE_S = 0.02
RETRY_S = 0.05


@dataclass
class Outcome:
    """What the crowd went through, to be told."""

    published: int = 0
    received: int = 0
    refused: int = 0
    # Refusals that don't say when to try again.
    unhelpful: int = 0
    connections_lost: int = 0
    resets: int = 0
    duplicates_answered: int = 0
    slowest_answer_s: float = 0
    # From the moment a message was sent until a reader had it, where both were undisturbed.
    latencies: list = field(default_factory=list)

    def __str__(self):
        delays = sorted(self.latencies)
        p50, p99 = (
            f"{delays[int(len(delays) * share)] * 1000:.1f} ms" if delays else "–"
            for share in (0.5, 0.99))
        return (
            f"{self.published} published, {self.received} deliveries, {self.refused} refused, "
            f"{self.connections_lost} connections lost, {self.resets} resets, "
            f"{self.duplicates_answered} were stored already, slowest answer "
            f"{self.slowest_answer_s:.2f} s, delivery p50 {p50} p99 {p99}")


class Crowd:
    """Writers and readers of some topics, as many of each on every node, until `close`.

    A writer says its name and a number in each message, and says the next one only when the last has
    its receipt, so that its own order is known. A reader resumes from where it was, and reads all of it
    anew after `reset`.
    """

    def __init__(self, nodes, topics=("x.walks", "x.food"), readers=1):
        self._nodes = nodes
        self.topics = topics
        self.outcome = Outcome()
        self.trouble = []
        # Of each topic: key → (epoch, offset) of its receipt.
        self.receipts = {topic: {} for topic in topics}
        self.sent_at = {}
        self._loop = asyncio.new_event_loop()
        self.writers, self.readers = [], []
        for index in range(len(nodes)):
            for topic in topics:
                self.writers.append(_Writer(self, index, topic, len(self.writers)))
                for _ in range(readers):
                    self.readers.append(_Reader(self, index, topic, len(self.readers)))
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._tasks = [
            asyncio.run_coroutine_threadsafe(each.live(), self._loop)
            for each in [*self.readers, *self.writers]]
        self.writes = True

    def node(self, index):
        """The node at an index, counted round."""
        return self._nodes[index % len(self._nodes)]

    def complain(self, words):
        self.trouble.append(words)

    def wait_for_more(self, count=100, seconds=30):
        """Waits until so many more messages have a receipt, and everybody reads."""
        goal = self.outcome.published + count
        self._until(
            lambda: self.outcome.published >= goal and all(
                each.is_online for each in self.readers),
            f"{count} more messages have a receipt", seconds)

    def settle(self, seconds=30):
        """Stops the writers; waits until all they wrote has a receipt and reached all readers."""
        self.writes = False
        self._until(
            lambda: all(each.is_done for each in self.writers), "everything has a receipt", seconds)
        self._until(
            self._agree, "every reader has what there is", seconds)

    def _agree(self):
        for topic in self.topics:
            tops = {reader.position for reader in self.readers if reader.topic == topic}
            receipts = self.receipts[topic].values()
            if len(tops) != 1 or None in tops:
                return False
            (epoch, top), = tops
            if any(epoch == its and top < offset for its, offset in receipts):
                return False
        return True

    def _until(self, condition, what, seconds):
        def happens():
            assert not self.trouble, self.trouble[:5]
            return condition()

        try:
            until(happens, what, seconds)
        finally:
            if not condition():
                print(*(each.state for each in [*self.writers, *self.readers]), sep="\n")

    def check(self, may_lose=False):
        """Holds what everybody saw against what is in the log, as each node tells it; answers with how
        many messages are lost that had a receipt.

        With `may_lose` those of an epoch that is over may be. Nothing else may be wrong ever.
        """
        assert not self.trouble, self.trouble[:5]
        lost = 0
        for topic in self.topics:
            logs = [read_all(node, topic) for node in self._nodes]
            assert all(each == logs[0] for each in logs), f"nodes disagree on {topic}"
            epoch, keys = logs[0]
            assert len(set(keys)) == len(keys), f"stored twice in {topic}: {_repeated(keys)}"
            self._check_authors(topic, keys)
            for reader in self.readers:
                if reader.topic == topic:
                    assert reader.keys == keys, (
                        f"{reader.name} saw {len(reader.keys)} of {len(keys)}, and other ones from "
                        f"{_first_difference(reader.keys, keys)} on")
            places = {key: offset for offset, key in enumerate(keys, 1)}
            for key, (its_epoch, offset) in self.receipts[topic].items():
                if places.get(key) == offset:
                    continue
                assert may_lose and its_epoch != epoch, (
                    f"the receipt of {key} said {its_epoch}:{offset}, it is at {places.get(key)} of "
                    f"{epoch}")
                lost += key not in places
        return lost

    def _check_authors(self, topic, keys):
        last = defaultdict(int)
        for key in keys:
            author, _, number = key.rpartition("-")
            assert int(number) > last[author], f"{key} came too late in {topic}"
            last[author] = int(number)

    def close(self):
        for task in self._tasks:
            task.cancel()

        async def end():
            tasks = [each for each in asyncio.all_tasks() if each is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        print(self.outcome)
        self.close()


def read_all(node, topic):
    """The epoch of a topic and everything that is in its log, as somebody new at a node reads it."""
    with Stomp(TCP(node.stomp_port)) as client:
        client.connect(_token(0))
        # A position of no epoch tells which one there is.
        answer = client.subscribe(f"/topic/{topic}", id="where", position="0:0")
        assert answer.command == "RECEIPT", answer
        epoch, _, top = answer.headers["position"].partition(":")
        client.ask("UNSUBSCRIBE", {"id": "where"})
        answer = client.subscribe(f"/topic/{topic}", id="all", position=f"{epoch}:0")
        assert answer.headers["resume"] == "complete", answer
        messages = [
            each for each in client.waiting if each.headers.get("subscription") == "all"]
        assert [each.offset for each in messages] == list(range(1, int(top) + 1))
        return epoch, [each.body.decode() for each in messages]


class _Client:
    """A connection to one node after the other, and again and again."""

    def __init__(self, crowd, index, topic, number):
        self.crowd = crowd
        self.topic = topic
        self.destination = f"/topic/{topic}"
        self._home = index
        self._number = number
        self._token = _token(number + 1)
        self.is_online = False
        # What was asked and not answered yet: (what, when).
        self._asked = None

    async def live(self):
        try:
            while True:
                try:
                    await self._connection()
                except (OSError, EOFError, asyncio.TimeoutError):
                    pass
                if self.is_online:
                    self.crowd.outcome.connections_lost += 1
                self.is_online = False
                self._asked = None
                # Nobody waits for a node that is away where there are others.
                self._home += 1
                await asyncio.sleep(RETRY_S)
        except Exception as error:
            self.crowd.complain(f"{self.name}: {error!r}")
            raise

    async def _connection(self):
        reader, self._stream = await asyncio.open_connection(
            "127.0.0.1", self.crowd.node(self._home).stomp_port)
        self._buffer = b""
        watch = None
        try:
            self._send("CONNECT", {
                "accept-version": "1.2", "host": "a", "Authorization": f"Bearer {self._token}"})
            self._asks("CONNECT")
            watch = asyncio.ensure_future(self._watch())
            await self._hear(reader)
        finally:
            if watch:
                watch.cancel()
            self._stream.transport.abort()

    async def _hear(self, reader):
        while data := await reader.read(65536):
            self._buffer += data
            while self._buffer:
                if self._buffer[:1] == b"\n":
                    self._buffer = self._buffer[1:]
                    continue
                frame, length = parsed(self._buffer)
                if frame is None:
                    break
                self._buffer = self._buffer[length:]
                if frame.command == "ERROR":
                    return await self._refused_for_good(frame)
                if frame.command == "CONNECTED":
                    self._answered()
                    self._send("SUBSCRIBE", {"id": "e", "destination": "/user/queue/errors"})
                    self.begin()
                else:
                    self.take(frame)

    async def _refused_for_good(self, frame):
        code = frame.headers.get("message")
        if code not in ("store-unavailable", "going-away", "too-slow"):
            self.crowd.complain(f"{self.name} got {frame}")

    async def _watch(self):
        """Nobody is left without an answer."""
        while True:
            await asyncio.sleep(0.2)
            if self._asked and time.monotonic() - self._asked[1] > ANSWER_MAX_S:
                self.crowd.complain(f"{self.name} was not answered: {self._asked[0]}")
                return

    def _asks(self, what):
        self._asked = (what, time.monotonic())

    def _answered(self):
        outcome = self.crowd.outcome
        if self._asked:
            took = time.monotonic() - self._asked[1]
            outcome.slowest_answer_s = max(outcome.slowest_answer_s, took)
        self._asked = None

    def _send(self, command, headers, body=b""):
        self._stream.write(encoded(command, headers, body))

    def _later(self, seconds, work):
        """Does it on this connection, unless that is gone then."""
        stream = self._stream

        async def do():
            await asyncio.sleep(seconds)
            if stream is self._stream and not stream.transport.is_closing():
                work()

        asyncio.ensure_future(do())

    def refused(self, frame, again):
        """The error queue told of a question: asks again when it says so."""
        self._answered()
        outcome = self.crowd.outcome
        outcome.refused += 1
        if frame.headers["code"] != "store-unavailable":
            return self.crowd.complain(f"{self.name} got {frame}")
        if "retry-after-ms" not in frame.headers:
            outcome.unhelpful += 1
        self._later(int(frame.headers.get("retry-after-ms", 1000)) / 1000, again)

    @property
    def state(self):
        return f"{self.name}: {'online' if self.is_online else 'away'} {self._asked}"


class _Writer(_Client):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.name = f"w{self._number}"
        self._said = 0
        # The message that has no receipt yet.
        self._key = None

    @property
    def is_done(self):
        return self._key is None

    def begin(self):
        self.is_online = True
        self._next()

    def _next(self):
        if self._key is None:
            if not self.crowd.writes:
                return self._later(PAUSE_S, self._next)
            self._said += 1
            self._key = f"{self.name}-{self._said}"
            self.crowd.sent_at[self._key] = time.monotonic()
        else:
            # One that was on its way when something happened tells nothing of time.
            self.crowd.sent_at.pop(self._key, None)
        self._say()

    def _say(self):
        self._send("SEND", {
            "destination": self.destination, "receipt": self._key, "idempotency-key": self._key,
        }, self._key.encode())
        self._asks(f"SEND {self._key}")

    def take(self, frame):
        if frame.headers.get("receipt-id") != self._key or self._key is None:
            return self.crowd.complain(f"{self.name} got {frame}")
        if frame.command == "MESSAGE":
            self.crowd.sent_at.pop(self._key, None)
            return self.refused(frame, self._say)
        self._answered()
        outcome = self.crowd.outcome
        outcome.published += 1
        outcome.duplicates_answered += frame.headers.get("duplicate") == "true"
        epoch, _, offset = frame.headers["position"].partition(":")
        self.crowd.receipts[self.topic][self._key] = (epoch, int(offset))
        self._key = None
        self._later(PAUSE_S, self._next)


class _Reader(_Client):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.name = f"r{self._number}"
        self._forget(None)
        # Subscriptions are told apart, so that what an old one still sends is not taken for news.
        self._id = 0

    def _forget(self, epoch):
        self._epoch = epoch
        self.keys = []

    @property
    def position(self):
        """Where it is; None before it knows."""
        return (self._epoch, len(self.keys)) if self._epoch and self.is_online else None

    def begin(self):
        self._id += 1
        # A position of no epoch is answered with the one there is.
        position = f"{self._epoch}:{len(self.keys)}" if self._epoch else "0:0"
        self._send("SUBSCRIBE", {
            "id": self._id, "destination": self.destination, "receipt": f"s{self._id}",
            "position": position})
        self._asks(f"SUBSCRIBE from {position}")

    def take(self, frame):
        if frame.command == "RECEIPT":
            if frame.headers["receipt-id"] == f"s{self._id}":
                self._subscribed(frame)
        elif frame.headers["subscription"] == "e":
            self.refused(frame, self.begin)
        elif frame.headers["subscription"] == str(self._id):
            self._read(frame)

    def _subscribed(self, frame):
        self._answered()
        epoch, _, offset = frame.headers["position"].partition(":")
        verdict = frame.headers["resume"]
        if verdict == "reset":
            self.crowd.outcome.resets += self._epoch is not None
            self._send("UNSUBSCRIBE", {"id": self._id})
            self._forget(epoch)
            self.begin()
        elif verdict == "complete" and (epoch, int(offset)) == (self._epoch, len(self.keys)):
            self.is_online = True
        else:
            self.crowd.complain(
                f"{self.name} at {self._epoch}:{len(self.keys)} was answered {frame}")

    def _read(self, frame):
        epoch, _, offset = frame.headers["position"].partition(":")
        key = frame.body.decode()
        if not self.is_online and self._epoch is None:
            return self.crowd.complain(f"{self.name} got {frame} before it knew where")
        if (epoch, int(offset)) != (self._epoch, len(self.keys) + 1):
            return self.crowd.complain(
                f"{self.name} at {self._epoch}:{len(self.keys)} got {frame}")
        self.keys.append(key)
        self.crowd.outcome.received += 1
        sent_at = self.crowd.sent_at.get(key)
        if self.is_online and sent_at is not None:
            self.crowd.outcome.latencies.append(time.monotonic() - sent_at)


def _token(number):
    return mint(SECRET, sub=str(10_000 + number), name=f"Guest {number}", lifetime=3600)


def _repeated(keys):
    seen = set()
    return [key for key in keys if key in seen or seen.add(key)][:5]


def _first_difference(some, others):
    return next(
        (index for index, pair in enumerate(zip(some, others)) if pair[0] != pair[1]),
        min(len(some), len(others)))
