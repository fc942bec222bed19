"""Images: uploaded by forms, checked by what is in them, served for good."""

import resource
import socket
import time

import pytest

from harness.images import (
    Uploader, chunk, decoded, encoded, exif, large_png, media_files, noise, png, refusal)
from harness.people import join
from harness.program import Server
from harness.raw import dial, rest_of, status, vanish
from harness.waiting import until

MIB = 1 << 20
KINDS = {
    "JPEG": ("image/jpeg", "jpg"), "PNG": ("image/png", "png"), "WEBP": ("image/webp", "webp"),
    "GIF": ("image/gif", "gif"),
}


@pytest.fixture
def mina_uploads(server, mina):
    return Uploader(server, mina)


def upload_head(server, person, size, *headers):
    """The head of a form of so many bytes, and how the form begins."""
    token = [f"Authorization: Bearer {person.token}"] if person else []
    lines = [
        "PUT /api/profile HTTP/1.1", "Host: a", f"Content-Length: {size}",
        "Content-Type: multipart/form-data; boundary=b", *token, *headers, "", ""]
    part = (
        "--b\r\nContent-Disposition: form-data; name=\"imageFile\"; filename=\"a.png\"\r\n\r\n")
    return "\r\n".join(lines).encode(), part.encode()


# What is served


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_of_each_kind_is_served_as_what_it_is(mina_uploads, kind):
    media_type, extension = KINDS[kind]
    content = encoded(kind)
    address = mina_uploads.picture(("photo.exe", content))
    assert address.startswith("/media/") and address.endswith("." + extension)
    answer = mina_uploads.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert decoded(answer.content).tobytes() == decoded(content).tobytes()


def test_images_are_for_everybody_who_has_their_names(server, mina_uploads):
    address = mina_uploads.picture(encoded("PNG"))
    assert Uploader(server, None).get(address).status_code == 200


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_does_not_tell_where_it_was_taken(mina_uploads, kind):
    content = encoded(kind, exif=exif())
    assert b"SecretPhone" in content
    served = mina_uploads.get(mina_uploads.picture(content)).content
    assert b"SecretPhone" not in served
    image = decoded(served)
    assert not image.getexif().get_ifd(0x8825)
    assert image.tobytes() == decoded(content).tobytes()


def test_a_photo_stays_turned_as_it_was_held(mina_uploads):
    content = encoded("JPEG", exif=exif(orientation=6))
    image = decoded(mina_uploads.get(mina_uploads.picture(content)).content)
    assert dict(image.getexif()) == {0x0112: 6}


@pytest.mark.parametrize("kind, options", [
    ("GIF", {"save_all": True, "loop": 0, "duration": 100}),
    ("WEBP", {"save_all": True, "duration": 100, "lossless": True}),
    ("PNG", {"save_all": True, "duration": 100}),
])
def test_what_moves_goes_on_moving(mina_uploads, kind, options):
    content = encoded(kind, noise(), append_images=[noise(), noise()], **options)
    image = decoded(mina_uploads.get(mina_uploads.picture(content)).content)
    assert image.n_frames == 3


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_what_was_hidden_behind_an_image_is_gone(mina_uploads, kind):
    hidden = b"PK\x03\x04<script>alert(1)</script>"
    served = mina_uploads.get(mina_uploads.picture(encoded(kind) + hidden)).content
    assert hidden not in served
    assert decoded(served).size == (64, 48)


