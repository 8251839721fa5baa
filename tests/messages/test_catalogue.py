"""The catalogue of sentences."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from linedesk.messages import Catalogue
from linedesk.numbers import PriceClass

SERVER = Path(__file__).parents[2] / "src" / "linedesk" / "server"


def test_a_sentence_with_its_placeholders() -> None:
    catalogue = Catalogue.load("en")
    assert catalogue.text("pages.sign_in_continue", name="{Luca}") == "Continue as {Luca}"


def test_a_missing_key_area_placeholder_or_language_is_an_error() -> None:
    catalogue = Catalogue.load("en")
    for key in ("pages.nothing", "nothing.key", "pages"):
        with pytest.raises(KeyError):
            catalogue.text(key)
    with pytest.raises(KeyError):
        catalogue.text("pages.sign_in_continue")
    for lang in ("xx", "..", ""):
        with pytest.raises(KeyError):
            Catalogue.load(lang)


@pytest.mark.parametrize("price", list(PriceClass))
def test_every_price_class_has_its_words(price: PriceClass) -> None:
    assert Catalogue.load("en").text(f"pages.price_{price.value}")


def test_an_area_is_a_copy() -> None:
    catalogue = Catalogue.load("en")
    catalogue.area("pages")["product"] = "Other"
    assert catalogue.text("pages.product") == "Linedesk"


def test_the_servers_pages_use_every_sentence_and_only_those_there_are() -> None:
    known = set(Catalogue.load("en").area("pages"))
    sources = [*SERVER.glob("templates/*.html"), *SERVER.glob("*.py")]
    files = {"css"}
    used = {key for file in sources for key in re.findall(r"[\"']pages\.([a-z_]+)", file.read_text())}
    assert {key for key in used if key != "price_"} - files <= known
    assert {key for key in known if not key.startswith("price_")} <= used
