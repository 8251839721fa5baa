"""The message catalogue: every sentence on a screen, by `area.key`.

The files `messages/LANG/AREA.json` are flat: key -> text with `{placeholders}`. A key that is missing
is an error of ours and raises; nothing is guessed from another language.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import Self


class Catalogue:
    """All sentences of one language."""

    def __init__(self, lang: str, areas: Mapping[str, Mapping[str, str]]) -> None:
        self.lang = lang
        self._areas = areas

    @classmethod
    def load(cls, lang: str) -> Self:
        """Read the files of `lang` (`en`); raises `KeyError` for a language that is not there."""
        folder = resources.files(__name__) / lang
        if not lang.isalnum() or not folder.is_dir():
            raise KeyError(f"no messages in the language {lang!r}")
        areas: dict[str, dict[str, str]] = {}
        for file in sorted(folder.iterdir(), key=lambda each: each.name):
            if file.name.endswith(".json"):
                area = file.name.removesuffix(".json")
                areas[area] = _flat(area, json.loads(file.read_text(encoding="utf-8")))
        return cls(lang, areas)

    def text(self, key: str, **args: object) -> str:
        """The sentence `area.key` with its placeholders filled in.

        Raises `KeyError` when the key, or a placeholder's value, is missing.
        """
        area, _, name = key.partition(".")
        try:
            sentence = self._areas[area][name]
        except KeyError:
            raise KeyError(f"no message {key!r} in {self.lang}") from None
        return sentence.format_map(args)

    def area(self, name: str) -> dict[str, str]:
        """All sentences of one area, for a page that fills them in by itself."""
        return dict(self._areas[name])


def _flat(area: str, document: object) -> dict[str, str]:
    if not isinstance(document, dict) or not all(isinstance(text, str) for text in document.values()):
        raise TypeError(f"messages/{area}.json must map keys to texts")
    return document
