"""Other servers, each started for itself: own ports, own directory, own configuration."""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import time

from harness import machine
from harness.programs import START_SECONDS, Failure, end, petnexus, pinned, scratch_directory


def free_ports(count):
    """Ports of 127.0.0.1 that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Process:
    """A process that accepts connections on its port once it is ready, for as long as the block
    runs."""

    def __init__(self, scratch, command, port, environment=None):
        self.log = pathlib.Path(scratch) / "output.log"
        self.command = pinned(machine.SERVER_CORE, command)
        self.port = port
        self.environment = {**os.environ, **(environment or {})}

    def __enter__(self):
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.environment)
        self.pid = self.process.pid
        try:
            self.await_port()
        except BaseException:
            self.__exit__()
            raise
        return self

    def await_port(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            time.sleep(0.1)
        said = self.log.read_text(errors="replace").strip()[-500:]
        raise Failure(f"{self.command[3]} did not start; it said: {said}")

    def __exit__(self, *_):
        end(self.process)


RABBITMQ_SETTINGS = """\
listeners.tcp = none
stomp.listeners.tcp = none
web_stomp.tcp.ip = 127.0.0.1
web_stomp.tcp.port = {port}
"""

# Erlang's schedulers spin for a while before they sleep; here that would be counted as work.
RABBITMQ_VM_ARGUMENTS = "+sbwt none +sbwtdcpu none +sbwtdio none"


@contextlib.contextmanager
def rabbitmq():
    """RabbitMQ with its Web-STOMP plugin, and an epmd of its own."""
    with scratch_directory() as scratch:
        home = pathlib.Path(scratch)
        port, epmd_port, distribution_port = free_ports(3)
        (home / "enabled_plugins").write_text("[rabbitmq_web_stomp].\n")
        (home / "rabbitmq.conf").write_text(RABBITMQ_SETTINGS.format(port=port))
        epmd = ["epmd", "-port", epmd_port, "-address", "127.0.0.1"]
        environment = {
            "HOME": scratch,
            "ERL_EPMD_PORT": str(epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"bench-{os.getpid()}@localhost",
            "RABBITMQ_DIST_PORT": str(distribution_port),
            "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
            "RABBITMQ_LOG_BASE": str(home / "log"),
            "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(home / "none"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": RABBITMQ_VM_ARGUMENTS,
        }
        # The script itself: the wrapper in the path would change to another user.
        command = ["/usr/lib/rabbitmq/bin/rabbitmq-server"]
        with Process(scratch, epmd, epmd_port), Process(scratch, command, port, environment) as it:
            yield it


NCHAN_SETTINGS = """\
daemon off;
{user}
worker_processes 1;
worker_rlimit_nofile {descriptors};
error_log {home}/error.log;
pid {home}/nginx.pid;
load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
events {{ worker_connections 10000; }}
http {{
  access_log off;
  client_body_temp_path {home}/body;
  proxy_temp_path {home}/proxy;
  fastcgi_temp_path {home}/fastcgi;
  uwsgi_temp_path {home}/uwsgi;
  scgi_temp_path {home}/scgi;
  server {{
    listen 127.0.0.1:{port};
    tcp_nodelay on;
    location ~ ^/room/(.+)$ {{
      nchan_pubsub websocket;
      nchan_channel_id $1;
      nchan_store_messages off;
    }}
  }}
}}
"""


@contextlib.contextmanager
def nchan():
    """nginx with Nchan: a WebSocket for each member, which publishes on it, too."""
    with scratch_directory() as scratch:
        port, = free_ports(1)
        settings = pathlib.Path(scratch) / "nginx.conf"
        settings.write_text(NCHAN_SETTINGS.format(
            home=scratch, port=port, user="user root;" if os.getuid() == 0 else "",
            descriptors=machine.raise_descriptor_limit()))
        command = ["nginx", "-p", scratch, "-e", f"{scratch}/error.log", "-c", settings]
        with Process(scratch, command, port) as it:
            yield it


@contextlib.contextmanager
def nats():
    """The NATS server as it comes."""
    with scratch_directory() as scratch:
        port, = free_ports(1)
        with Process(scratch, ["nats-server", "-a", "127.0.0.1", "-p", port], port) as it:
            yield it


MOSQUITTO_SETTINGS = """\
listener {port} 127.0.0.1
allow_anonymous true
persistence false
set_tcp_nodelay true
{user}
"""


@contextlib.contextmanager
def mosquitto():
    """mosquitto, which keeps nothing and sends at once."""
    with scratch_directory() as scratch:
        port, = free_ports(1)
        settings = pathlib.Path(scratch) / "mosquitto.conf"
        settings.write_text(MOSQUITTO_SETTINGS.format(
            port=port, user="user root" if os.getuid() == 0 else ""))
        with Process(scratch, ["mosquitto", "-c", settings], port) as it:
            yield it


class Peer:
    """A server, how it is asked for, and what it needs to be there."""

    def __init__(self, name, start, url, *flags, needs=()):
        self.name = name
        self.start = start
        self.url = url
        self.flags = flags
        self.needs = needs

    @property
    def missing(self):
        """The first thing that is not installed; None where all is there."""
        return next((need for need in self.needs if not find(need)), None)


def find(need):
    """Whether a program, or a file by its pattern, is there."""
    if need.startswith("/"):
        return any(pathlib.Path("/").glob(need[1:]))
    # Servers are where only the administrator looks.
    return shutil.which(need, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") is not None


PETNEXUS = Peer("PetNexus", petnexus, "ws://127.0.0.1:{port}/stomp/chat", "--accounts", 4)

PEERS = [
    Peer("RabbitMQ Web-STOMP", rabbitmq, "ws://127.0.0.1:{port}/ws",
         "--login", "guest", "--passcode", "guest", "--header", "host: /",
         needs=["/usr/lib/rabbitmq/bin/rabbitmq-server", "epmd",
                "/usr/lib/rabbitmq/lib/*/plugins/rabbitmq_web_stomp-*"]),
    Peer("Nchan", nchan, "ws://127.0.0.1:{port}/room/{{room}}", "--protocol", "websocket",
         needs=["nginx", "/usr/lib/nginx/modules/ngx_nchan_module.so"]),
    Peer("NATS", nats, "nats://127.0.0.1:{port}", needs=["nats-server"]),
    Peer("mosquitto", mosquitto, "mqtt://127.0.0.1:{port}", needs=["mosquitto"]),
]
