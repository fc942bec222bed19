"""Clients of Server-Sent Events: two libraries that others use, each read by a thread of its own."""

import json
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import httpx_sse
import sseclient

# Longer than the server is ever silent.
SILENCE_MAX_S = 20.0
AGAIN_AFTER_S = 0.02


@dataclass(frozen=True)
class Event:
    """What a library made of one event; `id` is that of the event itself, or empty."""

    name: str
    data: str
    id: str
    retry: int | None

    @property
    def json(self):
        return json.loads(self.data)


def read_by_httpx_sse(response):
    """What httpx-sse makes of a response."""
    for each in httpx_sse.EventSource(response).iter_sse():
        yield Event(each.event, each.data, each.id, each.retry)


def read_by_sseclient(response):
    """What sseclient-py makes of a response."""
    for each in sseclient.SSEClient(response.iter_bytes()).events():
        yield Event(each.event, each.data, each.id or "", each.retry)


READERS = {"httpx-sse": read_by_httpx_sse, "sseclient-py": read_by_sseclient}


class Refused(Exception):
    """The server answered something that is no event stream."""

    def __init__(self, response):
        super().__init__(f"{response.status_code}: {response.text}")
        self.status = response.status_code
        self.headers = response.headers
        self.body = response.json()

    @property
    def error(self):
        return self.status, self.body["errorCode"]


@contextmanager
def _opened(url, headers):
    timeout = httpx.Timeout(10.0, read=SILENCE_MAX_S)
    with httpx.stream("GET", url, headers=headers, timeout=timeout) as response:
        if response.status_code != 200:
            response.read()
            raise Refused(response)
        yield response


class Listener:
    """One event stream, from its head to its end; as a context it is closed in the end."""

    def __init__(self, url, token=None, reader="httpx-sse", **headers):
        """Asks for it; raises `Refused` where it is not given. `headers` may have `_` for `-`."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._news = threading.Condition()
        self._events = []
        self._has_ended = False
        self._stream = _opened(url, headers)
        response = self._stream.__enter__()
        self.headers = response.headers
        self._socket = response.extensions["network_stream"].get_extra_info("socket")
        self._thread = threading.Thread(
            target=self._read, args=(READERS[reader], response), daemon=True)
        self._thread.start()

    def _read(self, reader, response):
        try:
            for event in reader(response):
                with self._news:
                    self._events.append(event)
                    self._news.notify_all()
        except httpx.HTTPError:
            pass
        with self._news:
            self._has_ended = True
            self._news.notify_all()

    def next(self, name=None, seconds=10.0):
        """The next event, or the next of that name; those before it are dropped."""
        def find():
            for index, event in enumerate(self._events):
                if name is None or event.name == name:
                    del self._events[:index + 1]
                    return event
            return None

        event = None
        with self._news:
            def is_there():
                nonlocal event
                event = event or find()
                return event or self._has_ended

            self._news.wait_for(is_there, seconds)
        assert event, f"no event {name or ''} within {seconds:g} s"
        return event

    def rest(self, seconds=10.0):
        """Everything until the server ends the stream."""
        with self._news:
            assert self._news.wait_for(lambda: self._has_ended, seconds), "the stream goes on"
            return self._events

    def cut(self):
        """Breaks the connection off."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def close(self):
        """Breaks the connection off, and waits until nobody reads it any more."""
        self.cut()
        self._thread.join(10)
        self._stream.__exit__(None, None, None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Follower:
    """A client that is never done: it comes back whenever its stream ends, with what it saw last.

    `messages` are those of the room that it was sent, in order, and `resumes` what the streams said
    first.
    """

    def __init__(self, addresses, token, reader):
        """`addresses` are those of the stream on each node; each connection goes to the next."""
        self._addresses = addresses
        self._token = token
        self._reader = reader
        self._news = threading.Condition()
        self._is_over = False
        self._current = None
        self.messages = []
        self.resumes = []
        self.last_id = ""
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self):
        number = 0
        while not self._is_over:
            headers = {"Last_Event_ID": self.last_id} if self.last_id else {}
            address = self._addresses[number % len(self._addresses)]
            number += 1
            try:
                with Listener(address, self._token, self._reader, **headers) as stream:
                    self._current = stream
                    self._take_all(stream)
            except (httpx.HTTPError, Refused):
                time.sleep(AGAIN_AFTER_S)

    def _take_all(self, stream):
        while not self._is_over:
            try:
                event = stream.next(seconds=SILENCE_MAX_S)
            except AssertionError:
                return
            with self._news:
                # As browsers do: an event without an id leaves what was seen.
                self.last_id = event.id or self.last_id
                if event.name == "connected":
                    self.resumes.append(event.json["resume"])
                elif event.name == "message":
                    self.messages.append(event.json)
                self._news.notify_all()

    def cut(self):
        """Breaks its present connection off."""
        self._current.cut()

    def wait_for(self, count, seconds=30.0):
        """Waits until it was sent so many messages."""
        with self._news:
            assert self._news.wait_for(lambda: len(self.messages) >= count, seconds), (
                f"{len(self.messages)} of {count} messages; resumes: {self.resumes}")

    def resume(self):
        """Breaks its present connection off, and waits until another one has begun."""
        before = len(self.resumes)
        self.cut()
        with self._news:
            assert self._news.wait_for(lambda: len(self.resumes) > before, 10), "no stream resumes"

    def wait_for_beginning(self):
        """Waits for the first event."""
        with self._news:
            assert self._news.wait_for(lambda: self.resumes, 10), "no stream begins"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._is_over = True
        if self._current:
            self._current.cut()
        self._thread.join(10)
