"""R4: the first, second, third, ... file that a command makes, fills, names or makes durable cannot
be, until it needs none so high; and no file grows beyond so many bytes.

What was there is still there whole, or what was to be there is; nothing half-made is left; what
failed is told; and the same command, when all is well again, makes what it would have made.
"""

from __future__ import annotations

import errno
import os
import resource
import shutil
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

import sync
from commands.demo_desk import prepare
from service.delivery.halting import halted, put
from service.setup.files import ABANDONED, FileError, make_folder, write
from tests.conftest import examples

LOG = """ticket,at,status,priority,who
OPS-1,2026-11-16T09:00:00Z,Open,P1,dan
OPS-1,2026-11-16T10:00:00Z,Done,P1,ada
OPS-2,2026-11-16T09:00:00Z,Open,P1,dan
"""
SETTINGS = """
connections:
  log:
    system: event_log
    path: log.csv
    columns: {ticket: ticket, at: at, actor: who}
    done_states: [Done]
"""
POLICY = """
schema: sla/v1
fields:
  status: {event_log: status}
  priority: {event_log: priority}
calendars:
  office: {tz: Europe/Berlin, hours: {mon-fri: "09:00-17:00"}, holidays: [DE-BE]}
policies:
  operations:
    match: {system: event_log}
    calendar: office
    targets: {resolution: {P1: 4h, default: 8h}}
"""
NOW = ("--now", "2026-11-16T16:00:00Z")
ERRORS = (errno.ENOSPC, errno.EACCES, errno.EIO)
OLD_STATE = Path(__file__).parents[1] / "service/stores/0009.sql"


class Command(NamedTuple):
    """What is typed in a folder where there was a pass, or where something else was made ready."""

    act: Callable[[], int]
    ready: Callable[[Path], object] = lambda _: None


def typed(*words: str) -> Callable[[], int]:
    return lambda: sync.run(words)


def demo() -> int:
    """As `sla demo` begins."""
    try:
        prepare(Path("demo"), "http://127.0.0.1:1", "http://127.0.0.1:2", "token", reset=False)
    except FileError as error:
        print(f"error[SLA327]: {error}", file=sys.stderr)  # as sync.py says it
        return 1
    return 0


def nothing_yet(folder: Path) -> None:
    for path in folder.glob("state.db*"):
        path.unlink()


def older(folder: Path) -> None:
    nothing_yet(folder)
    with closing(sqlite3.connect(folder / "state.db")) as db:
        db.executescript(OLD_STATE.read_text(encoding="utf-8"))


def backup(folder: Path) -> None:
    shutil.copyfile(folder / "state.db", folder / "copy.db")


def yesterdays(folder: Path) -> None:
    (folder / "kept.json").write_text("of yesterday", encoding="utf-8")


COMMANDS = {
    "template": Command(typed("init", "--template", "saas", "new")),
    "report": Command(typed("schema", "--out", "kept.json"), yesterdays),
    "plan": Command(typed("plan", "--offline", "--out", "kept.json", *NOW), yesterdays),
    "pages": Command(typed("docs", "--out", "pages", *NOW)),
    "holidays": Command(typed("lock", *NOW)),
    "audit": Command(typed("audit", "export", "audit.jsonl")),
    "backup": Command(typed("backup", "copy.db", *NOW)),
    "restored": Command(typed("restore", "copy.db", "--yes", *NOW), backup),
    "rebuilt": Command(typed("rebuild", "--yes", *NOW)),
    "first pass": Command(typed("run", "--once", *NOW), nothing_yet),
    "older state": Command(typed("run", "--once", *NOW), older),
    "demo": Command(demo),
}


class Fault:
    """Counts what is done to files below a folder, and refuses the one of a number."""

    def __init__(self, folder: Path) -> None:
        self.count, self._wanted = 0, 0
        self._below, self._error = f"{folder}/", OSError()

    @contextmanager
    def armed(self, number: int) -> Iterator[None]:
        code = ERRORS[number % len(ERRORS)]
        self.count, self._wanted, self._error = 0, number, OSError(code, os.strerror(code))
        _ARMED.append(self)
        try:
            yield
        finally:
            _ARMED.remove(self)

    def step(self, path: str) -> None:
        if os.path.abspath(path).startswith(self._below):
            self.count += 1
            if self.count == self._wanted:
                raise self._error


