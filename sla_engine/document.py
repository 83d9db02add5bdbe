"""YAML as text with places: every value knows its line and column, and nothing is guessed.

Scalars stay the text that was written (12:30, NO, on, 010 and 2026-12-24 are texts); who asks for a
number converts it. The tree is built from PyYAML's parse events behind caps on size, depth and
number of values, because the loaders proper crash or explode on hostile input.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import yaml

from sla_engine.document_faults import Fault, fault_of_reader, fault_of_scanner
from sla_engine.problems import Problem, Where

MAX_CHARACTERS = 1_000_000
MAX_VALUES = 50_000
MAX_DEPTH = 40

Plain = str | None | list["Plain"] | dict[str, "Plain"]
"""What the tree says without its places: texts, None for an empty value, lists and maps."""

_NULLS = frozenset(("", "~", "null", "Null", "NULL"))


class Node(msgspec.Struct, frozen=True):
    """A value and where it stands: one of a text, an empty value, a list or a map."""

    where: Where
    text: str | None = None
    items: tuple[Node, ...] | None = None
    entries: Mapping[str, Node] | None = None
    keys: Mapping[str, Where] = {}
    flawed: bool = False
    """Whether something in it was refused by the reading, so that it is not all there."""

    @property
    def empty(self) -> bool:
        """Whether nothing was written: `key:`, `key: ~` or `key: null`."""
        return self.text is None and self.items is None and self.entries is None

    def child(self, step: str | int) -> Node | None:
        """The value under a key or at a position; None where there is no such thing."""
        if self.entries is not None:
            return self.entries.get(str(step))
        if self.items is not None and isinstance(step, int) and 0 <= step < len(self.items):
            return self.items[step]
        return None

    def at(self, *path: str | int) -> Node:
        """The value at a path, or the deepest one on the way to it."""
        node = self
        for step in path:
            node = node.child(step) or node
        return node

    def where_of(self, *path: str | int) -> Where:
        """The place of the value at a path, or of the deepest one on the way to it."""
        return self.at(*path).where

    def key_of(self, *path: str | int) -> Where:
        """The place of the key that a path ends with; of its value where it is not in a map."""
        holder = self.at(*path[:-1])
        return holder.keys.get(str(path[-1]), self.where_of(*path)) if path else self.where


def plain(node: Node) -> Plain:
    """The tree without its places, as models and calendars read it."""
    if node.entries is not None:
        return {key: plain(value) for key, value in node.entries.items()}
    if node.items is not None:
        return [plain(item) for item in node.items]
    return node.text


def read(source: str | bytes, file: str) -> tuple[Node | None, list[Problem]]:
    """The one document of a file and every mistake in its YAML; never raises.

    None where the file cannot be read to its end. A file with nothing in it is an empty map.
    """
    text, problems = _decoded(source, file)
    if problems:
        return None, problems
    return _Builder(text, file).document()


def _decoded(source: str | bytes, file: str) -> tuple[str, list[Problem]]:
    if len(source) > MAX_CHARACTERS:
        what = f"the file has {len(source):,} characters; {MAX_CHARACTERS:,} are the most"
        return "", [Problem(Where(file), what, "split it by owner", "SLA002")]
    if isinstance(source, str):
        return source.removeprefix("\ufeff"), []
    try:
        return source.decode("utf-8").removeprefix("\ufeff"), []
    except UnicodeDecodeError as error:
        before = source[: error.start].decode("utf-8").splitlines(keepends=True) or [""]
        ended = before[-1].endswith(("\n", "\r"))
        line, column = len(before) + ended, 1 if ended else len(before[-1]) + 1
        what = f"byte 0x{source[error.start]:02x} is not UTF-8"
        return "", [Problem(Where(file, line, column), what, "save the file as UTF-8", "SLA001")]


class _StopError(Exception):
    """The rest of the file cannot be understood; the problem is already collected."""


_Event = Any  # a yaml.Event; the stubs do not say which marks and names each has


class _Builder:
    """One walk over the parse events of one file."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.problems: list[Problem] = []
        self.values = 0
        self.events: Iterator[_Event] = iter(())
        self.last = Fault(0, 0, "")

    def document(self) -> tuple[Node | None, list[Problem]]:
        node: Node | None = None
        try:
            self.events = yaml.parse(self.text, Loader=yaml.SafeLoader)
            node = self._stream()
        except _StopError:
            pass
        except yaml.reader.ReaderError as error:
            self._fault(fault_of_reader(error, self.text))
        except yaml.MarkedYAMLError as error:
            self._fault(fault_of_scanner(error))
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            self._fault(self.last._replace(what=f"cannot be read as YAML after this ({error})"))
        return node, self.problems

    def _fault(self, fault: Fault) -> None:
        where = Where(self.file, fault.line + 1, fault.column + 1)
        self.problems.append(Problem(where, fault.what, fault.mend, "SLA001"))

    def _stream(self) -> Node:
        event = self._next()
        while isinstance(event, (yaml.StreamStartEvent, yaml.DocumentStartEvent)):
            event = self._next()
        if isinstance(event, yaml.StreamEndEvent):
            return Node(Where(self.file), entries={})
        node = self._node(event, 0)
        self._next()  # the document's end
        rest = self._next()
        if not isinstance(rest, yaml.StreamEndEvent):
            self._say(rest, "a second document begins here", "one file holds one document")
        if node is None or node.empty:
            return Node(Where(self.file), entries={})
        return node

    def _next(self) -> _Event:
        event = next(self.events)
        self.last = Fault(event.start_mark.line, event.start_mark.column, "")
        return event

    def _node(self, event: _Event, depth: int) -> Node | None:
        """The value that begins with this event; None where it was refused."""
        found = len(self.problems)
        self._guard(event, depth)
        node: Node | None = None
        if isinstance(event, yaml.MappingStartEvent):
            node = self._mapping(event, depth)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._sequence(event, depth)
        elif isinstance(event, yaml.ScalarEvent):
            node = self._scalar(event)
        else:
            what = f"*{event.anchor} is a reference to another place"
            mend = f'quote it if it is a name ("*{event.anchor}"), else repeat the value here'
            self._say(event, what, mend, "SLA004")
        if node is not None and len(self.problems) > found:
            return msgspec.structs.replace(node, flawed=True)
        return node

    def _guard(self, event: _Event, depth: int) -> None:
        self.values += 1
        if self.values > MAX_VALUES or depth > MAX_DEPTH:
            many = f"more than {MAX_VALUES:,} values" if depth <= MAX_DEPTH else ""
            what = many or f"nested more than {MAX_DEPTH} deep"
            self._say(event, what, "split the file, or write it flatter", "SLA002")
            raise _StopError
        if isinstance(event, yaml.AliasEvent):
            return
        if event.anchor:
            what = f"&{event.anchor} is an anchor; anchors are not used here"
            self._say(event, what, "write the value at each place", "SLA004")
        if event.tag:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            what = f"{tag} is a tag; tags are not used here"
            self._say(event, what, "leave it out, or quote the text", "SLA004")

    def _scalar(self, event: yaml.ScalarEvent) -> Node:
        bare = event.style is None
        if any("\ud800" <= letter <= "\udfff" for letter in event.value):
            self._say(event, "half of a character (a lone surrogate) is escaped here", "", "SLA001")
        empty = bare and event.value in _NULLS
        return Node(self._where(event), text=None if empty else event.value)

    def _sequence(self, start: _Event, depth: int) -> Node:
        items = []
        event = self._next()
        while not isinstance(event, yaml.SequenceEndEvent):
            item = self._node(event, depth + 1)
            if item is not None:
                items.append(item)
            event = self._next()
        return Node(self._where(start, event), items=tuple(items))

    def _mapping(self, start: _Event, depth: int) -> Node:
        entries: dict[str, Node] = {}
        keys: dict[str, Where] = {}
        event = self._next()
        while not isinstance(event, yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(self._next(), depth + 1)
            if key is not None and self._new_key(key, keys) and value is not None:
                entries[key.text or ""] = value
            event = self._next()
        return Node(self._where(start, event), entries=entries, keys=keys)

    def _new_key(self, key: Node, keys: dict[str, Where]) -> bool:
        """Whether the key can be taken, which is then noted; a problem where not."""
        name = key.text
        if name is None:
            mend = "write `key: value` with a word as the key; quote {…} if it is a text"
            self.problems.append(Problem(key.where, "a key must be a text", mend, "SLA005"))
        elif name in keys:
            what = f'key "{name}" is given twice; YAML would silently keep the second'
            mend = f"first given on line {keys[name].line}"
            self.problems.append(Problem(key.where, what, mend, "SLA003"))
        else:
            keys[name] = key.where
            return True
        return False

    def _say(self, event: _Event, what: str, mend: str, code: str = "SLA001") -> None:
        self.problems.append(Problem(self._where(event), what, mend, code))

    def _where(self, start: _Event, end: _Event | None = None) -> Where:
        """The place of a value; its width where it ends on the line it begins on."""
        first, last = start.start_mark, (end or start).end_mark
        one_line = first.line == last.line
        width = max(1, last.column - first.column) if one_line else 1
        return Where(self.file, first.line + 1, first.column + 1, width)


def texts(node: Node) -> Sequence[Node]:
    """Every value below a node that was left empty (`key:` with nothing after it)."""
    below = node.entries.values() if node.entries is not None else node.items or ()
    return [*([node] if node.empty else []), *(found for n in below for found in texts(n))]
