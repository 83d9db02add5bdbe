"""`sla sandbox` and `python -m sandbox`: both systems until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from sandbox.clock import DEFAULT_NOW, moment_of, parse_moment
from sandbox.faults import Chaos
from sandbox.jira.users import TOKEN
from sandbox.people import PEOPLE, SYNC_BOT
from sandbox.running import JIRA_PORT, SERVICENOW_PORT, Running, start
from sandbox.story import TELLERS

USAGE = 64  # sysexits.h EX_USAGE


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; 0 then, 1 where a port is taken, 64 where a word is wrong."""
    try:
        said = parser().parse_args(argv)
    except SystemExit as leaving:
        return USAGE if leaving.code else 0
    try:
        running = start(
            said.jira_port, said.servicenow_port, said.seed, said.now, said.speed, said.data,
            said.chaos, said.deployment, said.empty, said.story,
        )  # fmt: skip
    except OSError as error:
        print(f"error: cannot start: {error}", file=sys.stderr)
        return 1
    running.jira.dials["admin"] = not said.no_admin
    with running:
        print(greeting(running), flush=True)
        _wait_for_signal()
    return 0


def greeting(running: Running) -> str:
    """Where things are and how to sign in, for the terminal."""
    now = moment_of(running.clock.now()).strftime("%a %d %b %Y %H:%M UTC")
    kind = "Cloud" if running.jira.cloud else "Data Center"
    account = PEOPLE[SYNC_BOT].email
    incidents = len(running.servicenow.rows("incident"))
    lines = (
        f"✓ Jira {kind:<11} {running.jira_url}   {len(running.jira.issues)} issues",
        f"✓ ServiceNow       {running.servicenow_url}   {incidents} incidents",
        f"  sign in          {account} with {TOKEN} (everybody's token and password)",
        f"  time             {now}, {_pace(running.clock.speed)}",
        "  turn it          POST /_sandbox/ and clock, faults, limits or dials",
        "Open an address in a browser to see what an agent sees. Ctrl-C ends it; nothing is kept.",
    )
    return "\n".join(lines)


def _pace(speed: float) -> str:
    if not speed:
        return "standing still"
    return "as fast as yours" if speed == 1 else f"{speed:g} times as fast as yours"


def parser() -> argparse.ArgumentParser:
    """The words that `sla sandbox` knows."""
    parser = argparse.ArgumentParser("sla sandbox", description="A made-up Jira and ServiceNow.")
    parser.add_argument(
        "--jira-port", type=int, default=JIRA_PORT, metavar="N",
        help="where Jira listens (%(default)s); 0: any free port",
    )  # fmt: skip
    parser.add_argument(
        "--servicenow-port", type=int, default=SERVICENOW_PORT, metavar="N",
        help="where ServiceNow listens (%(default)s); 0: any free port",
    )  # fmt: skip
    parser.add_argument(
        "--seed", type=int, default=42, metavar="N",
        help="the same seed, the same desk (%(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--now",
        type=_moment,
        default=DEFAULT_NOW,
        metavar="ISO",
        help="the time there at the start",
    )
    parser.add_argument(
        "--speed", type=float, default=1, metavar="N",
        help="how many times as fast as ours its time runs (%(default)s); 0 stops it",
    )  # fmt: skip
    parser.add_argument(
        "--chaos", type=_chaos, default="", metavar="WHAT",
        help='what goes wrong, and how often: "429=0.05,503=0.02,slow=200ms"',
    )  # fmt: skip
    parser.add_argument(
        "--data", type=_folder, metavar="FOLDER", help="its files are the incidents of ServiceNow"
    )
    parser.add_argument(
        "--deployment", choices=("cloud", "dc"), default="cloud",
        help="which Jira: Cloud or Data Center (%(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--story", choices=tuple(TELLERS), default="everyday",
        help="what has happened: six weeks of a desk, or the tickets of config/examples",
    )  # fmt: skip
    parser.add_argument("--no-admin", action="store_true", help="the sync may not edit quietly")
    parser.add_argument("--empty", action="store_true", help="no tickets at first")
    return parser


def _moment(text: str) -> int:
    try:
        return parse_moment(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no ISO 8601 instant") from None


def _chaos(text: str) -> str:
    try:
        Chaos.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


def _folder(text: str) -> Path:
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is no folder")
    return Path(text)


def _wait_for_signal() -> None:
    ended = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: ended.set())
    ended.wait()
