"""Honest people who talk in one room while others attack, and notice whatever goes wrong there."""

import threading

from harness.stomp_client import TCP, Ended, Stomp, WebSocket

# Between two messages: often enough that an attack can't fall between them.
PAUSE_SECONDS = 0.02


class Witness:
    """A writer and two readers of one room, over TCP and over a WebSocket, until `close`.

    The writer says "1", "2", … and waits for each receipt; every reader must get all of it, in
    order, with consecutive offsets.
    """

    def __init__(self, server, writer, reader, room):
        self._room = room
        self._said = 0
        self._has_ended = threading.Event()
        self._news = threading.Condition()
        self._trouble = []
        self._writer = Stomp(TCP(server.stomp_port))
        self._readers = [
            _Reader(Stomp(TCP(server.stomp_port)), self),
            _Reader(Stomp(WebSocket(server.websocket_url)), self)]
        self._writer.connect(writer.token)
        for each in self._readers:
            each.stomp.connect(reader.token)
            assert each.stomp.subscribe(f"/sub/chat/{room}").command == "RECEIPT"
        self._threads = [
            threading.Thread(target=work, daemon=True)
            for work in [self._talk, *(each.listen for each in self._readers)]]
        for thread in self._threads:
            thread.start()

    def check(self, seconds=60):
        """Everything that was said before reaches every reader, and nothing went wrong so far."""
        with self._news:
            # A message that is begun only now, too.
            goal = self._said + 2
            arrived = self._news.wait_for(
                lambda: self._trouble or all(each.count >= goal for each in self._readers), seconds)
        assert not self._trouble, self._trouble
        heard = [each.count for each in self._readers]
        assert arrived, f"said {self._said}, but heard {heard}, {goal} expected"

    def close(self):
        self._has_ended.set()
        for each in [self._writer, *(reader.stomp for reader in self._readers)]:
            each.close()
        for thread in self._threads:
            thread.join(20)

    def note(self, change):
        """Runs `change` and wakes whoever waits for news."""
        with self._news:
            change()
            self._news.notify_all()

    def complain(self, words):
        if not self._has_ended.is_set():
            self.note(lambda: self._trouble.append(words))

    def _talk(self):
        try:
            while not self._has_ended.wait(PAUSE_SECONDS):
                number = self._said + 1
                answer = self._writer.say(self._room, str(number))
                if answer.command != "RECEIPT" or answer.offset != number:
                    return self.complain(f"message {number} was answered with {answer}")
                self._said = number
        except (AssertionError, OSError, Ended) as error:
            self.complain(f"the writer: {error!r}")


class _Reader:
    def __init__(self, stomp, witness):
        self.stomp = stomp
        self.count = 0
        self._witness = witness

    def listen(self):
        try:
            while True:
                message = self.stomp.wait(lambda frame: True, "a message", seconds=60)
                wanted = ("MESSAGE", self.count + 1, str(self.count + 1))
                got = (message.command, message.offset, message.text)
                if got != wanted:
                    return self._witness.complain(f"{got} instead of {wanted}")
                self._witness.note(self._heard)
        except (AssertionError, OSError, Ended, KeyError) as error:
            wire = self.stomp.wire
            kind = type(wire).__name__
            self._witness.complain(
                f"the reader over {kind}, closed with {wire.close_code}: {error!r}")

    def _heard(self):
        self.count += 1
