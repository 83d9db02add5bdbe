"""The tables of policies.md and problems.md, made from the program so that they cannot go stale.

`python docs/make_policies.py` writes them anew between the marks; `--check` only looks.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from sla_engine.policy import File, json_schema
from sla_engine.policy.conditions import Model
from sla_engine.policy.words import NotEvaluated, NotYet
from sla_engine.presets import CLOCKS, FIELDS, PUBLISH
from sla_engine.problem_codes import CODES

HERE = Path(__file__).resolve().parent
PAGES = (HERE / "policies.md", HERE / "problems.md")
EXAMPLES = HERE.parent / "config" / "examples"
BLOCK = re.compile(r"(<!-- made: (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)
SCHEMA = json_schema()
SECTIONS = {
    "Action": "actions",
    "Actors": "fields-people-and-what-tickets-show",
    "CalendarBy": "calendars",
    "Child": "one-case-over-several-tickets",
    "CalendarTerms": "calendars",
    "Clock": "clocks",
    "Condition": "conditions",
    "Defaults": "a-policy",
    "DueCell": "targets",
    "Exclusion": "exclusions-and-exceptions",
    "FieldEntry": "fields-people-and-what-tickets-show",
    "FieldOps": "conditions",
    "Group": "fields-people-and-what-tickets-show",
    "Holidays": "calendars",
    "Levels": "targets",
    "Link": "one-case-over-several-tickets",
    "PauseTerms": "pauses",
    "Policy": "a-policy",
    "Publish": "fields-people-and-what-tickets-show",
    "ReopenTerms": "reopening",
    "Review": "reviews",
    "Step": "ladders",
    "Table": "targets",
    "TicketException": "exclusions-and-exceptions",
    "When": "exclusions-and-exceptions",
}
"""Where the page tells of a model. One that is not here is not supported yet."""
SYSTEMS = ("jira", "servicenow")


def models() -> dict[str, type[Model]]:
    """Every model of the language by its name in the schema."""
    found: dict[str, type[Model]] = {}
    waiting = [Model]
    while waiting:
        for model in waiting.pop().__subclasses__():
            found[model.__name__] = model
            waiting.append(model)
    return found


def table(name: str) -> Iterator[str]:
    """What may be written in one model: key, value, meaning."""
    model = models()[name]
    said = SCHEMA if model is File else SCHEMA["$defs"][name]
    needed = said.get("required", ())
    yield "| key | takes | meaning |"
    yield "|---|---|---|"
    for attribute, field in model.model_fields.items():
        if later(field.metadata):
            continue
        key = field.alias or attribute
        shown = said["properties"][key]
        words = values(shown)
        must = " **(needed)**" if key in needed else ""
        note = " *Checked, without effect so far.*" if idle(field.metadata) else ""
        meaning = " ".join(shown.get("description", "").split())
        yield f"| `{key}` | {words} | {cell(meaning)}{must}{note} |"


def later(metadata: list[Any]) -> bool:
    """Whether a key is refused for now."""
    return any(isinstance(mark, NotYet) for mark in metadata)


def idle(metadata: list[Any]) -> bool:
    """Whether a key has no effect so far."""
    return any(isinstance(mark, NotEvaluated) for mark in metadata)


def values(schema: dict[str, Any]) -> str:
    """What a value may be, in words."""
    forms = schema.get("anyOf") or schema.get("oneOf")
    if forms:
        lists = [form for form in forms if form.get("items") in forms]
        said = [values(form) for form in forms if form not in lists]
        return " or ".join(dict.fromkeys([*filter(None, said), *["a list of them"][: len(lists)]]))
    if "enum" in schema:
        return ", ".join(f"`{word}`" for word in schema["enum"])
    if "const" in schema:
        return f"`{'true' if schema['const'] is True else schema['const']}`"
    return _shape(schema)


def _shape(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return _link(schema["$ref"].rpartition("/")[2])
    kind = schema.get("type")
    if kind == "array":
        return f"a list: {values(schema['items'])}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"a map by name: {values(schema['additionalProperties'])}"
    if kind == "object":
        return "[a calendar in full](#calendars)"
    if "examples" in schema:
        return "like " + ", ".join(f"`{example}`" for example in schema["examples"])
    return {"boolean": "`true`, `false`", "integer": "a whole number", "number": "a number"}.get(
        str(kind), "text"
    )


def _link(name: str) -> str:
    called = models()[name].called
    return f"[{called}](#{SECTIONS[name]})" if name in SECTIONS else called


def cell(text: str) -> str:
    """Text that cannot end a cell of a table."""
    return text.replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;")


def not_yet(_: str) -> Iterator[str]:
    """Every key that is read, checked and refused."""
    for name, model in _told().items():
        inherited = _fields("Defaults") if name == "Policy" else {}
        own = {k: f for k, f in model.model_fields.items() if k not in inherited}
        keys = [f"`{f.alias or k}`" for k, f in own.items() if later(f.metadata)]
        if keys:
            yield f"- in {model.called}: {', '.join(keys)}"


def no_effect(_: str) -> Iterator[str]:
    """Every key that is read and checked, and does nothing so far."""
    for name, model in _told().items():
        keys = [f"`{f.alias or k}`" for k, f in model.model_fields.items() if idle(f.metadata)]
        if keys and name != "Defaults":
            yield f"- in {model.called}: {', '.join(keys)}"


def _told() -> dict[str, type[Model]]:
    """The models that the page tells of, by name."""
    known = models()
    return {name: known[name] for name in ("File", *SECTIONS)}


def _fields(name: str) -> dict[str, FieldInfo]:
    return models()[name].model_fields


def presets(_: str) -> Iterator[str]:
    """The clocks that are there already."""
    yield "| clock | counts again | the policy's pause holds | the policy's `reopen` holds |"
    yield "|---|---|---|---|"
    for name, preset in CLOCKS.items():
        again = {"every": "every time", "sum": "in one sum"}.get(preset.clock.cycles, "once")
        holds = ("yes" if flag else "no" for flag in (preset.pausable, preset.reopens))
        yield f"| `{name}` | {again} | {' | '.join(holds)} |"


def fields(_: str) -> Iterator[str]:
    """The canonical fields that are there already."""
    yield "| field | in Jira | in ServiceNow | values |"
    yield "|---|---|---|---|"
    for name, terms in FIELDS.items():
        sources = [f"`{terms.sources[s]}`" if s in terms.sources else "–" for s in SYSTEMS]
        words = ", ".join(f"`{value}`" for value in terms.values) or "as the system says"
        yield f"| `{name}` | {' | '.join(sources)} | {words} |"


def shown(_: str) -> Iterator[str]:
    """What tickets show where `publish` says nothing."""
    yield "| figure | Jira field | ServiceNow column |"
    yield "|---|---|---|"
    for figure in dict.fromkeys(PUBLISH["jira"].fields.values()):
        names = [
            next(f"`{name}`" for name, kind in PUBLISH[system].fields.items() if kind == figure)
            for system in SYSTEMS
        ]
        yield f"| `{figure}` | {' | '.join(names)} |"


def codes(_: str) -> Iterator[str]:
    """What every problem code means."""
    yield "| code | meaning |"
    yield "|---|---|"
    for code, meaning in sorted(CODES.items()):
        yield f"| {code} | {cell(meaning)} |"


def example(name: str) -> Iterator[str]:
    """An example file as it is."""
    yield "```yaml"
    (path,) = EXAMPLES.glob(f"*/policies/{name}")
    yield path.read_text(encoding="utf-8").rstrip()
    yield "```"


MAKERS: dict[str, Callable[[str], Iterator[str]]] = {
    "table": table,
    "not yet": not_yet,
    "no effect": no_effect,
    "presets": presets,
    "fields": fields,
    "shown": shown,
    "codes": codes,
    "example": example,
}


def made(page: str) -> str:
    """The page with every block made anew."""

    def block(found: re.Match[str]) -> str:
        what, _, argument = found[2].partition(": ")
        lines = "\n".join(MAKERS[what](argument))
        return f"{found[1]}\n{lines}\n\n{found[3]}"

    return BLOCK.sub(block, page)


def main(arguments: list[str]) -> int:
    """Write the pages; with --check say whether they are up to date."""
    before = {page: page.read_text(encoding="utf-8") for page in PAGES}
    stale = {page: made(text) for page, text in before.items() if made(text) != text}
    if "--check" in arguments:
        return 1 if stale else 0
    for page, text in stale.items():
        page.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
