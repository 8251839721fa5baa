"""A browser's part in the tests: it keeps cookies by name and sends `Origin` as a page of ours would."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from multidict import CIMultiDictProxy

from server.house import House


@dataclass(frozen=True)
class Got:
    status: int
    headers: CIMultiDictProxy[str]
    set_cookies: list[str]
    text: str
    json: Any

    def field(self, name: str) -> str:
        """The value of a hidden field of the page's form."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        assert found, f"no field {name}"
        return found[1]


@dataclass
class Browser:
    house: House
    origin: str | None = None
    cookies: dict[str, str] = field(default_factory=dict)

    async def go(self, method: str, path: str, **options: Any) -> Got:
        headers = dict(options.pop("headers", {}))
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method != "GET":
            headers.setdefault("Origin", self.origin or self.house.base)
        url = self.house.base + path
        async with self.house.http.request(
            method, url, headers=headers, allow_redirects=False, **options
        ) as answer:
            lines = answer.headers.getall("Set-Cookie", [])
            for line in lines:
                name, _, rest = line.partition("=")
                value = rest.partition(";")[0]
                if "Max-Age=0" in line:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = value
            text = await answer.text()
            document = await answer.json() if answer.content_type == "application/json" else None
            return Got(answer.status, answer.headers, lines, text, document)

    async def get(self, path: str, **options: Any) -> Got:
        return await self.go("GET", path, **options)

    async def post(self, path: str, **options: Any) -> Got:
        return await self.go("POST", path, **options)
