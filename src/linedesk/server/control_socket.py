"""Where a data folder's control socket is, and how it is bound: for its owner only, never for two services.

The name of a Unix socket may hold about 100 bytes. A data folder with a longer name has its socket in a
private temporary folder, whose place is written into the data folder.
"""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from linedesk.errors import ConfigError

SOCKET_FILE = "control.sock"
PLACE_FILE = "control.path"
LOCK_FILE = "control.lock"
_NAME_MAX_BYTES = 100  # Linux takes 107, macOS 103


def find_socket(data_dir: Path) -> Path | None:
    """The socket's path if a service made one here; whether it still answers is the caller's to see."""
    near = data_dir / SOCKET_FILE
    if not _is_long(near):
        return near if near.exists() else None
    try:
        far = Path((data_dir / PLACE_FILE).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
    return far if far.exists() else None


@contextmanager
def bound_socket(data_dir: Path) -> Iterator[socket.socket]:
    """A listening socket that only this user may connect to; it is gone after the block.

    What a killed service left behind is replaced. Raises `ConfigError` while another service is there.
    """
    with _alone(data_dir), _bound(data_dir) as handle:
        yield handle


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Hold the folder's lock: whoever only looked for a socket could miss a service that is just starting.

    The system lets go of it when the process ends, however it ends.
    """
    try:
        lock = os.open(data_dir / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _not_made(data_dir / LOCK_FILE, error) from None
    try:
        try:
            flock(lock, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            raise ConfigError(
                f"Another Linedesk service runs with the data folder {data_dir}.",
                remedy="Stop it first, or give this one a `data_dir` of its own.",
            ) from None
        except OSError as error:
            raise _not_made(data_dir / LOCK_FILE, error) from None
        yield
    finally:
        os.close(lock)


def _not_made(path: Path, error: OSError) -> ConfigError:
    return ConfigError(
        f"The control socket {path} can't be made: {error.strerror}.",
        remedy="Check the rights of the data folder; its file system must know locks and Unix sockets.",
    )


@contextmanager
def _bound(data_dir: Path) -> Iterator[socket.socket]:
    path = _place(data_dir, find_socket(data_dir))
    handle = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.unlink(missing_ok=True)
        # The rights must be there from the first instant: a chmod afterwards would leave a gap.
        umask = os.umask(0o177)
        try:
            handle.bind(str(path))
        finally:
            os.umask(umask)
        # From now on another service sees that this one is here, though it can't answer yet.
        handle.listen()
    except OSError as error:
        handle.close()
        raise _not_made(path, error) from None
    handle.setblocking(False)
    try:
        yield handle
    finally:
        handle.close()
        _clear(data_dir, path)


def _place(data_dir: Path, old: Path | None) -> Path:
    near = data_dir / SOCKET_FILE
    if not _is_long(near):
        return near
    if old is not None and old.parent.is_dir() and old.parent.stat().st_uid == os.getuid():
        return old
    far = Path(tempfile.mkdtemp(prefix="linedesk-")) / SOCKET_FILE
    note = data_dir / PLACE_FILE
    note.write_text(str(far), encoding="utf-8")
    return far


def _clear(data_dir: Path, path: Path) -> None:
    path.unlink(missing_ok=True)
    if path.parent != data_dir:
        # A cleaner of temporary files may have been here before.
        with suppress(FileNotFoundError):
            path.parent.rmdir()
        (data_dir / PLACE_FILE).unlink(missing_ok=True)


def _is_long(path: Path) -> bool:
    return len(os.fsencode(path)) > _NAME_MAX_BYTES
