"""A person's account and names in whatever is kept, and the pseudonym that takes their place."""

from __future__ import annotations

import re
from collections.abc import Collection

import msgspec

from service.state.journals import people_of, retold
from sla_engine.model import Actor

NAMED = frozenset(("type", "ref", "policy", "clock"))
"""Parts of a change that name things of ours, or its ticket, and never a person."""

_SLUG = re.compile(r"\W+")


class Disguise:
    """`pseudonym` takes the place of an account and of its names.

    The account and names of several words are found wherever they stand in a text; a name of one
    word only where it is a person's name, because elsewhere it may be any word. `clocks` are those
    of these words that have clocks of their own (`by: assignee`): keys of deeds and fields bear
    them as slugs.
    """

    def __init__(
        self, account: str, names: Collection[str], pseudonym: str, clocks: Collection[str] = ()
    ) -> None:
        self.account = account
        self.names = frozenset(names) - {""}
        self.pseudonym = pseudonym
        self._slugs = {f"{_slug(word)}#": f"{_slug(self.pseudonym)}#" for word in clocks}
        self.words = (account, *(name for name in self.names if " " in name.strip()))
        words = [*self.words, *(_slug(word).strip("-") for word in clocks)]
        longest_first = sorted(map(re.escape, words), key=len, reverse=True)
        self._found = re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)")

    def text(self, said: str) -> str:
        """A text without the person."""
        return self._found.sub(self.pseudonym, said)

    def key(self, said: str) -> str:
        """The key of a deed, which names the person whose clock it is. One who is named because the
        policies assign tickets to them stays named, as in the policies: else it were done again."""
        for slug, other in self._slugs.items():
            said = said.replace(slug, other)
        return said

    def journal(self, packed: bytes) -> bytes:
        """A packed ticket without the person; the same bytes where they are not in it."""
        return retold(packed, self.text, self._actor)

    def change(self, packed: bytes) -> bytes:
        """A deed's change in MessagePack without the person."""
        if not packed:
            return packed
        return msgspec.msgpack.encode(self._value(msgspec.msgpack.decode(packed)))

    def json(self, said: str) -> str:
        """JSON without the person in its values."""
        if not said:
            return said
        return msgspec.json.encode(self._value(msgspec.json.decode(said))).decode()

    def _actor(self, actor: Actor) -> Actor:
        if actor.id != self.account:
            return msgspec.structs.replace(actor, name=self.text(actor.name))
        return msgspec.structs.replace(actor, id=self.pseudonym, name=self.pseudonym)

    def _value(self, said: object) -> object:
        if isinstance(said, str):
            return self.text(said)
        if isinstance(said, list):
            return [self._value(one) for one in said]
        if isinstance(said, dict):
            return {name: self._part(name, one) for name, one in said.items()}
        return said

    def _part(self, name: str, said: object) -> object:
        if name == "key" and isinstance(said, str):
            return self.key(said)
        return said if name in NAMED else self._value(said)


def names_of(account: str, packed: bytes) -> set[str]:
    """What a packed ticket calls an account; nothing where it is not in it."""
    return {actor.name for actor in people_of(packed) if actor.id == account}


def _slug(word: str) -> str:
    """As keys and fields have it (sla_engine.plan.cycle_key, sla_engine.words)."""
    return _SLUG.sub("-", f" {word.lower()}")