_ARMED: list[Fault] = []
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def _hook(event: str, said: tuple[object, ...]) -> None:
    """Python asks it before it does such a thing; what it raises is what comes of that."""
    if not _ARMED or event not in {"open", "os.rename", "os.link", "os.mkdir"}:
        return
    if event == "open" and not int(str(said[2])) & _WRITING:
        return
    if isinstance(said[0], (str, Path)):
        _ARMED[0].step(str(said[0]))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which there was a pass."""
    sys.addaudithook(_hook)  # for as long as this process lives
    folder = tmp_path_factory.mktemp("desk")
    (folder / "policies").mkdir()
    (folder / "log.csv").write_text(LOG, encoding="utf-8")
    (folder / "service.yaml").write_text(SETTINGS, encoding="utf-8")
    (folder / "policies/operations.yaml").write_text(POLICY, encoding="utf-8")
    assert sync.run(["run", "--once", "--config", str(folder / "service.yaml"), *NOW]) == 0
    return folder


@pytest.fixture(autouse=True)
def _fsync_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    fsync = os.fsync

    def counted(number: int) -> None:
        for fault in _ARMED:
            fault.step(os.readlink(f"/proc/self/fd/{number}"))
        fsync(number)

    monkeypatch.setattr(os, "fsync", counted)


@pytest.mark.parametrize("name", COMMANDS)
def test_whichever_file_fails_nothing_is_half_made(
    name: str,
    desk: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def tried(place: str, number: int) -> Tried:
        folder = a_copy(desk, tmp_path / place, COMMANDS[name], monkeypatch)
        fault = Fault(folder)
        return Tried.of(folder, COMMANDS[name], fault, fault.armed(number), capsys)

    sound = tried("sound", 0)
    assert sound.code == 0
    failed = 0
    for number in range(1, sound.steps + 1, examples(2, 1)):
        one = tried(str(number), number)
        failed += one.code != 0
        judged(one, sound, os.strerror(ERRORS[number % len(ERRORS)]), COMMANDS[name])
    assert failed


@pytest.mark.parametrize("name", COMMANDS)
def test_where_no_file_can_grow_nothing_is_half_made(
    name: str,
    desk: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def tried(place: str, size: int) -> Tried:
        folder = a_copy(desk, tmp_path / place, COMMANDS[name], monkeypatch)
        return Tried.of(folder, COMMANDS[name], Fault(folder), no_larger_than(size), capsys)

    sound = tried("sound", -1)
    new = {path for path, said in sound.after.items() if sound.before.get(path) != said}
    sizes = {(tmp_path / "sound" / path).stat().st_size for path in new}
    smaller = {part for size in sizes for part in (0, size // 2, size - 1)}
    failed = 0
    for size in sorted(smaller)[:: examples(3, 1)]:
        one = tried(str(size), size)
        failed += one.code != 0
        judged(one, sound, "", COMMANDS[name])
    assert failed


class Tried(NamedTuple):
    """What a command did in a folder: by place below it what each file said before and after."""

    folder: Path
    before: Mapping[str, object]
    after: Mapping[str, object]
    code: int
    said: str
    steps: int

    @classmethod
    def of(
        cls,
        folder: Path,
        command: Command,
        fault: Fault,
        armed: AbstractContextManager[None],
        capsys: pytest.CaptureFixture[str],
    ) -> Tried:
        before = contents(folder)
        capsys.readouterr()
        with armed:
            code = command.act()
        said = capsys.readouterr().err
        return cls(folder, before, contents(folder), code, said, fault.count)


def a_copy(desk: Path, folder: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(desk, folder)
    command.ready(folder)
    monkeypatch.chdir(folder)
    return folder


def judged(one: Tried, sound: Tried, why: str, command: Command) -> None:
    """Each file as it was or as it was to be; told; and the next time all is well."""
    where = (one.folder.name, one.said)
    if one.code:
        assert one.code == 1, where
        assert one.said.startswith("error[SLA3"), where
        assert why in one.said, where
    else:
        assert one.after == sound.after, where
    for path, said in one.after.items():
        assert said in (one.before.get(path), sound.after.get(path), UNUSED), (path, *where)
    if one.after != sound.after:
        assert command.act() == 0, where
        assert contents(one.folder) == sound.after, where


UNUSED = "a state in which nothing was kept yet"


def contents(folder: Path) -> Mapping[str, object]:
    found = [path for path in folder.rglob("*") if path.is_file()]
    ours = [path for path in found if not path.name.endswith((".lock", "-wal", "-shm"))]
    return {str(path.relative_to(folder)): content(path) for path in ours}


def content(path: Path) -> object:
    """A state by the count of rows in each table: it is not told from another by its salts."""
    if not path.name.startswith(("state.db", "copy.db")):
        return path.read_bytes()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        tables = [
            name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type='table'")
        ]
        counts = {name: db.execute(f"SELECT count(*) FROM {name}").fetchone() for name in tables}
    return counts or UNUSED


@contextmanager
def no_larger_than(size: int) -> Iterator[None]:
    """No file of this process may grow beyond so many bytes, as on a full disk; -1: as it likes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_halt_holds_without_room_for_its_reason(tmp_path: Path) -> None:
    settings = tmp_path / "service.yaml"
    with no_larger_than(0):
        put(settings, "stop")
    assert halted(settings)()
    with pytest.raises(FileError, match="No such file or directory; make its folder first"):
        put(tmp_path / "gone" / "service.yaml", "stop")


