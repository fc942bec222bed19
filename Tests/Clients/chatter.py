"""Chats with stomp.py as it comes, in a process of its own: chatter.py TRANSPORT SETTINGS

TRANSPORT is `tcp` or `websocket`. SETTINGS is JSON: `host`, `port`, `room`, and the `login` and
`passcode` or the `token` to sign in with. It runs with any interpreter that has stomp.py, prints
what its listener hears as lines of JSON, sends each line of its input to the room, and leaves at the
end of it.
"""

import json
import sys

import stomp

HEART_BEATS = (5_000, 5_000)


class Teller(stomp.ConnectionListener):
    """Prints what happens."""

    def _tell(self, event, frame=None):
        told = {"event": event}
        if frame is not None:
            told.update(headers=frame.headers, body=frame.body)
        print(json.dumps(told), flush=True)

    def on_connected(self, frame):
        self._tell("connected", frame)

    def on_message(self, frame):
        self._tell("message", frame)

    def on_receipt(self, frame):
        self._tell("receipt", frame)

    def on_error(self, frame):
        self._tell("error", frame)

    def on_heartbeat(self):
        self._tell("heart-beat")

    def on_heartbeat_timeout(self):
        self._tell("heart-beat timeout")

    def on_disconnected(self):
        self._tell("disconnected")


def main(transport, settings):
    settings = json.loads(settings)
    address = [(settings["host"], settings["port"])]
    if transport == "websocket":
        connection = stomp.WSStompConnection(address, heartbeats=HEART_BEATS, ws_path="/stomp/chat")
    else:
        connection = stomp.Connection12(address, heartbeats=HEART_BEATS)
    connection.set_listener("teller", Teller())
    if "token" in settings:
        headers = {"Authorization": f"Bearer {settings['token']}"}
        connection.connect(wait=True, headers=headers)
    else:
        connection.connect(settings["login"], settings["passcode"], wait=True)
    room = settings["room"]
    connection.subscribe(f"/sub/chat/{room}", id="chat", headers={"receipt": "subscribed"})
    for number, line in enumerate(sys.stdin):
        connection.send(
            f"/pub/chat/message/{room}", line.strip(), content_type="application/json",
            headers={"receipt": f"sent-{number}"})
    connection.disconnect(receipt="goodbye")


main(*sys.argv[1:])
