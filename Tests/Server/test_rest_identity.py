"""Signing up, in and out over REST, and tokens: good, stale and forged."""

import itertools
import json
import time

import pytest

from harness.people import MANY_LOGINS, join
from harness.program import Server
from harness.tokens import claims_of, decode, encode, mint

SECRET = b"a secret of thirty-two bytes....."
addresses = (f"new{number}@example.org" for number in itertools.count())


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A node that shares its key with another backend, and trusts a proxy's word on addresses."""
    with Server(
            tmp_path_factory.mktemp("data"), *MANY_LOGINS, "--trusted-proxy", "127.0.0.1/32",
            settings={"PETNEXUS_JWT_SECRET": SECRET.decode()}) as node:
        yield node


def cookie_header(person, *names):
    return "; ".join(f"{name}={person.cookies[name]}" for name in names)


# Signing up and in


def test_signing_up_makes_an_account_under_the_name_before_the_at(server):
    email = next(addresses)
    answer = server.rest.post("/api/user/signup", {"email": email, "password": "correct horse"})
    assert answer.status == 201
    assert answer.json["email"] == email
    assert answer.json["nickname"] == email.split("@")[0]
    assert "password" not in answer.body.decode()


def test_an_address_signs_up_once_however_it_is_spelled(server):
    email = next(addresses)
    body = {"email": email, "password": "correct horse"}
    assert server.rest.post("/api/user/signup", body).status == 201
    assert server.rest.post("/api/user/signup", body).error == (409, "U001")
    body["email"] = f"  {email.upper()} "
    assert server.rest.post("/api/user/signup", body).error == (409, "U001")


@pytest.mark.parametrize("change, fields", [
    ({"email": "no address"}, ["email"]),
    ({"email": None}, ["email"]),
    ({"email": 7}, ["email"]),
    ({"password": "short"}, ["password"]),
    ({"password": "x" * 129}, ["password"]),
    ({"password": ["list"]}, ["password"]),
    ({"username": ""}, ["username"]),
    ({"username": "x" * 31}, ["username"]),
    ({"username": "right\u202eleft"}, ["username"]),
    ({"email": "", "password": "", "username": " "}, ["email", "password", "username"]),
], ids=str)
def test_each_unusable_field_of_a_sign_up_is_listed(server, change, fields):
    body = {"email": next(addresses), "password": "correct horse", "username": "Mina", **change}
    answer = server.rest.post("/api/user/signup", body)
    assert answer.error == (422, "R002")
    assert answer.refused_fields == fields


@pytest.mark.parametrize("missing", ["email", "password"])
def test_a_missing_field_is_named(server, missing):
    body = {"email": next(addresses), "password": "correct horse"}
    del body[missing]
    answer = server.rest.post("/api/user/signup", body)
    assert answer.error == (422, "R002") and answer.refused_fields == [missing]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"null", b"\xff", b'{"email": "a"'])
def test_a_body_that_is_no_json_object_is_malformed(server, body):
    answer = server.rest.post("/api/user/login", body, {"Content-Type": "application/json"})
    assert answer.error == (400, "R001")


@pytest.mark.parametrize("media_type", [None, "text/plain", "application/xml", "multipart/form-data"])
def test_a_body_of_another_media_type_is_refused(server, media_type):
    headers = {"Content-Type": media_type} if media_type else {}
    answer = server.rest.post("/api/user/login", b"{}", headers)
    assert answer.error == (415, "R005")


def test_a_media_type_may_name_its_charset(server):
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    body = json.dumps({"email": next(addresses), "password": "correct horse"}).encode()
    assert server.rest.post("/api/user/signup", body, headers).status == 201


def test_a_login_hands_out_tokens_and_cookies_that_scripts_cannot_read(server):
    mina = join(server)
    answer = server.rest.post("/api/user/login", {"email": mina.email, "password": mina.password})
    assert set(answer.json) == {"message", "statusCode", "accessToken", "expiresIn"}
    assert (answer.json["statusCode"], answer.json["expiresIn"]) == (200, 900)
    claims = claims_of(answer.json["accessToken"])
    assert claims["sub"] == str(mina.id) and claims["exp"] - claims["iat"] == 900
    assert {"iss", "name", "role", "jti"} <= set(claims)
    header = json.loads(decode(answer.json["accessToken"].split(".")[0]))
    assert header["alg"] == "HS256" and header["kid"]
    for name in ("accessToken", "refreshToken"):
        attributes = answer.cookies[name]
        assert "HttpOnly" in attributes and "SameSite=Strict" in attributes
        assert "Secure" not in attributes


