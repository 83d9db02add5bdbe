"""sla audit: the proof that the audit is as it was written, and a copy to prove it elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from commands.session import FINDINGS, config_option, end, json_option, local_zone, open_session

if TYPE_CHECKING:
    from reports.audit import Proof
    from service.record.auditing import Audited


class Seal(click.ParamType[bytes]):
    """64 hexadecimal digits."""

    name = "seal"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> bytes:
        try:
            return bytes.fromhex(str(value))
        except ValueError:
            self.fail(f"{value!r} is no seal; sla audit verify prints one", param, ctx)


@click.group()
def command() -> None:
    """The audit has a line for every write that was tried and every verdict that became final,
    or breached while its clock was open.

    Each line is sealed to the one before it, so that a later change shows.
    """


@command.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--seal", type=Seal(), metavar="SEAL", help="a seal noted earlier: must be in it")
@json_option
@config_option
def verify(file: Path | None, seal: bytes | None, as_json: bool, config: str | None) -> int:
    """Prove that no line was changed, removed or slipped in, and judge its verdicts again.

    With FILE, an export is looked at instead of the state; neither settings nor systems are needed.
    Note the seal that is printed: given back with --seal later, it shows that nothing up to it was
    made anew. Exit code 1 where something does not hold; the lines are named.
    """
    from reports.audit import audit_json, render_audit
    from service.record.auditing import audited

    if file is None:
        found, of = _of_state(config, seal)
    else:
        from reports.errors import render_error
        from service.record.audit_file import AuditFileError, read

        try:
            found, of = audited(read(file), anchor=seal), str(file)
        except AuditFileError as error:
            end(render_error("SLA317", str(error)).rstrip(), FINDINGS)
    proof = _proof(of, found)
    text = json.dumps(audit_json(proof), indent=2) if as_json else render_audit(proof, local_zone())
    click.echo(text)
    return 0 if proof.holds else FINDINGS


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
@config_option
def export(file: Path, config: str | None) -> int:
    """Write the audit to FILE, with the policies and histories that its verdicts follow from.

    FILE is JSON, one object a line, for your eyes alone: it holds histories of tickets. It is all
    that `sla audit verify FILE` needs, on any machine.
    """
    from reports.words import count
    from service.record.audit_file import write
    from service.record.evidence import records
    from service.setup.files import FileError, whole
    from service.setup.private import FILE

    session = open_session(config)
    if file.exists():
        raise FileError(f"{file} is there already; name another file")
    with session.store(writer=False) as store, store.read() as db, whole(file, FILE) as to:
        written = write(records(db, session.policies), to)
    click.echo(f"{file}: {count(written, 'record')}. Look at it with: sla audit verify {file}")
    return 0


def _of_state(config: str | None, seal: bytes | None) -> tuple[Audited, str]:
    from service.record.auditing import audited
    from service.record.evidence import records

    session = open_session(config)
    with session.store(writer=False) as store, store.read() as db:
        return audited(records(db, session.policies), anchor=seal), "the state"


def _proof(of: str, found: Audited) -> Proof:
    from reports.audit import Doubt, Proof

    told = msgspec.structs.asdict(found)
    return Proof(
        of, **told | {"doubts": [Doubt(**msgspec.structs.asdict(d)) for d in found.doubts]}
    )
