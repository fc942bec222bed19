"""Clients on all nodes that write, read, lose their connections and resume; and what must be true of
what they saw."""

import asyncio
import threading
from collections import defaultdict
from dataclasses import dataclass, field

from harness.crowd_clients import Reader, Writer, token_of
from harness.stomp_client import TCP, Stomp
from harness.waiting import until


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
                self.writers.append(Writer(self, index, topic, len(self.writers)))
                for _ in range(readers):
                    self.readers.append(Reader(self, index, topic, len(self.readers)))
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
    with Stomp(TCP(node.stomp_port, host=node.host)) as client:
        client.connect(token_of(0))
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


def _repeated(keys):
    seen = set()
    return [key for key in keys if key in seen or seen.add(key)][:5]


def _first_difference(some, others):
    return next(
        (index for index, pair in enumerate(zip(some, others)) if pair[0] != pair[1]),
        min(len(some), len(others)))
