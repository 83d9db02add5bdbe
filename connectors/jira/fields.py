"""Which fields of a Jira site are which of ours: the canonical ones, and those that we publish."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from connectors.base import PermanentError
from sla_engine.presets import FIELDS
from sla_engine.problems import did_you_mean
from sla_engine.terms import FieldTerms

SYSTEM = "jira"

_ALWAYS = {
    "project": "project",
    "type": "issuetype",
    "status": "status",
    "priority": "priority",
    "assignee": "assignee",
    "requester": "reporter",
    "labels": "labels",
    "components": "components",
    "resolution": "resolution",
}
_CALLED_IN_HISTORIES = {
    "components": "component",
    "fixVersions": "fix version",
    "versions": "version",
}
"""Fields that a history calls neither by id nor by name, where it gives no id (Data Center)."""
_OURS_TO_SAY = ("system", "number", "table", "created", "status_category")
_ALSO_READ = ("summary", "created", "updated", "creator", "reporter", "status", "project")


class FieldSchema(msgspec.Struct, frozen=True):
    type: str = ""
    items: str = ""
    custom: str = ""


class Field(msgspec.Struct, frozen=True):
    """One field of the site, as GET /field describes it."""

    id: str
    name: str = ""
    custom: bool = False
    schema: FieldSchema = FieldSchema()

    @property
    def is_list(self) -> bool:
        return self.schema.type == "array"

    @property
    def is_long_text(self) -> bool:
        """A text of several paragraphs: on Cloud it holds a document instead of a string."""
        return self.schema.custom.endswith(":textarea") or self.id in ("description", "environment")


class Plan(msgspec.Struct, frozen=True):
    """What is read and written, by our names. `missing` are published fields that the site lacks,
    each with what is to be said of it. `watched` names canonical fields by the id or, in lower
    case, the name that a history's item bears (Data Center leaves ids out)."""

    canonical: Mapping[str, Field]
    watched: Mapping[str, tuple[str, ...]]
    history_ids: tuple[str, ...]
    published: Mapping[str, Field]
    missing: Mapping[str, str]
    created: Field | None = None

    @property
    def asked(self) -> tuple[str, ...]:
        """The ids of all fields that have to be fetched."""
        ids = [*_ALSO_READ, *(f.id for f in self.canonical.values())]
        ids += [f.id for f in self.published.values()]
        ids += [self.created.id] if self.created else []
        return tuple(dict.fromkeys(ids))


class UnknownFieldError(PermanentError):
    """service.yaml or a policy names a field that the site does not have, or has twice."""

    code = "SLA110"


def find(fields: Iterable[Field], said: str) -> Field:
    """The field with this id, `cf[10050]` or name; UnknownFieldError where it is not exactly one.

    Names are not unique in Jira, so two of the same name are never guessed between.
    """
    known = list(fields)
    number = re.fullmatch(r"cf\[(\d+)\]", said)
    wanted = f"customfield_{number[1]}" if number else said
    exact = [field for field in known if field.id == wanted]
    named = [field for field in known if field.name == said]
    loosely = [field for field in known if field.name.lower() == said.lower()]
    found = exact or named or loosely
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(sorted(field.id for field in found))
        raise UnknownFieldError(
            f'Jira has {len(found)} fields called "{said}": {ids}', (("fix", "write the id"),)
        )
    hint = did_you_mean(said, [field.name for field in known])
    raise UnknownFieldError(f'Jira has no field "{said}"' + (f"; {hint}" if hint else ""))


def make_plan(
    fields: Iterable[Field], terms: Mapping[str, FieldTerms], publish: Iterable[str]
) -> Plan:
    """What to read and write on a site with these fields; UnknownFieldError if `fields:` of a
    policy names one that is not there (a preset's may be missing)."""
    known = list(fields)
    canonical = _canonical(known, terms)
    published, missing = _published(known, publish)
    watched: dict[str, list[str]] = {}
    history: list[str] = []
    for name, field in canonical.items():
        if name in terms and not terms[name].history:
            continue
        history.append(field.id)
        called = _CALLED_IN_HISTORIES.get(field.id, "")
        for label in {field.id, field.name.lower(), called} - {""}:
            watched.setdefault(label, []).append(name)
    created = terms["created"].sources.get(SYSTEM) if "created" in terms else None
    return Plan(
        canonical,
        {label: tuple(names) for label, names in watched.items()},
        tuple(dict.fromkeys(history)),
        published,
        missing,
        find(known, created) if created else None,
    )


def _canonical(known: list[Field], terms: Mapping[str, FieldTerms]) -> dict[str, Field]:
    wanted = {name: source for name, source in _ALWAYS.items() if name not in terms}
    for name, term in terms.items():
        source = term.sources.get(SYSTEM) or _ALWAYS.get(name, "")
        if source and name not in _OURS_TO_SAY:
            wanted[name] = source
    found = {}
    for name, source in sorted(wanted.items()):
        try:
            found[name] = find(known, source)
        except UnknownFieldError as error:
            if source != _by_default(name):
                raise UnknownFieldError(f"{error.what} (field {name} of the policies)") from None
    return found


def _by_default(name: str) -> str:
    preset = FIELDS.get(name)
    return (preset.sources.get(SYSTEM) if preset else None) or _ALWAYS.get(name, "")


def _published(known: list[Field], names: Iterable[str]) -> tuple[dict[str, Field], dict[str, str]]:
    found, missing = {}, {}
    for name in names:
        try:
            found[name] = find(known, name)
        except UnknownFieldError as error:
            missing[name] = error.what
    return found, missing