def test_a_file_is_durable_before_it_gets_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    replace = Path.replace

    def named(path: Path, to: Path) -> Path:
        done.append("named")
        return replace(path, to)

    monkeypatch.setattr(os, "fsync", lambda _: done.append("durable"))
    monkeypatch.setattr(Path, "replace", named)
    write(tmp_path / "new", "text")
    assert done == ["durable", "named"]


def test_what_a_kill_left_of_the_same_file_goes_with_a_later_write(tmp_path: Path) -> None:
    write(tmp_path / "a.db", "now")
    now = (tmp_path / "a.db").stat().st_mtime
    old = (".a.db.0123abcd", ".a.db.0123abcd-wal", ".a.db.0123abcd-shm", ".a.db.0123abcd-journal")
    others = (".axdb.0123abcd", ".a.db.0123abc", ".a.db.0123abcg", "x.a.db.0123abcd", ".a.db.old")
    young = ".a.db.89abcdef"
    for name in (*old, *others, young):
        (tmp_path / name).touch()
        age = ABANDONED / 2 if name == young else ABANDONED + 60
        os.utime(tmp_path / name, (now, now - age))
    (tmp_path / ".a.db.fedcba98").mkdir()  # what cannot be removed hinders nobody
    os.utime(tmp_path / ".a.db.fedcba98", (now, now - ABANDONED - 60))
    write(tmp_path / "a.db", "later")
    left = {one.name for one in tmp_path.iterdir()}
    assert left == {"a.db", young, ".a.db.fedcba98", *others}
    assert (tmp_path / "a.db").read_text(encoding="utf-8") == "later"


def test_a_refusal_names_the_file_as_it_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("taken").write_text("a file", encoding="utf-8")
    with pytest.raises(FileError) as raised:
        write(Path("nope/x.json"), "text")
    said = "nope/x.json cannot be written: No such file or directory; make its folder first"
    assert str(raised.value) == said
    with pytest.raises(FileError) as raised:
        make_folder(Path("taken"))
    assert str(raised.value) == "taken cannot be written: File exists"


def test_what_is_no_file_is_written_to_as_it_is_and_a_link_stays_one(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("before", encoding="utf-8")
    real.chmod(0o640)
    link.symlink_to(real)
    write(link, "after")
    assert (real.read_text(encoding="utf-8"), real.stat().st_mode & 0o777) == ("after", 0o640)
    assert link.is_symlink()
    write(tmp_path / "new", "after")
    umask = os.umask(0o022)
    os.umask(umask)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o666 & ~umask
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o640)  # not the machine's own: a mistake would break it for all
    reader = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    write(pipe, "told", 0o600)
    assert os.read(reader, 99) == b"told"
    os.close(reader)
    assert stat.filemode(pipe.stat().st_mode) == "prw-r-----"
