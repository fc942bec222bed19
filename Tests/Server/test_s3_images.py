"""Images in a bucket: browsers put them there themselves, at addresses that the node signs."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from harness.images import Uploader, encoded, refusal
from harness.people import MANY_LOGINS, join
from harness.ports import free_port
from harness.program import Server, petnexus
from harness.s3 import BUCKET, REGION, S3, flags_of
from harness.waiting import until


@pytest.fixture(scope="module")
def s3():
    with S3() as bucket:
        yield bucket


@pytest.fixture(scope="module")
def server(s3, tmp_path_factory):
    data = tmp_path_factory.mktemp("data")
    with Server(data, *MANY_LOGINS, *s3.flags) as node:
        yield node


@pytest.fixture
def mina(server):
    return join(server)


def presign(person, content, content_type="image/png", **fields):
    """A place for an image."""
    answer = person.rest.post(
        "/api/images/presign", {"contentType": content_type, "bytes": len(content), **fields})
    assert answer.status == 201, answer.body
    return answer.json


def put(place, content, **headers):
    """Uploads as a browser does that was given a place."""
    return httpx.request(
        place["method"], place["url"], content=content, headers={**place["headers"], **headers})


def uploaded(person, content, content_type="image/png"):
    """The key of an image that is in the bucket."""
    [place] = presign(person, content, content_type)
    answer = put(place, content)
    assert answer.status_code == 200, answer.text
    return place["key"]


def test_an_image_goes_straight_to_the_bucket_and_comes_from_there(s3, mina):
    content = encoded("PNG")
    key = uploaded(mina, content)
    answer = mina.rest.put("/api/profile", {"images": [key]})
    assert answer.status == 200, answer.body
    address = answer.json["image"]
    assert address == f"{s3.url}/{BUCKET}/{key}"
    served = httpx.get(address)
    assert (served.status_code, served.content) == (200, content)
    assert served.headers["content-type"] == "image/png"
    assert served.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_an_address_is_signed_as_the_service_itself_signs(server, mina):
    [place] = presign(mina, b"x" * 100, "image/webp")
    query = {name: value for name, [value] in parse_qs(urlsplit(place["url"]).query).items()}
    assert query["X-Amz-Expires"] == "900" == str(place["expiresIn"])
    assert query["X-Amz-SignedHeaders"] == "cache-control;content-length;content-type;host"
    request = AWSRequest(
        "PUT", place["url"].partition("?")[0],
        headers={**place["headers"], "content-length": "100"})
    signer = S3SigV4QueryAuth(Credentials("key", "secret"), "s3", REGION, expires=900)
    request.context["timestamp"] = query["X-Amz-Date"]
    request.params = {
        name: value for name, value in query.items() if name != "X-Amz-Signature"}
    canonical = signer.canonical_request(request)
    expected = signer.signature(signer.string_to_sign(request, canonical), request)
    assert query["X-Amz-Signature"] == expected


def test_several_places_can_be_had_at_once(mina):
    places = presign(mina, b"x", count=3)
    assert len({each["key"] for each in places}) == 3
    assert all(each["key"].endswith(".png") for each in places)


@pytest.mark.parametrize("fields, field", [
    ({"contentType": "image/svg+xml", "bytes": 1}, "contentType"),
    ({"contentType": "image/png", "bytes": 0}, "bytes"),
    ({"contentType": "image/png", "bytes": 10 * 2 ** 20 + 1}, "bytes"),
    ({"contentType": "image/png", "bytes": 1, "count": 11}, "count"),
    ({"bytes": 1}, "contentType"),
])
def test_what_no_place_is_given_for(mina, fields, field):
    answer = mina.rest.post("/api/images/presign", fields)
    assert answer.error == (422, "R002") and answer.refused_fields == [field]


def test_strangers_are_given_no_place(server):
    answer = server.rest.post("/api/images/presign", {"contentType": "image/png", "bytes": 1})
    assert answer.error == (401, "TK001")


def test_keys_that_are_no_upload_of_the_caller_are_refused(server, s3, mina):
    jun = join(server, "Jun")
    content = encoded("PNG")
    [never_put] = presign(mina, content)
    [too_short] = presign(mina, content)
    s3.put(too_short["key"], content[:-1], "image/png")
    [wrong_type] = presign(mina, content)
    s3.put(wrong_type["key"], content, "text/html")
    taken = uploaded(mina, content)
    assert mina.rest.put("/api/profile", {"images": [taken]}).status == 200
    for key in (
            never_put["key"], too_short["key"], wrong_type["key"], uploaded(jun, content), taken,
            "AAAAAAAAAAAAAAAAAAAAAA.png", "../x", ""):
        answer = mina.rest.put("/api/profile", {"images": [key]})
        assert answer.error == (422, "R002"), key
        assert answer.refused_fields == ["images"]


def test_forms_with_images_are_sent_to_the_bucket(server, mina):
    assert refusal(Uploader(server, mina).put(encoded("PNG"))) == (415, "S011")
    assert server.rest.get("/media/AAAAAAAAAAAAAAAAAAAAAA.png").error == (404, "R003")


def test_pages_may_show_and_send_images_there(server, s3):
    policy = server.rest.get("/").headers["content-security-policy"]
    assert f"img-src 'self' data: {s3.url};" in policy
    assert f"connect-src 'self' {s3.url};" in policy


def test_what_is_replaced_or_never_taken_is_deleted(s3, tmp_path):
    with Server(tmp_path / "data", "--image-orphan-age", "2s", *s3.flags) as server:
        mina = join(server)
        content = encoded("PNG")
        first = uploaded(mina, content)
        assert mina.rest.put("/api/profile", {"images": [first]}).status == 200
        second = uploaded(mina, content)
        assert mina.rest.put("/api/profile", {"images": [second]}).status == 200
        until(lambda: first not in s3.keys, "what was replaced is gone")
        never_taken = uploaded(mina, content)
        assert never_taken in s3.keys
        until(lambda: never_taken not in s3.keys, "what nothing took is gone")
        assert second in s3.keys


def test_a_bucket_that_does_not_answer_refuses_images_and_nothing_else(tmp_path):
    with Server(tmp_path / "data", *flags_of(f"http://127.0.0.1:{free_port()}")) as server:
        mina = join(server)
        [place] = presign(mina, b"x")
        answer = mina.rest.put("/api/profile", {"images": [place["key"]]})
        assert answer.error == (503, "S001") and int(answer.headers["retry-after"]) > 0
        assert mina.rest.put("/api/profile", {"nickname": "Mia"}).status == 200


def test_without_a_bucket_there_are_no_places(tmp_path):
    with Server(tmp_path / "data") as server:
        mina = join(server)
        asked = mina.rest.post("/api/images/presign", {"contentType": "image/png", "bytes": 1})
        assert asked.error == (404, "S012")
        named = mina.rest.put("/api/profile", {"images": ["AAAAAAAAAAAAAAAAAAAAAA.png"]})
        assert named.error == (422, "R002") and named.refused_fields == ["images"]


@pytest.mark.parametrize("flags, words", [
    (["--s3-endpoint", "http://a"], "go together"),
    (["--s3-access-key", "k", "--s3-secret-key", "s"], "go together"),
    (["--s3-endpoint", "https://a", "--s3-bucket", "abc", "--s3-access-key", "k",
      "--s3-secret-key", "s"], "s3-proxy"),
    (["--s3-endpoint", "http://a", "--s3-bucket", "abc", "--s3-access-key", "k",
      "--s3-secret-key", "s", "--media", "/tmp"], "two places"),
    (["--s3-bucket", "A b"], "must be"),
])
def test_settings_that_make_no_sense_are_refused(flags, words):
    result = petnexus("check-config", *flags)
    assert result.returncode == 2 and words in result.stderr


def test_keys_are_not_shown():
    result = petnexus(
        "check-config", "--s3-endpoint", "http://a", "--s3-bucket", "abc",
        "--s3-access-key", "hush-key", "--s3-secret-key", "hush-secret")
    assert result.returncode == 0 and "hush" not in result.stdout + result.stderr
