"""What sla doctor found: system by system, what is well, what is not, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from reports.json_values import JsonValue
from reports.words import count

if TYPE_CHECKING:
    from typing import Literal


class Finding(Protocol):
    """As connectors tell it."""

    @property
    def mark(self) -> Literal["ok", "warning", "problem", "unknown"]: ...
    @property
    def what(self) -> str: ...
    @property
    def said(self) -> str: ...
    @property
    def mend(self) -> str: ...


class Examined(Protocol):
    """One system, or this machine."""

    @property
    def name(self) -> str: ...
    @property
    def about(self) -> str: ...
    @property
    def findings(self) -> Sequence[Finding]: ...


_SHOWN = {
    "ok": ("✓", "green"),
    "warning": ("!", "bold yellow"),
    "problem": ("✗", "bold red"),
    "unknown": ("?", "yellow"),
}


def render_doctor(subjects: Sequence[Examined]) -> RenderableType:
    """A block a system, and a last line with what to do."""
    parts: list[RenderableType] = []
    for subject in subjects:
        parts += [Text(f"{subject.name}  {subject.about}", style="bold"), _block(subject), Text()]
    return Group(*parts, Text(_last(subjects)))


def _block(subject: Examined) -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column()
    for finding in subject.findings:
        symbol, style = _SHOWN[finding.mark]
        said = Text(finding.said)
        if finding.mend and finding.mark != "ok":
            said.append(f"\n→ {finding.mend}")
        grid.add_row(Text(f"  {symbol}", style=style), finding.what, said)
    return grid


def _last(subjects: Iterable[Examined]) -> str:
    marks = [finding.mark for subject in subjects for finding in subject.findings]
    problems, warnings = marks.count("problem"), marks.count("warning")
    said = f"{count(problems, 'problem')}, {count(warnings, 'warning')}"
    if problems:
        return f"{said}: mend what is marked ✗, then run sla doctor again"
    return f"{said}: what is needed is there   next: sla plan"


def doctor_json(subjects: Iterable[Examined]) -> JsonValue:
    """The same for machines."""
    return {
        "schema": 1,
        "subjects": [
            {
                "name": subject.name,
                "about": subject.about,
                "findings": [
                    {
                        "mark": one.mark,
                        "what": one.what,
                        "said": one.said or None,
                        "mend": one.mend or None,
                    }
                    for one in subject.findings
                ],
            }
            for subject in subjects
        ],
    }
