"""A name for the content of a plan, by which a person approves it and a later run is compared. Pure."""

from __future__ import annotations

from hashlib import sha256
from json import dumps

from linedesk.sync.json_values import value_to_json
from linedesk.sync.model import Change

_SIZE = 32


class ContentHash:
    """A sum over the changes, so that neither their order nor the ids of new links count."""

    def __init__(self) -> None:
        self._count = 0
        self._sum = 0

    def add(self, change: Change) -> None:
        fields = {name: [value_to_json(value) for value in pair] for name, pair in change.fields.items()}
        content = [change.side, change.op, change.record_id, change.source_id, fields]
        digest = sha256(dumps(content, sort_keys=True).encode()).digest()
        self._count += 1
        self._sum = (self._sum + int.from_bytes(digest, "big")) % 2 ** (8 * _SIZE)

    def text(self) -> str:
        """64 hexadecimal digits."""
        return sha256(self._count.to_bytes(8, "big") + self._sum.to_bytes(_SIZE, "big")).hexdigest()
