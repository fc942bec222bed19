"""What the operator types, and what the program answers."""

import json
import os
import sqlite3
import stat

import pytest

from harness.program import Server, add_user, mint_token, petnexus
from harness.rest import Rest
from harness.stomp_client import TCP, Stomp
from harness.tokens import claims_of, mint


def assert_refused(result, status, *words):
    """One line for the operator, nothing on standard output, and the exit status."""
    assert (result.returncode, result.stdout) == (status, "")
    assert result.stderr.startswith("petnexus: ") and result.stderr.count("\n") == 1
    for word in words:
        assert word in result.stderr


@pytest.mark.parametrize("arguments, words", [
    (["serve", "--prot", "1"], ["--prot", "did you mean --port?"]),
    (["serv"], ["serv", "did you mean serve?"]),
    (["serve", "--port", "70000"], ["--port", "70000"]),
    (["serve", "--port"], ["--port needs a value"]),
    (["serve", "--port", "eighty"], ["--port", "eighty"]),
    (["serve", "--host", "not-an-address"], ["--host", "not-an-address"]),
    (["serve", "--access-token-lifetime", "-1s"], ["--access-token-lifetime"]),
    (["serve", "--trusted-proxy", "10.0.0.0/33"], ["--trusted-proxy", "10.0.0.0/33"]),
    (["serve", "--allowed-origin", "pets.example"], ["--allowed-origin", "pets.example"]),
    (["serve", "--topic", "news.**"], ["--topic", "news.**"]),
    (["serve", "--config", "/nowhere/settings.json"], ["/nowhere/settings.json"]),
    (["serve", "surplus"], ["surplus"]),
    (["user"], ["user what?", "add"]),
    (["user", "add"], ["NAME"]),
    (["user", "role", "mina"], ["ROLE"]),
    (["user", "role", "mina", "KING"], ["KING"]),
    (["backup"], ["FILE"]),
    (["backup", "x", "--port", "1"], ["--port"]),
], ids=lambda value: " ".join(value) if isinstance(value, list) else None)
def test_a_command_line_that_cannot_be_carried_out_is_refused_in_one_line(arguments, words):
    assert_refused(petnexus(*arguments), 2, *words)


def test_an_unusable_variable_is_refused_by_its_name():
    assert_refused(petnexus("serve", settings={"PETNEXUS_PORT": "x"}), 2, "PETNEXUS_PORT", "x")


def test_an_unknown_key_of_a_settings_file_is_refused_with_a_suggestion(tmp_path):
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"prot": 1}))
    assert_refused(petnexus("check-config", "--config", file), 2, str(file), "did you mean port?")


def test_a_secret_is_never_repeated():
    result = petnexus("serve", settings={"PETNEXUS_JWT_SECRET": "hush"})
    assert_refused(result, 2, "PETNEXUS_JWT_SECRET")
    assert "hush" not in result.stderr


def test_no_command_prints_help():
    result = petnexus()
    assert result.returncode == 2
    assert "serve" in result.stderr


@pytest.mark.parametrize("command", [
    "", "serve", "check-config", "user add", "user role", "user disable", "user enable",
    "token mint", "token show", "backup", "copy",
])
def test_every_command_has_help(command):
    result = petnexus(*command.split(), "--help")
    assert (result.returncode, result.stderr) == (0, "")
    assert command in result.stdout


def test_check_config_says_where_each_setting_comes_from(tmp_path):
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"drain": "5s"}))
    secret = "0123456789abcdef0123456789abcdef"
    result = petnexus(
        "check-config", "--config", file, "--port", "9000",
        settings={"PETNEXUS_OPEN_TOPICS": "true", "PETNEXUS_JWT_SECRET": secret})
    assert (result.returncode, result.stderr) == (0, "")
    lines = {line.split()[0]: line for line in result.stdout.splitlines() if line.strip()}
    for name, words in {
        "port": ["9000", "flag"],
        "drain": ["5s", "file"],
        "open-topics": ["true", "environment"],
        "host": ["127.0.0.1", "default"],
    }.items():
        for word in words:
            assert word in lines[name]
    assert secret not in result.stdout


# Accounts


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


def test_an_account_of_the_operator_signs_in_by_its_plain_name(data):
    add_user(data, "sam", "correct horse")
    with Server(data) as server, Stomp(TCP(server.stomp_port)) as client:
        connected = client.connect(login="sam", passcode="correct horse")
        assert (connected.command, connected.headers["user-name"]) == ("CONNECTED", "1")


@pytest.mark.parametrize("name, password, words", [
    ("sam", "short", "password"),
    ("not a name", "correct horse", "loginName"),
])
def test_an_account_with_an_unusable_name_or_password_is_refused(data, name, password, words):
    assert_refused(petnexus("user", "add", name, "--data", data, stdin=password + "\n"), 1, words)


def test_a_name_is_given_once(data):
    add_user(data, "sam", "correct horse")
    again = petnexus("user", "add", "SAM", "--data", data, stdin="another password\n")
    assert_refused(again, 1, "taken")


