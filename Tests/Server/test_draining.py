"""A node that is told to end: red first, then nothing new, then whoever is done goes."""

import http.client
import json
import signal
import socket

import pytest

from harness.people import join
from harness.program import Server
from harness.rest import read_answer
from harness.stomp_client import TCP, Stomp, WebSocket, encoded
from harness.store import held
from harness.waiting import until


def connected(server, person, over="tcp"):
    wire = WebSocket(server.websocket_url) if over == "websocket" else TCP(server.stomp_port)
    client = Stomp(wire)
    assert client.connect(person.token).command == "CONNECTED"
    return client


def send(client, room, *receipts):
    """Sends messages in one piece, so that the node reads them together."""
    client.wire.send(b"".join(
        encoded(
            "SEND", {"destination": f"/pub/chat/message/{room}", "receipt": receipt},
            json.dumps({"message": f"last words {receipt}"}).encode())
        for receipt in receipts))


def refuses_connections(server):
    try:
        socket.create_connection(("127.0.0.1", server.port), timeout=5).close()
    except OSError:
        return True
    return False


def is_draining(server):
    return any("info draining" in line for line in server.log)


def test_a_node_is_not_ready_first_and_still_takes_connections(tmp_path):
    with Server(tmp_path / "data", "--drain-lead", "60s") as server:
        mina = join(server)
        room = mina.make_room()
        with connected(server, mina) as early:
            server.terminate()
            answer = until(
                lambda: (found := server.rest.get("/readyz")).status == 503 and found, "a red light")
            assert answer.error == (503, "S002") and "going away" in answer.json["errorMessage"]
            assert answer.headers["retry-after"] == "1"
            assert server.rest.get("/healthz").status == 200
            with connected(server, mina, "websocket") as late:
                assert late.say(room, "welcome all the same").command == "RECEIPT"
            assert early.say(room, "and here").command == "RECEIPT"
            # The second signal ends the process at once.
            server.terminate()
            assert server.wait() == 128 + signal.SIGTERM


def test_who_is_at_the_keyboard_need_not_wait_for_the_lead(tmp_path):
    with Server(tmp_path / "data", "--drain-lead", "1h") as server:
        with connected(server, join(server)) as client:
            server.interrupt()
            assert client.error().headers["message"] == "going-away"
        assert server.wait() == 0


@pytest.mark.parametrize("over", ["websocket", "tcp"])
def test_what_was_sent_before_is_stored_and_has_its_receipts(tmp_path, over):
    with Server(tmp_path / "data", "--loops", "1") as server:
        mina = join(server)
        room = mina.make_room()
        client, bystander = connected(server, mina, over), connected(server, mina)
        client.say(room, "the way is known")
        with held(tmp_path / "data") as release:
            send(client, room, "m0", "m1", "m2")
            # Taken by the one loop before the answer, and before the news of the end.
            assert server.rest.get("/healthz").status == 200
            server.terminate()
            assert bystander.error().headers["message"] == "going-away"
            release()
        client.end()
        frames = [
            (each.command, each.headers.get("receipt-id") or each.headers.get("message"))
            for each in client.waiting
        ]
        assert server.wait() == 0
    assert frames == [("RECEIPT", f"m{number}") for number in range(3)] + [("ERROR", "going-away")]


def test_an_answer_under_way_is_given_and_is_the_last_of_its_connection(tmp_path):
    with Server(tmp_path / "data", "--loops", "1") as server:
        mina = join(server)
        room = mina.make_room()
        web = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        with held(tmp_path / "data") as release:
            web.request(
                "POST", f"/api/openchat/room/{room}/message", json.dumps({"message": "hello"}),
                {"Authorization": f"Bearer {mina.token}", "Content-Type": "application/json"})
            # Taken by the one loop before this is answered.
            assert server.rest.get("/healthz").status == 200
            server.terminate()
            until(lambda: refuses_connections(server), "no more connections")
            release()
        answer = read_answer(web.getresponse())
        assert (answer.status, answer.headers["connection"]) == (201, "close")
        assert server.wait() == 0
    with Server(tmp_path / "data") as server:
        page = server.rest.bearing(mina.token).get(f"/api/openchat/room/{room}").json
        assert [each["message"] for each in page["chatList"]] == ["hello"]


