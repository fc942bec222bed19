"""HTTP as clients, proxies and attackers speak it."""

import json
import socket

import pytest

from harness.rest import exchange


@pytest.mark.parametrize("path", ["/", "/index.html", "/app.js", "/styles/base.css"])
def test_the_web_client_is_served_with_a_strict_policy(server, path):
    answer = server.rest.get(path)
    assert answer.status == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"].startswith("text/")


def test_a_file_that_the_browser_has_is_not_sent_again(server):
    first = server.rest.get("/app.js")
    again = server.rest.request("GET", "/app.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("path", [
    "/nothing", "/views", "/app.js/", "/Web/app.js", "/api/nothing", "/api", "/serve.lock",
])
def test_what_is_not_there_is_404(server, path):
    assert server.rest.get(path).error == (404, "R003")


@pytest.mark.parametrize("path", [
    "/../Package.swift", "/%2e%2e/Package.swift", "/..%2fPackage.swift", "/app.js%00", "/%zz",
])
def test_an_address_that_tries_to_leave_the_site_is_malformed(server, path):
    assert server.rest.get(path).status == 400


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/", "/api/openchat"])
def test_head_is_get_without_the_body(server, mina, path):
    got = mina.rest.get(path)
    head = mina.rest.request("HEAD", path)
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == str(len(got.body))


@pytest.mark.parametrize("method, path, allowed", [
    ("POST", "/healthz", {"GET"}),
    ("DELETE", "/api/openchat", {"GET", "POST"}),
    ("GET", "/api/user/signup", {"POST"}),
    ("PATCH", "/api/profile", {"DELETE", "GET", "PUT"}),
    ("DELETE", "/api/openchat/room/1/message", {"POST"}),
])
def test_a_method_that_an_address_does_not_know_is_405(server, mina, method, path, allowed):
    answer = mina.rest.request(method, path)
    assert answer.error == (405, "R004")
    assert {each.strip() for each in answer.headers["allow"].split(",")} == allowed


def test_pipelined_requests_are_answered_in_their_order(server, mina):
    wishes = [
        "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
        "HEAD /readyz HTTP/1.1\r\nHost: a\r\n\r\n",
        f"GET /api/profile HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {mina.token}\r\n\r\n",
        "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /api/user/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        "Content-Length: 2\r\n\r\n{}",
        "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    ]
    methods = [wish.split()[0] for wish in wishes]
    answers = exchange(server.port, "".join(wishes).encode(), methods)
    assert [each.status for each in answers] == [200, 200, 200, 404, 422, 200]
    assert answers[2].json["nickname"] == "Mina"
    assert answers[-1].headers["connection"] == "close"


def test_a_chunked_body_is_read(server, mina):
    body = json.dumps({"title": "In pieces"}).encode()
    pieces = b"".join(b"%x\r\n%s\r\n" % (1, body[at:at + 1]) for at in range(len(body)))
    head = (
        "POST /api/openchat HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
        f"Content-Type: application/json\r\nAuthorization: Bearer {mina.token}\r\n\r\n")
    [answer] = exchange(server.port, head.encode() + pieces + b"0\r\n\r\n")
    assert (answer.status, answer.json["title"]) == (201, "In pieces")


def test_a_client_that_waits_for_leave_to_send_its_body_gets_it(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(
            b"POST /api/user/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            b"Content-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n")
        assert connection.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"{}")
        assert connection.recv(1024).startswith(b"HTTP/1.1 422 ")


@pytest.mark.parametrize("request_bytes, status", [
    pytest.param(
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 20_000 + b"\r\n\r\n", 431, id="huge header"),
    pytest.param(
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 4_000 + b"\r\n", 431, id="many headers"),
    pytest.param(b"GET /" + b"y" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414, id="long address"),
    pytest.param(
        b"POST /api/user/login HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999\r\n\r\n", 413,
        id="large body"),
    pytest.param(
        b"POST /api/user/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"fffffff\r\n", 413, id="large chunk"),
    pytest.param(b"GET / HTTP/1.1\r\n\r\n", 400, id="no host"),
    pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, id="two hosts"),
    pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400, id="obsolete folding"),
    pytest.param(b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400, id="space before the colon"),
    pytest.param(
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400,
        id="two lengths"),
    pytest.param(
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\na",
        400, id="length and chunks"),
    pytest.param(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na", 400, id="signed length"),
    pytest.param(
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501, id="unknown coding"),
    pytest.param(b"GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505, id="unknown version"),
    pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, id="TLS"),
    pytest.param(b"nonsense\r\n\r\n", 400, id="nonsense"),
])
def test_a_request_that_cannot_be_taken_is_refused_and_ends_the_connection(
        server, request_bytes, status):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(request_bytes)
        answer = b""
        while data := connection.recv(65536):
            answer += data
    assert answer.startswith(b"HTTP/1.1 %d " % status), answer
    assert b"\r\nconnection: close\r\n" in answer.lower()


@pytest.mark.parametrize("headers, status", [
    pytest.param("Sec-WebSocket-Version: 13\r\n", 400, id="no key"),
    pytest.param("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n", 400, id="bad key"),
    pytest.param(
        "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n", 426,
        id="old version"),
    pytest.param(
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        "Origin: https://elsewhere.example\r\n", 403, id="foreign page"),
])
def test_a_bad_websocket_handshake_is_refused(server, headers, status):
    request = (
        "GET /stomp/chat HTTP/1.1\r\nHost: pets.example\r\nConnection: Upgrade\r\n"
        f"Upgrade: websocket\r\n{headers}\r\n")
    [answer] = exchange(server.port, request.encode())
    assert answer.status == status


def test_the_stomp_address_without_an_upgrade_asks_for_one(server):
    assert server.rest.get("/stomp/chat").status == 426
