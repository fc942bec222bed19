"""A network between a client and a server that can be cut."""

import asyncio
import threading


class Proxy:
    """Passes TCP connections on to a port, until it is cut, and again once it is mended.

    It can also fall silent, as a network does whose other end is gone: connections stay open and
    nothing passes any more, in no direction. As a context it is closed in the end.
    """

    def __init__(self, target_port):
        self._target_port = target_port
        self._is_cut = False
        self._is_silent = False
        self._writers = set()
        self._tasks = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._perform(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = self.url_of("http")

    def url_of(self, scheme):
        """Where it listens, for those who speak something else than HTTP."""
        return f"{scheme}://127.0.0.1:{self.port}"

    def cut(self):
        """Ends every connection, as a network that broke, and all that are attempted from now on."""
        self._perform(self._cut())

    def fall_silent(self):
        """Passes nothing on from now on, not even the end of a connection."""
        self._is_silent = True

    def mend(self):
        """Lets connections through again; those that fell silent have lost something, and end."""
        if self._is_silent:
            self._perform(self._cut())
        self._is_silent = False
        self._is_cut = False

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self._perform(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _perform(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _cut(self):
        self._is_cut = True
        for writer in list(self._writers):
            writer.transport.abort()

    async def _close(self):
        self._server.close()
        await self._cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader, writer):
        self._tasks.add(asyncio.current_task())
        self._writers.add(writer)
        try:
            if self._is_cut:
                return
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
            self._writers.add(there_writer)
            await asyncio.gather(
                self._pass_on(reader, there_writer), self._pass_on(there_reader, writer))
            self._writers.discard(there_writer)
        except ConnectionError:
            pass  # One side is gone; the other is closed below.
        finally:
            writer.transport.abort()
            self._writers.discard(writer)
            self._tasks.discard(asyncio.current_task())

    async def _pass_on(self, reader, writer):
        try:
            while data := await reader.read(65536):
                if self._is_silent:
                    continue
                writer.write(data)
                await writer.drain()
        finally:
            if not self._is_silent:
                writer.close()
