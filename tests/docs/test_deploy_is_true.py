"""The files for deployment name only settings, commands and addresses that exist, and fit the service."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import click
import pytest

from linedesk import cli
from linedesk.server.routes import table
from linedesk.server.socket import PING_S
from linedesk.settings import SECRETS_DIR, Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.iterdir() if path.is_file() and path.name != "secret_key")
NGINX = (DEPLOY / "nginx.conf").read_text()
CADDY = (DEPLOY / "Caddyfile").read_text()
UNIT = (DEPLOY / "linedesk.service").read_text()
CONTAINER = (DEPLOY / "Containerfile").read_text()
PROXIES = pytest.mark.parametrize("proxy", [NGINX, CADDY], ids=["nginx", "caddy"])
_UNITS = {"k": 1024, "KB": 1000}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_only_settings_that_exist_are_named(path: Path) -> None:
    for name in re.findall(r"LINEDESK_[A-Z_]+", path.read_text()):
        assert name == SECRETS_DIR or name.removeprefix("LINEDESK_").lower() in Settings.model_fields, name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_guide_speaks_of_every_file(path: Path) -> None:
    assert path.name in (ROOT / "docs" / "deployment.md").read_text()


@PROXIES
def test_the_settings_that_a_proxy_asks_for_exist(proxy: str) -> None:
    named = re.findall(r"^#   (\w+) = ", proxy, re.MULTILINE)
    assert named == ["public_url", "trusted_proxies"]
    assert set(named) <= Settings.model_fields.keys()


@PROXIES
def test_a_proxy_points_at_the_port_that_linedesk_listens_on(proxy: str) -> None:
    host, port = (Settings.model_fields[name].default for name in ("host", "port"))
    assert re.search(rf"^\s+(server|reverse_proxy) {host}:{port}\b", proxy, re.MULTILINE)


@PROXIES
def test_a_proxy_lets_every_body_pass_that_linedesk_takes(proxy: str) -> None:
    found = re.search(r"(?:client_max_body_size|max_size) (\d+)(KB|k)\b", proxy)
    assert found is not None
    most = int(found[1]) * _UNITS[found[2]]
    assert most > Settings.model_fields["hook_body_max_bytes"].default
    assert most > Settings.model_fields["request_body_max_bytes"].default


def test_nginx_keeps_a_silent_socket_longer_than_a_ping() -> None:
    socket = NGINX.split("location = /agent/socket")[1].split("}")[0]
    found = re.search(r"proxy_read_timeout (\d+)s", socket)
    assert found is not None
    assert int(found[1]) > 2 * PING_S


def test_the_addresses_that_a_proxy_treats_apart_exist() -> None:
    paths = {route.path for route in table()}
    named = re.findall(r"location = (\S+)", NGINX) + re.findall(r"respond (\S+)", CADDY)
    assert named
    assert set(named) <= paths


def test_nginx_writes_the_clients_address_itself() -> None:
    assert "X-Forwarded-For $remote_addr;" in NGINX
    assert "proxy_add_x_forwarded_for" not in NGINX


@pytest.mark.parametrize("line", ["ExecStart=", 'CMD ["serve"]'])
def test_the_command_that_is_started_exists(line: str) -> None:
    assert "serve" in cli.COMMANDS
    assert line in UNIT + CONTAINER


def test_unit_and_commands_use_the_same_folders() -> None:
    shell = (DEPLOY / "linedesk").read_text()
    for name in ("LINEDESK_SECRETS_DIR", "LINEDESK_DATA_DIR"):
        in_unit = re.search(rf"^Environment={name}=(\S+)$", UNIT, re.MULTILINE)
        in_shell = re.search(rf"^ +{name}=(\S+) ", shell, re.MULTILINE)
        assert in_unit is not None
        assert in_shell is not None
        assert in_unit[1] == in_shell[1]
    assert re.search(r"^ExecStart=(\S+) ", UNIT, re.MULTILINE)[1] in shell  # type: ignore[index]
    assert re.search(r"^User=(\S+)$", UNIT, re.MULTILINE)[1] in shell  # type: ignore[index]


@pytest.mark.parametrize("name", sorted(cli.COMMANDS.keys() - {"demo", "match", "number", "replay", "watch"}))
def test_every_command_of_an_administrator_takes_the_option_that_the_script_adds(name: str) -> None:
    command = cli.cli.get_command(click.Context(cli.cli), name)
    assert command is not None
    for each in getattr(command, "commands", {name: command}).values():
        assert any("--config" in parameter.opts for parameter in each.params), each.name


def test_the_administrators_script_is_a_good_shell_script() -> None:
    script = DEPLOY / "linedesk"
    assert script.stat().st_mode & 0o111
    subprocess.run(["/bin/sh", "-n", str(script)], check=True)


def test_the_container_runs_as_nobody_special_and_its_health_is_asked() -> None:
    user = re.search(r"^USER (\d+):", CONTAINER, re.MULTILINE)
    assert user is not None
    assert int(user[1]) > 0
    health = re.search(r"http://127\.0\.0\.1:(\d+)(/\w+)", CONTAINER)
    assert health is not None
    assert health[2] in {route.path for route in table()}
    assert f"LINEDESK_PORT={health[1]}" in CONTAINER
    assert f"EXPOSE {health[1]}" in CONTAINER


def test_the_container_is_built_from_files_that_are_there() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    for line in re.findall(r"^COPY (?!--from)(.+)$", CONTAINER, re.MULTILINE):
        for name in line.split()[:-1]:
            assert (ROOT / name).exists(), name
            assert name not in ignored
