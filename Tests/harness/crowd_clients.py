"""The clients of a crowd: they write or read at one node after the other, and check every answer."""

import asyncio
import time

from harness.cluster import SECRET
from harness.stomp_client import encoded, parsed
from harness.tokens import mint

# A question that nobody answers in so many seconds is one that was swallowed.
ANSWER_MAX_S = 8.0
# Between two messages of a writer.
PAUSE_S = 0.02
RETRY_S = 0.05


def token_of(number):
    """An access token of another backend, for one of the crowd."""
    return mint(SECRET, sub=str(10_000 + number), name=f"Guest {number}", lifetime=3600)


class Client:
    """A connection to one node after the other, and again and again."""

    def __init__(self, crowd, index, topic, number):
        self.crowd = crowd
        self.topic = topic
        self.destination = f"/topic/{topic}"
        self._home = index
        self._number = number
        self._token = token_of(number + 1)
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
        node = self.crowd.node(self._home)
        reader, self._stream = await asyncio.open_connection(node.host, node.stomp_port)
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


class Writer(Client):
    """Says one thing after the other, each until it has its receipt."""

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


class Reader(Client):
    """Reads a topic from its beginning, and goes on where it was."""

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
