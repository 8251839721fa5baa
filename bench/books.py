"""The two books of a sync: a simulated Freshdesk with contacts and a simulated PBX, in their own process.

`python -m bench.books FOLDER COUNT` prints, as one line of JSON, the set-up that `linedesk apply` takes.
The account of the PBX keeps its default rate of requests, as a user has it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from aiohttp import web

from linedesk.clock import SystemClock
from linedesk.demo.crm.api import PREFIX, ApiAgent
from linedesk.demo.crm.app import create_api
from linedesk.demo.crm.book import CrmBook
from linedesk.demo.crm.switching import CrmSwitchboard
from linedesk.demo.pbx.app import pbx_sim, root_token
from linedesk.demo.pbx.state import State
from linedesk.demo.seed import make_seed
from linedesk.demo.web import bind, port_of, running

CONNECTION = "customers"
_KEY = "a-key-of-the-benchmark"
_SET_UP = """
[accounts.pbx]
app = "wildix"
url = "{pbx}"
cloud_url = "{pbx}"
region = "GB"
token = "{token}"
[accounts.helpdesk]
app = "freshdesk"
url = "{crm}"
api_key = "{key}"
[accounts.book]
app = "wildix-phonebook"
pbx = "pbx"
phonebook = "From the CRM"
create_phonebook = true
[connections.{connection}]
from = "helpdesk"
to = "book"
every_s = 0
"""


async def serve(folder: Path, count: int) -> None:
    """Run both until killed."""
    clock, state = SystemClock(), State.open(folder / "pbx.json")
    book = CrmBook(make_seed(count), None, lambda: clock.now_ms() / 1000)
    api = create_api(book, CrmSwitchboard(), clock, {_KEY: ApiAgent(1001, "Anna Admin", "anna@example.test")})
    site = web.Application(client_max_size=1_000_000)
    site.router.add_route("*", PREFIX + "/{tail:.*}", api.handle)
    crm = bind(0)
    async with running(site, crm), pbx_sim(clock, bind(0), state) as pbx:
        places = {"pbx": pbx.url, "crm": f"http://127.0.0.1:{port_of(crm)}", "token": root_token(state)}
        print(json.dumps(_SET_UP.format(**places, key=_KEY, connection=CONNECTION)), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
