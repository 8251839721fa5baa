"""The floor of the popup path: a bare aiohttp handler that does the least there is to do.

It takes the same POST, commits one row to SQLite (WAL, synchronous NORMAL, as calls.db) and pushes a
fixed frame to the socket of the agent named in the query. Run as its own process:
`python -m bench.floor DATABASE` prints its port.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import aiosqlite
from aiohttp import WSMsgType, web

FRAME = json.dumps({"type": "call", "call": {"id": "floor", "state": "ringing", "pad": "x" * 900}})


async def serve(path: Path) -> None:
    """Listen on a free port of loopback until killed."""
    database = await aiosqlite.connect(path)
    await database.execute("PRAGMA journal_mode=WAL")
    await database.execute("PRAGMA synchronous=NORMAL")
    await database.execute("CREATE TABLE bodies (id INTEGER PRIMARY KEY, body BLOB)")
    await database.commit()
    sockets: dict[str, web.WebSocketResponse] = {}

    async def hook(request: web.Request) -> web.Response:
        body = await request.read()
        await database.execute("INSERT INTO bodies (body) VALUES (?)", (body,))
        await database.commit()
        await sockets[request.query["agent"]].send_str(FRAME)
        return web.json_response({"status": "stored"})

    async def socket(request: web.Request) -> web.WebSocketResponse:
        response = web.WebSocketResponse(compress=False)
        await response.prepare(request)
        sockets[request.query["agent"]] = response
        async for message in response:
            if message.type is WSMsgType.ERROR:
                break
        return response

    app = web.Application()
    app.router.add_post("/hook", hook)
    app.router.add_get("/socket", socket)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


def main() -> None:
    """Run it on the loop that the service runs on."""
    import uvloop

    uvloop.run(serve(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
