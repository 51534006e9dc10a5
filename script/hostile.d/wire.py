"""How the programs in the hostile namespace ask our server."""

import asyncio
import json
import time


class Wire:
    """A connection to the API that stays open."""

    def __init__(self, address, token):
        self.host, self.port = address.split(":")
        self.address, self.token, self.reader, self.writer = address, token, None, None

    async def open(self):
        if self.writer is None or self.writer.is_closing():
            self.reader, self.writer = await asyncio.open_connection(self.host, int(self.port))

    def close(self):
        if self.writer is not None:
            self.writer.close()
            self.writer = None

    async def ask(self, method, path, body=None):
        """Status, seconds and body; status 0 where the connection broke."""
        text = b"" if body is None else json.dumps(body).encode()
        request = (f"{method} /api/v1{path} HTTP/1.1\r\nhost: {self.address}\r\nauthorization: Bearer {self.token}\r\n"
                   f"content-type: application/json\r\ncontent-length: {len(text)}\r\n\r\n").encode() + text
        began = time.monotonic()
        try:
            await self.open()
            self.writer.write(request)
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            length = next(int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length"))
            answer = await self.reader.readexactly(length)
            return int(head.split()[1]), time.monotonic() - began, answer
        except (OSError, asyncio.IncompleteReadError):
            self.writer = None
            return 0, time.monotonic() - began, b""


async def together(jobs, most=32):
    room = asyncio.Semaphore(most)

    async def one(job):
        async with room:
            return await job

    return await asyncio.gather(*map(one, jobs))