def test_behind_tls_cookies_are_secure(server):
    mina = join(server)
    answer = server.rest.post(
        "/api/user/login", {"email": mina.email, "password": mina.password},
        {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"})
    assert all("; Secure" in value for value in answer.cookies.values())


@pytest.mark.parametrize("email, password", [
    (None, "wrong horse"), ("nobody@example.org", "correct horse"), ("", ""), ("\0", "x" * 5000),
])
def test_wrong_credentials_tell_nothing_more(server, email, password):
    mina = join(server)
    body = {"email": mina.email if email is None else email, "password": password}
    assert server.rest.post("/api/user/login", body).error == (401, "U002")


def test_whoever_guesses_passwords_is_slowed_down(tmp_path):
    with Server(tmp_path / "data", "--logins-per-minute-max", "3") as server:
        guess = {"email": "mina@example.org", "password": "wrong horse"}
        for _ in range(3):
            assert server.rest.post("/api/user/login", guess).status == 401
        refused = server.rest.post("/api/user/login", guess)
        assert refused.error == (429, "R006")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        # A peer that is no trusted proxy can't speak for other addresses.
        spoofed = server.rest.post("/api/user/login", guess, {"X-Forwarded-For": "203.0.113.9"})
        assert spoofed.status == 429


def test_one_account_is_guarded_against_many_addresses(server):
    mina = join(server)
    guess = {"email": mina.email, "password": "wrong horse"}
    statuses = [
        server.rest.post("/api/user/login", guess, {"X-Forwarded-For": f"203.0.113.{number}"}).status
        for number in range(12)
    ]
    assert statuses[0] == 401 and statuses[-1] == 429


# Access tokens


def good_parts():
    return mint(SECRET).split(".")


def unsigned(algorithm):
    return encode(json.dumps({"alg": algorithm}).encode()) + "." + good_parts()[1] + "."


def replaced(part, text):
    return ".".join(text if at == part else each for at, each in enumerate(good_parts()))


def soon():
    return int(time.time()) + 60


# Made when they are needed: a token's time passes while other tests run.
REFUSED_TOKENS = {
    "nonsense": (lambda: "nonsense", "TK002"),
    "empty parts": (lambda: "..", "TK002"),
    "another key": (lambda: mint(b"another secret of 32 bytes......."), "TK002"),
    "an unknown key id": (lambda: mint(SECRET, header={"kid": "unknown"}), "TK002"),
    "alg none": (lambda: unsigned("none"), "TK002"),
    "alg None": (lambda: unsigned("None"), "TK002"),
    "alg none, signed": (lambda: mint(SECRET, header={"alg": "none"}), "TK002"),
    "alg HS512": (lambda: mint(SECRET, header={"alg": "HS512"}), "TK002"),
    "alg RS256": (lambda: mint(SECRET, header={"alg": "RS256"}), "TK002"),
    "an extension": (lambda: mint(SECRET, header={"crit": ["exp"]}), "TK002"),
    "another payload": (lambda: replaced(1, encode(b"{}")), "TK002"),
    "no signature": (lambda: replaced(2, ""), "TK002"),
    "a padded signature": (lambda: mint(SECRET) + "=", "TK002"),
    "no subject": (lambda: mint(SECRET, sub=None), "TK002"),
    "no end": (lambda: mint(SECRET, exp=None), "TK002"),
    "a subject that is no number": (lambda: mint(SECRET, sub="mina"), "TK002"),
    "the server itself": (lambda: mint(SECRET, sub="0"), "TK002"),
    "an unknown role": (lambda: mint(SECRET, role="KING"), "TK002"),
    "our name for no account": (lambda: mint(SECRET, iss="petnexus", sub="999999"), "TK004"),
    "expired": (lambda: mint(SECRET, lifetime=-31), "TK003"),
    "from the future": (lambda: mint(SECRET, iat=soon()), "TK002"),
    "not yet": (lambda: mint(SECRET, nbf=soon()), "TK002"),
    "huge": (lambda: mint(SECRET, more="x" * 8192), "TK002"),
}


@pytest.mark.parametrize("token, code", REFUSED_TOKENS.values(), ids=REFUSED_TOKENS.keys())
def test_a_token_that_does_not_hold_is_refused(server, token, code):
    answer = server.rest.bearing(token()).get("/api/openchat")
    assert answer.error == (401, code)
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_token_of_another_backend_with_our_key_is_good(server):
    """Also within the skew of the two clocks."""
    for lifetime in (900, -20):
        token = mint(SECRET, lifetime=lifetime)
        assert server.rest.bearing(token).get("/api/openchat").status == 200


@pytest.mark.parametrize("value", ["", "Bearer", "Basic dTpw", "Bearer a b", "Token x"])
def test_an_authorization_that_is_no_bearer_token_is_refused(server, value):
    answer = server.rest.request("GET", "/api/openchat", headers={"Authorization": value})
    assert answer.error == (401, "TK002")


def test_without_a_token_one_is_asked_for(server):
    assert server.rest.get("/api/openchat").error == (401, "TK001")


# Cookies


def test_a_cookie_reads_without_an_origin_and_writes_with_our_own(server):
    mina = join(server)
    cookie = {"Cookie": cookie_header(mina, "accessToken")}
    create = {"title": "Walks"}
    assert server.rest.request("GET", "/api/profile", headers=cookie).status == 200
    assert server.rest.post("/api/openchat", create, cookie).error == (403, "R007")
    foreign = {**cookie, "Origin": "https://elsewhere.example"}
    assert server.rest.post("/api/openchat", create, foreign).error == (403, "R007")
    assert server.rest.post("/api/openchat", create, {**cookie, "Origin": "null"}).status == 403
    assert server.rest.post("/api/openchat", create, {**cookie, "Origin": server.url}).status == 201


def test_a_foreign_page_cannot_rotate_or_log_out(server):
    mina = join(server)
    foreign = {
        "Cookie": cookie_header(mina, "refreshToken"), "Origin": "https://elsewhere.example"}
    assert server.rest.post("/api/user/token", headers=foreign).error == (403, "R007")
    assert server.rest.post("/api/user/logout", headers=foreign).error == (403, "R007")
    assert rotate(server, mina).status == 200


# Rotation and the end of a session


def rotate(server, person, refresh_token=None):
    token = refresh_token or person.cookies["refreshToken"]
    return server.rest.post(
        "/api/user/token", headers={"Cookie": f"refreshToken={token}", "Origin": server.url})


def refresh_token_of(answer):
    return answer.cookies["refreshToken"].split(";")[0]


def test_a_refresh_token_is_exchanged_for_a_new_pair(server):
    mina = join(server)
    answer = rotate(server, mina)
    assert answer.status == 200
    assert refresh_token_of(answer) != mina.cookies["refreshToken"]
    assert server.rest.bearing(answer.json["accessToken"]).get("/api/profile").status == 200
    assert rotate(server, mina, refresh_token_of(answer)).status == 200


def test_a_refresh_token_used_twice_revokes_its_whole_family(server):
    mina = join(server)
    fresh = rotate(server, mina)
    assert rotate(server, mina).error == (401, "TK004")
    assert rotate(server, mina, refresh_token_of(fresh)).status == 401
    for token in (mina.token, fresh.json["accessToken"]):
        assert server.rest.bearing(token).get("/api/profile").error == (401, "TK004")
    other = server.rest.post("/api/user/login", {"email": mina.email, "password": mina.password})
    assert other.status == 200, "another session of the same person goes on"


@pytest.mark.parametrize("token", ["nonsense", "", "a.b", "x" * 4000])
def test_an_unknown_refresh_token_is_refused(server, token):
    answer = server.rest.post(
        "/api/user/token", headers={"Cookie": f"refreshToken={token}", "Origin": server.url})
    assert answer.status == 401 and answer.code in ("TK001", "TK002")


def test_logging_out_ends_both_tokens_and_clears_the_cookies(server):
    mina = join(server)
    cookies = {"Cookie": cookie_header(mina, "accessToken", "refreshToken"), "Origin": server.url}
    answer = server.rest.post("/api/user/logout", headers=cookies)
    assert answer.json == {"message": answer.json["message"], "statusCode": 200}
    assert all("Max-Age=0" in value for value in answer.cookies.values())
    assert mina.rest.get("/api/profile").error == (401, "TK004")
    assert rotate(server, mina).status == 401


def test_logging_out_without_anything_is_refused(server):
    assert server.rest.post("/api/user/logout").error == (401, "TK001")


# The profile


def test_a_profile_is_shown_and_changed(server):
    mina = join(server)
    shown = mina.rest.get("/api/profile").json
    assert (shown["id"], shown["email"], shown["nickname"], shown["role"]) == (
        mina.id, mina.email, "Mina", "USER")
    assert mina.rest.put("/api/profile", {"nickname": "민아"}).json["nickname"] == "민아"
    assert mina.rest.get("/api/profile").json["nickname"] == "민아"


@pytest.mark.parametrize("change, fields", [
    ({"nickname": ""}, ["nickname"]),
    ({"nickname": 7}, ["nickname"]),
    ({"newPassword": "another horse"}, ["password"]),
    ({"password": "correct horse"}, ["newPassword"]),
    ({"password": "correct horse", "newPassword": "short"}, ["newPassword"]),
], ids=str)
def test_an_unusable_change_of_a_profile_is_refused(server, change, fields):
    answer = join(server).rest.put("/api/profile", change)
    assert answer.error == (422, "R002") and answer.refused_fields == fields


def test_a_password_is_changed_by_who_knows_the_old_one(server):
    mina = join(server)
    wrong = {"password": "wrong horse", "newPassword": "another horse"}
    assert mina.rest.put("/api/profile", wrong).error == (401, "U002")
    right = {"password": mina.password, "newPassword": "another horse"}
    assert mina.rest.put("/api/profile", right).status == 200
    old = {"email": mina.email, "password": mina.password}
    assert server.rest.post("/api/user/login", old).error == (401, "U002")
    assert server.rest.post("/api/user/login", {**old, "password": "another horse"}).status == 200
    assert rotate(server, mina).status == 200, "the session that changed it goes on"
