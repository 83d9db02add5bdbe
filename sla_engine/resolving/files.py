"""The texts of a folder -> everything in force, and every mistake in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from sla_engine.calendars.exceptions import Given
from sla_engine.document import Node
from sla_engine.policy.exclusions import Exclusion as WrittenExclusion
from sla_engine.policy.exclusions import TicketException as WrittenException
from sla_engine.policy.ladders import Rungs as WrittenRungs
from sla_engine.policy.later import Contract, Objective
from sla_engine.policy.promises import Defaults, Policy
from sla_engine.policy.reading import not_acted_on, read
from sla_engine.problems import Problem, Where
from sla_engine.resolving import calendars as calendars_of
from sla_engine.resolving import exclusions as exclusions_of
from sla_engine.resolving import links as links_of
from sla_engine.resolving import parties as parties_of
from sla_engine.resolving import policies as policies_of
from sla_engine.resolving import steps as steps_of
from sla_engine.resolving import vocabulary
from sla_engine.resolving.holidays import stated
from sla_engine.resolving.policies import Inherited
from sla_engine.resolving.scope import Asked, Names, Rungs, Scope
from sla_engine.resolving.sections import Sections, entries, together
from sla_engine.resolving.supports import unsupported
from sla_engine.resolving.ties import ties
from sla_engine.resolving.version import version
from sla_engine.resolving.versions import in_turn, versions
from sla_engine.terms import Exclusion, Policies, TicketException
from sla_engine.terms import Policy as PolicyTerms

Holidays = Given


class Reading(msgspec.Struct, frozen=True):
    """What files say: what is sound of it, all problems by place, and for lints the places of
    everything and every field and value that is asked for."""

    policies: Policies
    problems: list[Problem]
    sections: Sections
    asked: tuple[Asked, ...]


def resolve(
    texts: Mapping[str, str | bytes], holidays: Holidays | None = None, draft: str = ""
) -> tuple[Policies, list[Problem]]:
    """What is sound of the files, and all problems by place. Never raises for any text. What the
    file `draft` names stands in for what the others call so."""
    reading = read_texts(texts, holidays, draft)
    return reading.policies, reading.problems


def read_texts(
    texts: Mapping[str, str | bytes], holidays: Holidays | None = None, draft: str = ""
) -> Reading:
    """The same with what lints need to know besides."""
    sections, problems = together(texts, draft)
    return read_sections(sections, problems, texts, stated(texts, holidays, problems))


def read_sections(
    sections: Sections,
    problems: list[Problem],
    texts: Mapping[str, str | bytes],
    holidays: Holidays | None = None,
) -> Reading:
    """The same from sections laid together, with the problems and the texts they came from."""
    names = _names(sections, holidays, problems)
    policies = _policies(sections, names, problems)
    stated = {name for name, _, _ in entries(sections, "policies")}
    problems += [*ties(policies, names.fields), *unsupported(policies, stated)]
    for key, model in (("objectives", Objective), ("contracts", Contract)):
        for _, node, named in entries(sections, key):
            problems += read(model, node, named)[1]
    resolved = Policies(
        policies,
        {name: calendar for name, calendar in names.calendars.items() if calendar},
        names.fields,
        vocabulary.actors(sections.get("actors"), problems),
        vocabulary.publish(entries(sections, "publish"), problems),
        exceptions=_exceptions(sections, names, problems),
        links=links_of.links(entries(sections, "links"), names, problems),
        glossary=vocabulary.glossary(entries(sections, "glossary"), problems),
        files={name: _text(texts[name]) for name in sorted(texts)},
    )
    resolved = msgspec.structs.replace(resolved, version=version(resolved))
    asked = tuple(sorted(set(names.asked), key=lambda one: one.where))
    return Reading(resolved, in_order(problems), sections, asked)


def _text(said: str | bytes) -> str:
    return said if isinstance(said, str) else said.decode("utf-8", "replace")


def in_order(problems: Sequence[Problem]) -> list[Problem]:
    """Each problem once, by file, line and column; what no system is told (SLA201) once in all."""
    ordered = sorted(problems, key=lambda problem: (problem.where, problem.code, problem.what))
    once = {(p.code, p.what) if p.code == "SLA201" else p: p for p in reversed(ordered)}
    return list(reversed(once.values()))


def _names(sections: Sections, holidays: Holidays | None, problems: list[Problem]) -> Names:
    fields = vocabulary.fields(entries(sections, "fields"), problems)
    written = {name: node for name, node, _ in entries(sections, "calendars")}
    calendars, found = calendars_of.read_all(written, holidays)
    problems += found
    ladders: dict[str, Rungs | None] = {}
    names = Names(calendars, ladders, fields, holidays, [])
    found_parties = parties_of.parties(entries(sections, "parties"), names, problems)
    linked = [name for name, _, _ in entries(sections, "links")]
    names = msgspec.structs.replace(names, parties=found_parties, links=linked)
    for name, node, named in entries(sections, "escalations"):
        ladders[name] = _ladder(node, named, names, problems)
    excluded = {
        name: _exclusion(name, node, named, names, problems)
        for name, node, named in entries(sections, "exclusions")
    }
    return msgspec.structs.replace(names, exclusions=excluded)


def _exclusion(
    name: str, node: Node, named: Where, names: Names, problems: list[Problem]
) -> Exclusion | None:
    """An exclusion, checked by itself; None where something is wrong with it."""
    written, found = read(WrittenExclusion, node, named)
    scope = Scope(names, found, node.flawed)
    excluded = None
    if written is not None:
        excluded = exclusions_of.exclusion(scope, name, written, node, named)
    problems += scope.problems
    return excluded if scope.sound else None


def _exceptions(
    sections: Sections, names: Names, problems: list[Problem]
) -> tuple[TicketException, ...]:
    sound = []
    promised = [node.at("targets").keys for _, node, _ in entries(sections, "policies")]
    clocks = {clock for keys in promised for clock in keys}
    for _, node, where in entries(sections, "exceptions"):
        written, found = read(WrittenException, node, where)
        scope = Scope(names, [*found, *not_acted_on(written, node)], node.flawed)
        if written is not None:
            excepted = exclusions_of.exception(scope, written, node, clocks)
            if scope.sound:
                sound.append(excepted)
        problems += scope.problems
    return tuple(sound)


def _ladder(node: Node, named: Where, names: Names, problems: list[Problem]) -> Rungs | None:
    """A ladder, checked by itself; None where something is wrong with it."""
    written, found = read(WrittenRungs, node, named)
    rungs = Rungs(written, node) if written is not None else None
    scope = Scope(names, [*found, *not_acted_on(written, node)], node.flawed)
    if rungs is not None:
        steps_of.rungs(scope, rungs, (calendars_of.always(),))
    problems += scope.problems
    return rungs if scope.sound else None


def _policies(sections: Sections, names: Names, problems: list[Problem]) -> tuple[PolicyTerms, ...]:
    inherited, inherits = _inherited(sections, problems)
    sound = []
    for name, node, named in versions(entries(sections, "policies"), problems):
        written, found = read(Policy, node, named)
        found = [p for p in found if p.code != "SLA102" or not node.flawed]  # perhaps inherited
        scope = Scope(names, [*found, *not_acted_on(written, node)], node.flawed or not inherits)
        if written is not None:
            policy = policies_of.policy(scope, name, written, node, named, inherited)
            if scope.sound:
                sound.append(policy)
        problems += scope.problems
    return in_turn(sound)


def _inherited(sections: Sections, problems: list[Problem]) -> tuple[Inherited, bool]:
    """The defaults, and whether they can be relied on."""
    node = sections.get("defaults")
    if node is None:
        return Inherited(Defaults(), Node(Where(""))), True
    defaults, found = read(Defaults, node, node.where)
    found += not_acted_on(defaults, node)
    problems += found
    wrong = node.flawed or any(problem.severity == "error" for problem in found)
    return Inherited(defaults or Defaults(), node), not wrong
