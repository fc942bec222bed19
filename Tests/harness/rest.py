"""A REST client, and HTTP as raw bytes for what no client would send."""

import http.client
import json
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass
class Answer:
    """A response: its headers' names are in lower case; `cookies` maps names to whole values."""

    status: int
    headers: dict
    cookies: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The stable code of an error."""
        return self.json["errorCode"]

    @property
    def error(self):
        """Status and code of an error, to compare in one go."""
        return self.status, self.code

    @property
    def refused_fields(self):
        """The names of the fields that a validation error lists."""
        return [each["field"] for each in self.json["fields"]]


class Rest:
    """Requests to one server; with a `token`, in the name of its bearer."""

    def __init__(self, url, token=None):
        self.url = url
        self.token = token
        self._address = (urlsplit(url).hostname, urlsplit(url).port)

    def bearing(self, token):
        """The same server, asked by somebody else."""
        return Rest(self.url, token)

    def request(self, method, path, body=None, headers=None):
        """Sends one request; `body` is sent as JSON unless it is bytes."""
        headers = dict(headers or {})
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        connection = http.client.HTTPConnection(*self._address, timeout=10)
        try:
            connection.request(method, path, body, headers)
            return read_answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, **headers):
        return self.request("GET", path, headers=headers)

    def post(self, path, body=None, headers=None):
        return self.request("POST", path, body, headers)

    def put(self, path, body=None, headers=None):
        return self.request("PUT", path, body, headers)

    def delete(self, path, headers=None):
        return self.request("DELETE", path, headers=headers)


def read_answer(response):
    """All of a response."""
    headers = {name.lower(): value for name, value in response.getheaders()}
    cookies = {}
    for value in response.headers.get_all("set-cookie") or []:
        name, _, rest = value.partition("=")
        cookies[name] = rest
    return Answer(response.status, headers, cookies, response.read())


def exchange(port, data, methods=("GET",)):
    """Sends raw bytes to the HTTP port, and reads one response for each of `methods`."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(data)
        stream = connection.makefile("rb")
        answers = []
        for method in methods:
            response = http.client.HTTPResponse(_Shared(stream), method=method)
            response.begin()
            answers.append(read_answer(response))
        return answers


class _Shared:
    """Lets several responses be read from one stream, each where the one before ended."""

    def __init__(self, stream):
        self._stream = stream

    def makefile(self, mode):
        return _Unclosed(self._stream)


class _Unclosed:
    def __init__(self, stream):
        self._stream = stream

    def __getattr__(self, name):
        return getattr(self._stream, name)

    def close(self):
        """The next response is still in the stream."""
