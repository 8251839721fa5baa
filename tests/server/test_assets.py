"""Styles, scripts and the loader."""

from __future__ import annotations

from pathlib import Path

from linedesk.server.assets import Assets
from server.browser import Browser
from server.house import House


async def test_a_versioned_file_is_kept_for_ever_and_a_bare_one_is_asked_again(house: House) -> None:
    browser = Browser(house)
    kept = await browser.get("/assets/desk.js?v=version-of-desk.js")
    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert kept.headers["Content-Type"] == "text/javascript; charset=utf-8"
    stale = await browser.get("/assets/desk.js?v=older")
    assert stale.headers["Cache-Control"] == "no-cache"
    again = await browser.get("/assets/desk.js", headers={"If-None-Match": stale.headers["ETag"]})
    assert (again.status, again.text) == (304, "")
    changed = await browser.get("/assets/desk.js", headers={"If-None-Match": '"other"'})
    assert changed.status == 200


async def test_the_loader_is_for_other_sites(house: House) -> None:
    loader = await Browser(house).get("/widget.js")
    assert loader.text == "/* widget.js */"
    assert loader.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert (await Browser(house).get("/assets/desk.js")).headers[
        "Cross-Origin-Resource-Policy"
    ] == "same-origin"


async def test_the_notification_worker_may_serve_the_desk(house: House) -> None:
    assert (await Browser(house).get("/assets/sw.js")).headers["Service-Worker-Allowed"] == "/"


async def test_no_path_leads_out_of_the_folder(house: House) -> None:
    for path in ("/assets/../app.py", "/assets/%2e%2e%2fapp.py", "/assets/app.py", "/assets/", "/assets/a/b"):
        assert (await Browser(house).get(path)).status == 404


def test_a_version_follows_the_content(tmp_path: Path) -> None:
    (tmp_path / "desk.js").write_text("1")
    (tmp_path / "notes.py").write_text("secret")
    first = Assets.load(tmp_path, tmp_path / "missing")
    (tmp_path / "desk.js").write_text("2")
    second = Assets.load(tmp_path)
    assert first.url("desk.js") != second.url("desk.js")
    assert first.missing() == ("desk.css", "widget.js")
    assert first.url("notes.py") == "/assets/notes.py"


def test_the_installation_carries_the_servers_own_files() -> None:
    assets = Assets.of_the_package()
    for name in ("pages.css", "signed-in.js", "favicon.svg"):
        assert assets.get(name).body
