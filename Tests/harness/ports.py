"""Ports for servers that come back on the same one."""

import random
import socket


def free_port():
    """A port below those that the kernel gives to clients.

    While the server is away, a client that tries to reach it could be given the server's own port
    and be connected to itself.
    """
    with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
        lowest = int(file.read().split()[0])
    while True:
        port = random.randrange(max(1024, lowest // 2), lowest)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
