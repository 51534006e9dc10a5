"""Makes webhooks and has them tried, from the side of the wire on which the hosts are: lines of JSON in, one line out for each.

A line says which token asks for what: `[[token, method, path, body or null], …]`, and is answered `[[status, data], …]`.
"""

import asyncio
import json
import sys

from wire import Wire, together


async def main():
    address = sys.argv[1]
    for line in sys.stdin:
        asked = json.loads(line)
        room = asyncio.Queue()
        for _ in range(16):
            room.put_nowait(Wire(address, ""))

        async def one(token, method, path, body):
            wire = await room.get()
            wire.token = token
            status, _, text = await wire.ask(method, path, body)
            room.put_nowait(wire)
            return status, json.loads(text).get("data") if status in (200, 201) else None

        print(json.dumps(await together(one(*what) for what in asked)), flush=True)


asyncio.run(main())
