"""The entries of `connections:` in service.yaml, each read by the connector it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from service.setup.environment import prefix
from service.setup.expiry import expiry
from service.setup.settings_reading import read as read_model
from service.setup.sources import Mode
from service.setup.systems import CONNECTORS, module_of
from sla_engine.document import Node, plain
from sla_engine.problems import Problem, Where, did_you_mean
from sla_engine.units import Instant

SECRET_WORDS = frozenset(
    ("api_key", "api_token", "apikey", "client_secret", "passwd", "password", "pat", "secret")
) | {"token"}


OURS = ("mode", "token_expires")
"""Keys of an entry that no connector needs to know."""


class Entry(msgspec.Struct, frozen=True):
    """One connection as the file says it; `mode` and `expires` None where it says none."""

    name: str
    system: str
    mode: Mode | None
    options: Mapping[str, object]
    expires: Instant | None


def entries(node: Node, folder: Path) -> tuple[tuple[Entry, ...], list[Problem]]:
    """Every sound entry of `connections:`, and what is wrong with the others."""
    section = node.child("connections")
    read_as, problems = [], list(_alike(node))
    for name, entry in ((section.entries or {}) if section else {}).items():
        one, found = _entry(name, entry, node.key_of("connections", name), folder)
        problems += found
        if one is not None:
            read_as.append(one)
    return tuple(read_as), problems


def _entry(
    name: str, entry: Node, named: Where, folder: Path
) -> tuple[Entry | None, list[Problem]]:
    """One entry, read by the connector that its `system` names."""
    said = entry.entries or {}
    system, mode = said.get("system"), said.get("mode")
    if system is None or system.text is None:
        mend = f"say which: system: {' or '.join(CONNECTORS)}"
        return None, [Problem(named, f'"{name}" says no system', mend, "SLA102")]
    if system.text not in CONNECTORS:
        mend = did_you_mean(system.text, CONNECTORS) or f"known are {', '.join(CONNECTORS)}"
        return None, [Problem(system.where, f'no system "{system.text}"', mend, "SLA105")]
    rest = {key: value for key, value in said.items() if key not in OURS}
    own = msgspec.structs.replace(entry, entries=rest)
    model, problems = read_model(module_of(system.text).Settings, own, named)
    if mode is not None and mode.text not in ("observe", "write"):
        what = f'"{mode.text}" is not known here'
        problems.append(Problem(mode.where, what, "write observe or write", "SLA105"))
    expires, wrong = expiry(said.get("token_expires"))
    problems += wrong
    if model is None or problems:
        return None, problems
    options: dict[str, object] = {k: plain(v) for k, v in rest.items() if k != "system"}
    if isinstance(options.get("path"), str):
        options["path"] = str(folder / str(options["path"]))
    word: Mode | None = None if mode is None else "write" if mode.text == "write" else "observe"
    return Entry(name, system.text, word, options, expires), []


def secrets_in(node: Node, path: tuple[str, ...] = ()) -> Iterator[Problem]:
    """A problem for every key that looks as if its value were a secret, wherever it stands."""
    for key, value in (node.entries or {}).items():
        if _is_secret(key) and value.entries is None:
            mend = f"take it out, make a new one, and {_instead(key, path)}"
            yield Problem(node.keys[key], f'"{key}" is a secret in a file', mend, "SLA301")
        yield from secrets_in(value, (*path, key))
    for item in node.items or ():
        yield from secrets_in(item, path)


def _instead(key: str, path: tuple[str, ...]) -> str:
    """How to give a secret: by a variable, whose name depends on where it was written."""
    if path[:1] == ("connections",) and len(path) > 1:
        variable = f"{prefix(path[1])}_{key.upper().replace('-', '_')}"
        return f"set {variable} or {variable}_FILE"
    word = {"webhooks": "secret_env", "pages": "token_env"}.get(path[0] if path else "", "url_env")
    return f"name a variable that holds it: {word}: SLA_…"


def _is_secret(key: str) -> bool:
    return key.lower().replace("-", "_") in SECRET_WORDS


def _alike(node: Node) -> Iterator[Problem]:
    """Connections whose variables would have the same names."""
    entries = node.child("connections")
    seen: dict[str, str] = {}
    for name in (entries.entries or {}) if entries else {}:
        first = seen.setdefault(prefix(name), name)
        if entries and first != name:
            what = f'"{name}" and "{first}" would both read {prefix(name)}_…'
            yield Problem(entries.keys[name], what, "rename one of them", "SLA302")
