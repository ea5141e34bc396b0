"""A server as far away as a provider's: a relay that lets bytes arrive later."""

import asyncio
import contextlib
import threading

CHUNK = 65536


class FarAway:
    """Passes connections on to a port of this machine, ``round_trip`` seconds slower.

    Each chunk arrives half of that later, in each direction, without holding the next
    chunk up: it is the way that is long, not the server that is slow.
    """

    def __init__(self, target, round_trip):
        self.port = None
        self._target = target
        self._delay = round_trip / 2
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        self.port = server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_error):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _listen(self):
        return await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def _serve(self, client_reader, client_writer):
        # To get there and back once is what opening a connection takes.
        await asyncio.sleep(2 * self._delay)
        reader, writer = await asyncio.open_connection("127.0.0.1", self._target)
        await asyncio.gather(
            self._pass(client_reader, writer), self._pass(reader, client_writer)
        )

    async def _pass(self, reader, writer):
        under_way = asyncio.Queue()
        arrival = asyncio.create_task(self._arrive(under_way, writer))
        with contextlib.suppress(OSError):
            while chunk := await reader.read(CHUNK):
                under_way.put_nowait((self._loop.time() + self._delay, chunk))
        under_way.put_nowait((self._loop.time() + self._delay, b""))
        await arrival

    async def _arrive(self, under_way, writer):
        with contextlib.suppress(OSError):
            while True:
                when, chunk = await under_way.get()
                await asyncio.sleep(max(when - self._loop.time(), 0))
                if not chunk:
                    break
                writer.write(chunk)
                await writer.drain()
            writer.close()