def test_a_request_that_has_begun_may_be_finished(tmp_path):
    with Server(tmp_path / "data", "--loops", "1") as server:
        mina = join(server)
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as web:
            web.sendall(b"GET /api/profile HTTP/1.1\r\nHost: here\r\n")
            # A second connection's answer says that the first one's bytes were read, too.
            assert server.rest.get("/healthz").status == 200
            server.terminate()
            until(lambda: refuses_connections(server), "no more connections")
            web.sendall(f"Authorization: Bearer {mina.token}\r\n\r\n".encode())
            response = http.client.HTTPResponse(web)
            response.begin()
            assert (response.status, response.getheader("connection")) == (200, "close")
            response.read()
        assert server.wait() == 0


def test_a_request_that_has_begun_reaches_a_room_of_a_loop_without_connections(tmp_path):
    with Server(tmp_path / "data", "--loops", "8") as server:
        mina = join(server)
        room = mina.make_room()
        body = json.dumps({"message": "hello"}).encode()
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as web:
            web.sendall(
                f"POST /api/openchat/room/{room}/message HTTP/1.1\r\nHost: here\r\n"
                f"Authorization: Bearer {mina.token}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{{".encode())
            # The loops take their turns: after so many answers the first bytes were read, too.
            for _ in range(8):
                assert server.rest.get("/healthz").status == 200
            server.terminate()
            until(lambda: refuses_connections(server), "no more connections")
            # Each loop but the one of this connection had nothing left to do.
            web.sendall(body[1:])
            response = http.client.HTTPResponse(web)
            response.begin()
            assert (response.status, response.getheader("connection")) == (201, "close")
            response.read()
        assert server.wait() == 0


def test_a_store_that_hangs_holds_the_process_no_longer_than_it_may(tmp_path):
    with Server(tmp_path / "data", "--drain", "1s") as server:
        mina = join(server)
        room = mina.make_room()
        with connected(server, mina, "websocket") as client, held(tmp_path / "data"):
            client.send_frame("SUBSCRIBE", {"id": "s", "destination": f"/sub/chat/{room}"})
            send(client, room, "never")
            server.terminate()
            error = client.wait(lambda frame: frame.command == "ERROR", "goodbye")
            assert error.headers["message"] == "going-away"
            assert int(error.headers["reconnect-after-ms"]) > 0
            assert client.end() == 1001
            # The store alone would hold it for five seconds.
            assert server.wait(4) == 0
            assert not [each for each in client.waiting if each.command == "RECEIPT"]
    assert any("stopped-unfinished" in line for line in server.log)
    with Server(tmp_path / "data") as server:
        assert server.rest.get("/readyz").status == 200


def test_a_second_signal_ends_the_process_whatever_is_unfinished(tmp_path):
    with Server(tmp_path / "data", "--drain", "1h") as server:
        mina = join(server)
        room = mina.make_room()
        with connected(server, mina) as client, held(tmp_path / "data"):
            send(client, room, "never")
            server.terminate()
            until(lambda: is_draining(server), "draining")
            server.terminate()
            assert server.wait(4) == 128 + signal.SIGTERM


def test_many_clients_come_back_over_a_longer_time(tmp_path):
    with Server(tmp_path / "data", "--connections-per-address-max", "0") as server:
        mina = join(server)
        clients = [connected(server, mina) for _ in range(40)]
        server.terminate()
        delays = []
        for client in clients:
            error = client.wait(lambda frame: frame.command == "ERROR", "goodbye")
            delays.append(int(error.headers["reconnect-after-ms"]))
            client.close()
        assert server.wait() == 0
    assert all(500 <= delay <= 2_500 for delay in delays)
    assert max(delays) - min(delays) > 500