def test_parts_and_conditions(mina_uploads):
    address = mina_uploads.picture(encoded("JPEG", noise((400, 300))))
    whole = mina_uploads.get(address)
    size, tag = len(whole.content), whole.headers["etag"]
    part = mina_uploads.get(address, Range="bytes=100-199")
    assert (part.status_code, part.content) == (206, whole.content[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{size}"
    assert mina_uploads.get(address, Range="bytes=-10").content == whole.content[-10:]
    resumed = mina_uploads.get(address, Range="bytes=5-", **{"If-Range": tag})
    assert (resumed.status_code, resumed.content) == (206, whole.content[5:])
    other = mina_uploads.get(address, Range="bytes=5-", **{"If-Range": '"other"'})
    assert (other.status_code, other.content) == (200, whole.content)
    beyond = mina_uploads.get(address, Range=f"bytes={size}-")
    assert refusal(beyond) == (416, "R012")
    assert beyond.headers["content-range"] == f"bytes */{size}"
    known = mina_uploads.get(address, **{"If-None-Match": tag})
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
    head = mina_uploads.client.head(address)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(size)


@pytest.mark.parametrize("path", [
    "/media/", "/media/x", "/media/AAAAAAAAAAAAAAAAAAAAAA.jpg", "/media/AAAAAAAAAAAAAAAAAAAAAA",
    "/media/AAAAAAAAAAAAAAAAAAAAAA.svg", "/media/incoming", "/media/..%5c..%5ckeys.json",
    "/media/a/AAAAAAAAAAAAAAAAAAAAAA.jpg", "/media/AA/AAAAAAAAAAAAAAAAAAAAAA.jpg",
])
def test_what_is_no_image_is_not_there(server, path):
    assert server.rest.get(path).error == (404, "R003")


@pytest.mark.parametrize("path", ["/media/../keys.json", "/media/%2e%2e/keys.json", "/media/%00"])
def test_no_address_leaves_the_directory(server, path):
    assert server.rest.get(path).status == 400


# What is refused


@pytest.mark.parametrize("content, expected", [
    pytest.param(b"<script>alert(1)</script>", (415, "S004"), id="a page named like a photo"),
    pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", (415, "S004"), id="svg"),
    pytest.param(b"GIF8", (415, "S004"), id="too short to be anything"),
    pytest.param(encoded("JPEG")[:-2], (422, "S005"), id="a JPEG without its end"),
    pytest.param(encoded("PNG")[:-20], (422, "S005"), id="a PNG without its end"),
    pytest.param(encoded("WEBP")[:-20], (422, "S005"), id="a WebP without its end"),
    pytest.param(encoded("GIF")[:-20], (422, "S005"), id="a GIF without its end"),
    pytest.param(
        b"GIF89a\1\0\1\0\0\0\0<script>alert(1)</script>", (422, "S005"), id="a script behind GIF's head"),
    pytest.param(png(20_000, 20_000), (413, "S006"), id="a bomb"),
    pytest.param(large_png(10 * MIB + 1), (413, "S007"), id="too large"),
])
def test_what_is_not_taken(server, mina_uploads, content, expected):
    assert refusal(mina_uploads.put(content)) == expected
    until(lambda: not [each for each in media_files(server.data) if "incoming" in each],
          "nothing is left of it")


def test_an_image_may_be_as_large_as_the_limit(mina_uploads):
    content = large_png(10 * MIB)
    assert mina_uploads.get(mina_uploads.picture(content)).content == content


def test_a_form_has_so_many_images_and_no_more(server, mina_uploads):
    small = png()
    before = media_files(server.data)
    # Ten are a form's, but a profile has one picture.
    assert refusal(mina_uploads.put(*[small] * 10)) == (413, "S008")
    assert refusal(mina_uploads.put(*[small] * 11)) == (413, "S008")
    until(lambda: media_files(server.data) == before, "none of them is left")


def test_a_file_in_the_place_of_something_else_is_refused(mina_uploads):
    answer = mina_uploads.client.put("/api/profile", files={"nickname": ("n.txt", b"Mina")})
    assert refusal(answer) == (422, "R002")
    assert answer.json()["fields"][0]["field"] == "nickname"


def test_an_input_that_was_left_empty_is_no_image(mina_uploads):
    answer = mina_uploads.put(("", b""), fields={"nickname": "Mina"})
    assert answer.status_code == 200 and answer.json()["nickname"] == "Mina"


@pytest.mark.parametrize("fields", [
    {"nickname": "x" * 65_537}, {f"f{number}": "x" * 60_000 for number in range(5)},
    {f"f{number}": "x" for number in range(80)},
])
def test_fields_are_not_collected_without_end(mina_uploads, fields):
    assert refusal(mina_uploads.put(png(), fields=fields)) == (413, "R009")


def test_one_user_has_so_many_uploads_under_way_and_others_have_theirs(server, mina, jun):
    head, part = upload_head(server, mina, 5 * MIB)
    slow = [dial(server.port) for _ in range(16)]
    for number, connection in enumerate(slow, 1):
        connection.sendall(head + part + png()[:-10])
        until(lambda: len([each for each in media_files(server.data) if "incoming" in each]) == number,
              "the upload has begun")
    refused = Uploader(server, mina).put(png())
    assert refusal(refused) == (503, "S010") and int(refused.headers["retry-after"]) > 0
    assert Uploader(server, jun).put(png()).status_code == 200
    for connection in slow:
        connection.close()
    until(lambda: Uploader(server, mina).put(png()).status_code == 200, "there is room again")


@pytest.mark.parametrize("body", [
    b"", b"no form", b"--b", b"--b\r\n\r\n\r\n--b--", b"--b\r\nContent-Disposition: form-data\r\n\r\n",
    b"--b\r\nContent-Disposition: form-data; name=nickname\r\n\r\nMina",
    b"--b\r\nContent-Disposition: form-data; name=nickname\r\n\r\n\xff\r\n--b--",
])
def test_a_form_that_is_none_is_malformed(mina_uploads, body):
    answer = mina_uploads.client.put(
        "/api/profile", content=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert refusal(answer) == (400, "R011")


def test_fields_of_a_form_are_held_to_the_same_rules(server, mina_uploads):
    before = media_files(server.data)
    answer = mina_uploads.put(encoded("PNG"), fields={"nickname": ""})
    assert refusal(answer) == (422, "R002")
    assert media_files(server.data) == before, "what the request made nothing of"


def test_json_goes_on_working(mina):
    assert mina.rest.put("/api/profile", {"nickname": "Mina"}).json["nickname"] == "Mina"


# Who may


@pytest.mark.parametrize("headers", [(), ("Expect: 100-continue",)])
def test_a_stranger_is_told_so_before_anything_is_read(server, headers):
    head, _ = upload_head(server, None, 100 * MIB, *headers)
    with dial(server.port) as connection:
        connection.sendall(head)
        answer = rest_of(connection)
    assert status(answer) == 401 and b"TK001" in answer


def test_who_may_upload_is_told_to_go_on(server, mina):
    head, part = upload_head(server, mina, 0, "Expect: 100-continue")
    body = part + png() + b"\r\n--b--\r\n"
    head = head.replace(b"Content-Length: 0", b"Content-Length: %d" % len(body))
    with dial(server.port) as connection:
        connection.sendall(head)
        assert connection.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_more_than_a_form_can_be_is_refused_by_its_length(server, mina):
    head, _ = upload_head(server, mina, 102 * MIB)
    with dial(server.port) as connection:
        connection.sendall(head)
        answer = rest_of(connection)
    assert status(answer) == 413


# How long, and how well


def test_a_picture_that_is_replaced_goes(server, mina_uploads):
    first = mina_uploads.picture(encoded("PNG"))
    second = mina_uploads.picture(encoded("PNG"))
    assert mina_uploads.get(first).status_code == 404
    assert mina_uploads.get(second).status_code == 200
    assert mina_uploads.client.get("/api/profile").json()["image"] == second


@pytest.mark.parametrize("leave", [socket.socket.close, vanish])
def test_an_upload_that_breaks_off_leaves_nothing(server, mina, leave):
    head, part = upload_head(server, mina, 5 * MIB)
    connection = dial(server.port)
    connection.sendall(head + part + large_png(MIB)[:-100])
    until(lambda: any("incoming" in each for each in media_files(server.data)),
          "the upload has begun")
    leave(connection)
    until(lambda: not any("incoming" in each for each in media_files(server.data)),
          "nothing is left of it")


def test_an_upload_may_take_longer_than_other_requests(tmp_path):
    with Server(tmp_path / "data", "--handshake-timeout", "100ms") as server:
        mina = join(server)
        head, part = upload_head(server, mina, 0)
        body = part + encoded("PNG") + b"\r\n--b--\r\n"
        head = head.replace(b"Content-Length: 0", b"Content-Length: %d" % len(body))
        with dial(server.port) as connection:
            connection.sendall(head)
            began = time.monotonic()
            for at in range(0, len(body), 100):
                connection.sendall(body[at:at + 100])
                # What else the node does meanwhile takes its time.
                while time.monotonic() < began + at / len(body):
                    assert server.rest.get("/healthz").status == 200
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_an_upload_that_falls_silent_is_given_up(tmp_path):
    with Server(tmp_path / "data", "--idle-timeout", "1s") as server:
        mina = join(server)
        head, part = upload_head(server, mina, 5 * MIB)
        with dial(server.port) as connection:
            connection.sendall(head + part + png()[:-10])
            assert status(rest_of(connection)) == 408
        until(lambda: media_files(tmp_path / "data") == [], "nothing is left of it")


def test_a_crash_leaves_nothing_for_good(tmp_path):
    data = tmp_path / "data"
    with Server(data, "--image-orphan-age", "2s") as server:
        mina = join(server)
        address = Uploader(server, mina).picture(png())
        head, part = upload_head(server, mina, 5 * MIB)
        with dial(server.port) as connection:
            connection.sendall(head + part + large_png(MIB)[:-100])
            until(lambda: len(media_files(data)) == 2, "the upload has begun")
            server.kill()
    assert len(media_files(data)) == 2
    with Server(data, "--image-orphan-age", "2s") as server:
        until(lambda: len(media_files(data)) == 1, "what was begun is collected")
        assert server.rest.get(address).status == 200


def test_a_full_disk_refuses_images_and_nothing_else(tmp_path):
    data = tmp_path / "data"
    with Server(data, ignores_file_limit=True) as server:
        mina = join(server)
        uploads = Uploader(server, mina)
        address = uploads.picture(png())
        _, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        # Enough for the store, not for the image.
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (8 * MIB, hard))
        answer = uploads.put(large_png(9 * MIB))
        assert refusal(answer) == (503, "S001") and int(answer.headers["retry-after"]) > 0
        assert uploads.get(address).status_code == 200
        assert server.rest.get("/readyz").status == 200
        until(lambda: len(media_files(data)) == 1, "nothing is left of it")
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, hard))
        assert uploads.put(large_png(9 * MIB)).status_code == 200


def test_chunks_that_say_what_they_are_go(mina_uploads):
    content = png().replace(b"\x00\x00\x00\x04IDAT", chunk(b"tEXt", b"where\x00home") + b"\x00\x00\x00\x04IDAT")
    assert b"home" in content
    assert mina_uploads.get(mina_uploads.picture(content)).content == png()