def test_an_account_without_a_password_is_refused(data):
    assert_refused(petnexus("user", "add", "sam", "--data", data), 1, "password")


def test_a_role_shows_on_the_next_request_while_the_node_serves(data):
    add_user(data, "sam", "correct horse")
    with Server(data) as server:
        sam = server.rest.bearing(mint_token(data, "sam"))
        assert sam.get("/api/profile").json["role"] == "USER"
        assert petnexus("user", "role", "sam", "ADMIN", "--data", data).returncode == 0
        assert sam.get("/api/profile").json["role"] == "ADMIN"


def test_a_disabled_account_is_shut_out_while_the_node_serves(data):
    add_user(data, "sam", "correct horse")
    with Server(data) as server:
        token = mint_token(data, "sam")
        assert server.rest.bearing(token).get("/api/profile").status == 200
        assert petnexus("user", "disable", "sam", "--data", data).returncode == 0
        assert server.rest.bearing(token).get("/api/profile").error == (401, "TK004")
        login = {"email": "sam", "password": "correct horse"}
        assert server.rest.post("/api/user/login", login).error == (403, "U003")
        with Stomp(TCP(server.stomp_port)) as client:
            refused = client.connect(login="sam", passcode="correct horse")
            assert (refused.command, refused.headers["message"]) == ("ERROR", "bad-credentials")
        with Stomp(TCP(server.stomp_port)) as client:
            assert client.connect(token).headers["message"] == "revoked"


@pytest.mark.parametrize("command", [
    ["user", "role", "nobody", "ADMIN"], ["user", "disable", "nobody"], ["user", "enable", "nobody"],
    ["token", "mint", "nobody"],
], ids=" ".join)
def test_an_account_that_is_not_there_is_named(data, command):
    assert_refused(petnexus(*command, "--data", data), 1, "nobody")


# Tokens


def test_a_minted_token_is_good_and_can_be_shown(data):
    add_user(data, "sam", "correct horse")
    token = mint_token(data, "sam", "--access-token-lifetime", "1h")
    claims = claims_of(token)
    assert (claims["sub"], claims["name"], claims["role"]) == ("1", "sam", "USER")
    assert claims["exp"] - claims["iat"] == 3600
    shown = petnexus("token", "show", token, "--data", data)
    assert shown.returncode == 0 and "sam" in shown.stdout and "USER" in shown.stdout


def test_a_token_that_does_not_hold_is_shown_with_the_reason(data):
    add_user(data, "sam", "correct horse")
    forged = mint(b"x" * 32)
    assert_refused(petnexus("token", "show", forged, "--data", data), 1, "badSignature")
    assert_refused(petnexus("token", "show", "nonsense", "--data", data), 1, "malformed")


def test_the_secret_key_is_for_its_owner_alone(data):
    add_user(data, "sam", "correct horse")
    key_file = data / "keys.json"
    assert stat.S_IMODE(os.stat(key_file).st_mode) == 0o600
    key_file.chmod(0o644)
    assert_refused(petnexus("token", "mint", "sam", "--data", data), 1, "chmod 600")


# Backup


def test_a_backup_is_made_while_the_node_serves_and_opens(data, tmp_path):
    add_user(data, "sam", "correct horse")
    restored = tmp_path / "restored"
    restored.mkdir()
    with Server(data) as server:
        sam = server.rest.bearing(mint_token(data, "sam"))
        room = sam.post("/api/openchat", {"title": "Walks"}).json["id"]
        for number in range(3):
            said = sam.post(f"/api/openchat/room/{room}/message", {"message": f"message {number}"})
            assert said.status == 201
        result = petnexus("backup", restored / "petnexus.db", "--data", data)
        assert (result.returncode, result.stderr) == (0, "")
        assert sam.get("/api/profile").status == 200

    with sqlite3.connect(restored / "petnexus.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with Server(restored) as server:
        sam = Rest(server.url, mint_token(restored, "sam"))
        said = sam.get(f"/api/openchat/room/{room}").json["chatList"]
        assert [each["message"] for each in said] == [f"message {number}" for number in range(3)]


def test_a_backup_overwrites_nothing(data, tmp_path):
    add_user(data, "sam", "correct horse")
    file = tmp_path / "precious"
    file.write_text("precious")
    assert_refused(petnexus("backup", file, "--data", data), 1, str(file), "exists")
    assert file.read_text() == "precious"


def test_a_backup_of_nothing_is_refused_and_makes_nothing(data, tmp_path):
    assert_refused(petnexus("backup", tmp_path / "copy", "--data", data), 1, str(data))
    assert list(tmp_path.iterdir()) == []


def test_a_backup_into_a_missing_folder_is_refused(data, tmp_path):
    add_user(data, "sam", "correct horse")
    target = tmp_path / "missing" / "copy"
    assert_refused(petnexus("backup", target, "--data", data), 1, str(target))
