"""What Deploy/ has for whoever runs a cluster: it fits the program, and it serves."""

import os
import re
import signal
import subprocess

import pytest
import yaml

from harness.people import join
from harness.ports import free_port
from harness.program import ROOT, binary, environment, petnexus
from harness.rest import Rest
from harness.stomp_client import Stomp, WebSocket
from harness.waiting import until

DEPLOY = ROOT / "Deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
NODES = ["n1", "n2", "n3"]


def proxy_settings():
    """What compose.yaml tells HAProxy."""
    return COMPOSE["services"]["haproxy"]["environment"]


@pytest.mark.parametrize("name", NODES)
def test_compose_starts_nodes_with_settings_that_hold(name):
    command, *flags = COMPOSE["services"][name]["command"]
    assert command == "serve"
    result = petnexus("check-config", *flags)
    assert result.returncode == 0, result.stderr
    assert re.search(rf"^node-name +{name} ", result.stdout, re.M)
    assert re.search(r"^redis +redis://redis:6379 ", result.stdout, re.M)


def test_compose_tells_haproxy_where_the_nodes_are():
    hosts = [
        COMPOSE["services"][name]["networks"]["default"]["ipv4_address"] for name in NODES
    ]
    settings = proxy_settings()
    assert [settings[f"NODE{number}"] for number in (1, 2, 3)] == [f"{host}:8080" for host in hosts]
    network = COMPOSE["networks"]["default"]["ipam"]["config"][0]["subnet"]
    for name in NODES:
        assert f"--trusted-proxy={network}" in COMPOSE["services"][name]["command"]


def test_haproxy_takes_its_configuration():
    result = subprocess.run(
        ["haproxy", "-c", "-f", DEPLOY / "haproxy.cfg"],
        env={**os.environ, **proxy_settings()}, capture_output=True, text=True, timeout=30,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_image_has_settings_that_hold():
    text = (DEPLOY / "Dockerfile").read_text()
    settings = dict(re.findall(r"(PETNEXUS_\w+)=(\S+)", text))
    result = petnexus("check-config", settings=settings)
    assert result.returncode == 0, result.stderr
    names = {name.removeprefix("PETNEXUS_").lower().replace("_", "-") for name in settings}
    from_environment = re.findall(r"^(\S+) .* environment$", result.stdout, re.M)
    assert names == set(from_environment) and len(names) == 3
    for copied in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.M):
        assert all((ROOT / path).exists() for path in copied.split())


class Cluster:
    """`Deploy/cluster`, as `make cluster` runs it."""

    def __init__(self, data):
        self.port = free_port()
        self.said = data / "said"
        with self.said.open("w") as said:
            self.process = subprocess.Popen(
                [DEPLOY / "cluster", "--drain-lead", "0s"], stdout=said, stderr=said,
                start_new_session=True,
                env={
                    **environment(), "PETNEXUS": binary("PETNEXUS"), "PORT": str(self.port),
                    "DATA": str(data / "cluster"),
                },
            )
        self.url = f"http://127.0.0.1:{self.port}"
        self.rest = Rest(self.url)
        until(
            lambda: "serving on" in self.text or self.process.poll() is not None,
            "the cluster serves", seconds=60)
        assert self.process.poll() is None, self.text
        self.processes = {
            name: int(number)
            for name, number in re.findall(r"cluster: (\w+) is process (\d+) ", self.text)
        }

    @property
    def text(self):
        return self.said.read_text()

    def stop(self):
        """Asks it to end, and answers with its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(40)


def is_alive(process):
    try:
        os.kill(process, 0)
        return True
    except ProcessLookupError:
        return False


def test_make_cluster_serves_through_the_proxy_and_leaves_nothing_behind(tmp_path):
    cluster = Cluster(tmp_path)
    try:
        def answering():
            return {cluster.rest.get("/readyz").headers["x-petnexus-node"] for _ in range(9)}

        until(lambda: answering() == set(NODES), "every node answers through the proxy")
        people = [join(cluster, name) for name in ("Mina", "Jun", "Sol")]
        room = people[0].make_room()
        url = cluster.url.replace("http", "ws") + "/stomp/chat"
        clients = [Stomp(WebSocket(url)) for _ in people]
        nodes = {
            client.connect(person.token).headers["node"]
            for client, person in zip(clients, people)
        }
        assert nodes == set(NODES)
        for client in clients:
            client.subscribe(f"/sub/chat/{room}")
        for number, client in enumerate(clients):
            assert client.say(room, str(number)).command == "RECEIPT"
        heard = [[message.text for message in client.messages(3)] for client in clients]
        assert heard == 3 * [["0", "1", "2"]]
    finally:
        status = cluster.stop()
    assert status == 0, cluster.text
    assert set(cluster.processes) == {"redis", *NODES}
    assert [name for name, process in cluster.processes.items() if is_alive(process)] == []
