"""Requests whose end two readers could see in two places: refused, and nothing after them is read."""

import pytest

from harness import raw

SECOND = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"


def post(*headers, body=b""):
    head = b"".join(header + b"\r\n" for header in headers)
    return b"POST /healthz HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n" + body


SHAPES = {
    "length and chunks": post(
        b"Content-Length: 5", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    "chunks and length": post(
        b"Transfer-Encoding: chunked", b"Content-Length: 5", body=b"0\r\n\r\n"),
    "two lengths": post(b"Content-Length: 0", b"Content-Length: 5"),
    "a list of lengths": post(b"Content-Length: 0, 5"),
    "a signed length": post(b"Content-Length: +0"),
    "a negative length": post(b"Content-Length: -1"),
    "a length with a space in it": post(b"Content-Length: 1 0"),
    "a hexadecimal length": post(b"Content-Length: 0x0"),
    "an empty length": post(b"Content-Length: "),
    "chunked twice": post(b"Transfer-Encoding: chunked, chunked", body=b"0\r\n\r\n"),
    "chunked in two headers": post(
        b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    "chunked, then something": post(b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n"),
    "something, then chunked": post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"),
    "nearly chunked": post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"),
    "chunked after a vertical tab": post(b"Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n"),
    "chunked in quotes": post(b'Transfer-Encoding: "chunked"', body=b"0\r\n\r\n"),
    "a space before the colon": post(b"Transfer-Encoding : chunked", body=b"0\r\n\r\n"),
    "a space before the name": post(b" Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    "a folded header": post(b"Transfer-Encoding:\r\n chunked", body=b"0\r\n\r\n"),
    "a NUL in a header": post(b"X: \x00", b"Content-Length: 0"),
    "a lone return in a header": post(b"X: a\rContent-Length: 40"),
    "a lone line feed": b"GET /healthz HTTP/1.1\nHost: a\n\n",
    "a lone line feed between headers": post(b"X: a\nContent-Length: 40"),
    "an old version with chunks": (
        b"POST /healthz HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "an unknown version": b"GET /healthz HTTP/1.2\r\nHost: a\r\n\r\n"[:0] + (
        b"GET /healthz HTTP/11\r\nHost: a\r\n\r\n"),
    "two spaces": b"GET  /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
    "a tab": b"GET\t/healthz HTTP/1.1\r\nHost: a\r\n\r\n",
    "no version": b"GET /healthz\r\nHost: a\r\n\r\n",
    "two hosts": b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "a chunk size with a sign": post(b"Transfer-Encoding: chunked", body=b"+0\r\n\r\n"),
    "a chunk size with a prefix": post(b"Transfer-Encoding: chunked", body=b"0x0\r\n\r\n"),
    "a chunk size with a space": post(b"Transfer-Encoding: chunked", body=b" 0\r\n\r\n"),
    "a chunk size that overflows": post(
        b"Transfer-Encoding: chunked", body=b"10000000000000000\r\n\r\n"),
    "a chunk without its end": post(
        b"Transfer-Encoding: chunked", body=b"1\r\nab\r\n0\r\n\r\n"),
    "a chunk that ends in a line feed": post(
        b"Transfer-Encoding: chunked", body=b"1\r\na\n0\r\n\r\n"),
    "a chunk size that ends in a line feed": post(
        b"Transfer-Encoding: chunked", body=b"1\na\r\n0\r\n\r\n"),
    "an extension with a line feed": post(
        b"Transfer-Encoding: chunked", body=b"1;a\nb\r\na\r\n0\r\n\r\n"),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_an_ambiguous_request_is_refused_and_ends_the_connection(fort, shape):
    with raw.dial(fort.port) as connection:
        connection.sendall(shape + SECOND)
        answer = raw.rest_of(connection)
    assert raw.status(answer) in (400, 501, 505), answer
    assert answer.count(b"HTTP/1.1 ") == 1, answer


@pytest.mark.parametrize("request_bytes, statuses", [
    pytest.param(post(b"Content-Length: 0") + SECOND, [405, 200], id="an empty body"),
    pytest.param(
        post(b"Content-Length: %d" % len(SECOND), body=SECOND) + SECOND, [405, 200],
        id="a request as a body"),
    pytest.param(
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(SECOND)
        + SECOND + SECOND, [200, 200], id="a request as the body of a GET"),
    pytest.param(
        post(b"Transfer-Encoding: Chunked",
             body=b"%x;a=b\r\n%s\r\n0\r\nX: y\r\n\r\n" % (len(SECOND), SECOND)) + SECOND,
        [405, 200], id="a request as a chunk"),
])
def test_a_request_within_a_body_is_never_answered(fort, request_bytes, statuses):
    end = b"GET /api/nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with raw.dial(fort.port) as connection:
        connection.sendall(request_bytes + end)
        answer = raw.rest_of(connection)
    assert raw.statuses(answer) == [*statuses, 404], answer


def test_an_upgrade_with_a_body_takes_no_byte_of_it_as_a_frame(fort):
    """What follows the head of an upgrade is either its body or the WebSocket's, never both."""
    request = raw.upgrade_request().replace(b"Host: a\r\n", b"Host: a\r\nContent-Length: 5\r\n")
    with raw.dial(fort.port) as connection:
        connection.sendall(request + b"hello" + raw.frame(raw.connect(fort.mallory)))
        assert raw.status(raw.read_until(connection, b"CONNECTED\n")) == 101
