"""What a desk does in a day, step by step, and the fail-points that each of it comes by."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from service.delivery import holds, runs
from service.state.failpoints import POINTS
from service.state.store import file_of, open_store
from sla_engine.units import DAY, MINUTE
from tests.crash.desk import ISSUES, CrashDesk, Ran

STEP = 20 * MINUTE
"""From one step to the next: time enough to try it again, at once and after the quiet period."""

AGAIN = (1 * MINUTE, 12 * MINUTE)

IN_FILES = (
    *("store.", "backup.", "restore."),
    *("migrate.after_copy", "purge.after_vacuum", "purge.after_checkpoint"),
)
"""Fail-points that only a state in a file has."""


def nothing(_: CrashDesk) -> None:
    pass


ADA = "712020:fdee430d-40bd-47de-8ac1-86cd9790033d"
"""Who works on one of the issues."""


def plainly(*words: str) -> Callable[[CrashDesk], tuple[str, ...]]:
    return lambda _: words


class Step(NamedTuple):
    """A command, what happens to the desk before it, and where it is killed whatever is tried."""

    words: Callable[[CrashDesk], tuple[str, ...]]
    before: Callable[[CrashDesk], None] = nothing
    killed_at: str = ""

    def take(self, desk: CrashDesk, number: int, failpoint: str = "", late: int = 0) -> Ran:
        """The command, at its place in time; what happens before it did."""
        at = number * STEP + late
        return desk.sla(*self.words(desk), later=at, failpoint=failpoint or self.killed_at)


class Scenario(NamedTuple):
    """Steps, and the fail-points (by name or beginning) at which each of them is killed."""

    name: str
    points: tuple[str, ...]
    steps: tuple[Step, ...]
    in_files_only: bool = False

    def kills(self, *, in_file: bool) -> list[str]:
        """The names of its fail-points, for this kind of state."""
        return [
            name
            for name in POINTS
            if name.startswith(self.points) and (in_file or not name.startswith(IN_FILES))
        ]


RUN = plainly("run", "--once")
PASS = Step(RUN)


def linked_and_garbled(desk: CrashDesk) -> None:
    """Tickets of both systems may belong together, and one incident makes no sense."""
    path = desk.settings.parent / "policies" / "links.yaml"
    child = '{system: jira, project: SUP, where: {summary: "{parent.number}"}}'
    parent = "{system: servicenow, table: incident}"
    path.write_text(f"schema: sla/v1\nlinks:\n  one:\n    parent: {parent}\n    child: {child}\n")
    opened(desk, "yesterday")


def mended(desk: CrashDesk) -> None:
    opened(desk, "2026-11-20 07:00:00")


def opened(desk: CrashDesk, at: str) -> None:
    """What an incident says of when it began."""
    rows: list[Any] = desk.running.servicenow.rows("incident").where("number", "INC0010042")
    for row in rows:
        row["opened_at"] = row["sys_created_on"] = at


def widened(desk: CrashDesk) -> None:
    """More tickets than changed policies may write to unasked."""
    keys = [issue.key for issue in desk.running.jira.issues.values() if issue.key.startswith("SUP")]
    desk.change("service.yaml", ", ".join(ISSUES), ", ".join(sorted(keys)[:45]))


def edited(desk: CrashDesk) -> None:
    desk.change(
        "policies/support.yaml",
        "calendar: {by: priority, P1: 24x7, default: office}",
        "calendar: 24x7",
    )


def approving(desk: CrashDesk) -> tuple[str, ...]:
    with open_store(desk.state, writer=False) as store, store.read() as db:
        found = [holds.find(db, name) for name in ("jira/demo", "snow/demo")]
    return ("approve", next((hold.id for hold in found if hold is not None), "none"))


def planning(desk: CrashDesk) -> tuple[str, ...]:
    return ("plan", "--out", str(desk.settings.parent / "p.plan"))


def applying(desk: CrashDesk) -> tuple[str, ...]:
    return ("apply", str(desk.settings.parent / "p.plan"))


def reverting(desk: CrashDesk) -> tuple[str, ...]:
    with open_store(desk.state, writer=False) as store, store.read() as db:
        run = next(run for run in runs.latest(db, 99) if run.kind == "apply")
    return ("revert", run.id)


def backing_up(desk: CrashDesk) -> tuple[str, ...]:
    return ("backup", str(desk.settings.parent / "kept.db"))


def restoring(desk: CrashDesk) -> tuple[str, ...]:
    return ("restore", str(desk.settings.parent / "kept.db"))


WAS_AT_WORK = """INSERT INTO connections (name, system, mode, policies, armed_at)
    VALUES (:name, :system, 'write', '', :since)"""


def of_an_older_program(desk: CrashDesk) -> None:
    """The state is as the first release made it, at work since yesterday, without a ticket."""
    path = file_of(desk.state)
    engine = create_engine(f"sqlite:///{path}" if path else desk.state)
    if path:
        for file in path.parent.glob("state.db*"):
            file.unlink()
    with engine.begin() as db:
        if not path:
            db.execute(text("DROP SCHEMA public CASCADE"))
            db.execute(text("CREATE SCHEMA public"))
        config = Config()
        config.set_main_option("script_location", "service.state:migrations")
        config.attributes["connection"] = db
        command.upgrade(config, "0001")
        for name, system in (("jira/demo", "jira"), ("snow/demo", "servicenow")):
            row = {"name": name, "system": system, "since": desk.now - DAY}
            db.execute(text(WAS_AT_WORK), row)
    engine.dispose()
    if path:
        Path(path).chmod(0o600)


SCENARIOS = (
    Scenario(
        "passes",
        ("store.", "pull.", "cases.", "judge.", "pass.", "apply.", "audit.", "tell.", "remind."),
        (
            Step(RUN, before=linked_and_garbled),
            Step(RUN, before=mended),
            PASS,
        ),
    ),
    Scenario(
        "in doubt",
        ("reconcile.",),
        (Step(RUN, killed_at="apply.after_write"), PASS),
    ),
    Scenario(
        "a plan",
        ("applying.after_begin", "errand.", "revert.", "apply."),
        (Step(planning), Step(applying), Step(reverting)),
    ),
    Scenario(
        "a plan twice",
        ("applying.",),
        (Step(planning), Step(applying, killed_at="apply.after_write:3"), Step(applying)),
    ),
    Scenario(
        "changed policies",
        ("hold.", "approve."),
        (Step(RUN, before=widened), Step(RUN, before=edited), Step(approving), PASS),
    ),
    Scenario(
        "a purge",
        ("purge.",),
        (
            PASS,
            Step(plainly("purge", "--ticket", ISSUES[0])),
            Step(plainly("purge", "--user", ADA)),
            PASS,
        ),
    ),
    Scenario(
        "an older state",
        ("migrate.", "retention."),
        (Step(RUN, before=of_an_older_program), PASS),
    ),
    Scenario(
        "a backup",
        ("backup.", "restore."),
        (PASS, Step(backing_up), PASS, Step(restoring), PASS),
        in_files_only=True,
    ),
    Scenario("anew", ("restore.",), (PASS, Step(plainly("rebuild")), PASS), in_files_only=True),
)
