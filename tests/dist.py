"""Builds the wheel and the source distribution of what is committed, twice, and compares them.

    python -m tests.dist dist

What everybody can build alike, nobody has to believe. Ends with 1 where the two differ.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]


def main(folder: str) -> int:
    """Both into this folder, with their SHA-256 on stdout."""
    said = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    at = int(said.stdout)
    first, second = build(at), build(at)
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    for name, content in first.items():
        (out / name).write_bytes(content)
        same = "the same twice" if second.get(name) == content else "DIFFERS"
        print(f"{hashlib.sha256(content).hexdigest()}  {name}  {same}")
    return 0 if first == second else 1


def build(at: int) -> dict[str, bytes]:
    """File name -> content, built in a clone of its own as of this second since 1970."""
    environ = {**os.environ, "SOURCE_DATE_EPOCH": str(at)}
    with TemporaryDirectory() as folder:
        clone, out = Path(folder, "clone"), Path(folder, "out")
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        command = [sys.executable, "-m", "build", "--outdir", str(out), str(clone)]
        subprocess.run(command, check=True, env=environ, stdout=subprocess.DEVNULL)
        found = {path.name: path.read_bytes() for path in sorted(out.iterdir())}
    return {
        name: settled(content, at) if name.endswith(".tar.gz") else content
        for name, content in found.items()
    }


def settled(archive: bytes, at: int) -> bytes:
    """A .tar.gz of the same files without a trace of when and by whom it was made."""
    packed = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(archive)) as old,
        gzip.GzipFile("", "wb", fileobj=packed, mtime=at) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as new,
    ):
        for member in sorted(old.getmembers(), key=lambda one: one.name):
            member.mtime, member.uid, member.gid, member.uname, member.gname = at, 0, 0, "", ""
            member.pax_headers = {}
            member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            new.addfile(member, old.extractfile(member) if member.isfile() else None)
    return packed.getvalue()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
