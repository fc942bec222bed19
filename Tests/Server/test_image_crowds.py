"""Many uploads and downloads at a time cost a node little memory."""

from concurrent.futures import ThreadPoolExecutor

from harness.images import Uploader, large_png
from harness.people import MANY_LOGINS, join
from harness.program import Server
from harness.raw import dial
from harness.vitals import Vitals
from harness.waiting import until

MIB = 1 << 20
UPLOADS = 50


def test_fifty_large_uploads_at_once_are_not_held_in_memory(tmp_path):
    content = large_png(10 * MIB)
    with Server(tmp_path / "data", *MANY_LOGINS) as server:
        uploaders = [Uploader(server, join(server)) for _ in range(UPLOADS)]
        uploaders[0].picture(content)
        vitals = Vitals(server.pid)
        vitals.forget_peak()
        before = vitals.resident_bytes
        with ThreadPoolExecutor(UPLOADS) as threads:
            addresses = list(threads.map(lambda each: each.picture(content), uploaders))
        growth = vitals.peak_bytes - before
        print(f"grew by {growth / MIB:.1f} MiB for {UPLOADS} uploads of 10 MiB")
        assert growth < 64 * MIB
        assert len(set(addresses)) == UPLOADS
        assert uploaders[-1].get(addresses[-1]).content == content


def test_readers_that_read_nothing_cost_little_memory_and_no_descriptor_for_good(tmp_path):
    with Server(tmp_path / "data", *MANY_LOGINS) as server:
        uploader = Uploader(server, join(server))
        address = uploader.picture(large_png(10 * MIB))
        vitals = Vitals(server.pid)
        descriptors = vitals.descriptors
        before = vitals.resident_bytes
        request = f"GET {address} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
        readers = [dial(server.port, receive_bytes=4096) for _ in range(UPLOADS)]
        for reader in readers:
            reader.sendall(request)
            assert reader.recv(100)
        until(lambda: vitals.descriptors >= descriptors + 2 * UPLOADS, "all files are open")
        assert vitals.resident_bytes - before < 64 * MIB
        for reader in readers:
            reader.close()
        until(lambda: vitals.descriptors <= descriptors, "all files are closed")
