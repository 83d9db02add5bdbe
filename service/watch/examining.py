"""sla doctor: what each system lets us do, and how this machine's own things stand. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import msgspec

from connectors.base import Allowance, Connector, ConnectorError, Finding, Mark
from service.delivery.skew import skew_finding, skew_of
from service.state.bugs import as_error
from sla_engine.units import DAY, Instant, Millis, to_datetime
from sla_engine.words import duration

if TYPE_CHECKING:
    from connectors.base import Use
    from service.setup.sources import Source
    from sla_engine.terms import Policies

SOON, VERY_SOON = Millis(30 * DAY), Millis(7 * DAY)
"""Credentials that end within the first are worth a word, within the second a problem."""
NEAR = 5
"""Less than one part in so many is left of what a system grants: worth a word."""
SLOW = 5.0
"""Seconds for one cheap call that are worth a word."""

_USES: dict[str, Use] = {
    "assign": "assign",
    "transition": "transition",
    "set": "edit",
    "comment": "comment",
    "notify": "comment",
}
"""Action of a ladder -> what it does to a ticket; a message may stand in the step's comment."""


class Examined(msgspec.Struct, frozen=True):
    """One system, or this machine: what was found, in order."""

    name: str
    about: str
    findings: tuple[Finding, ...]


def uses_of(policies: Policies, system: str) -> frozenset[Use]:
    """What these policies would do to tickets of a system."""
    steps = (step for policy in policies.policies for step in policy.steps)
    done: set[Use] = {
        _USES[action.name] for step in steps for action in step.do if action.name in _USES
    }
    published = policies.publish.get(system)
    return frozenset(done | ({"edit"} if published and published.fields else set()))


def examine(
    source: Source,
    about: str,
    policies: Policies,
    clock: Callable[[], Instant],
    passing: Callable[[], float],
    expires: Instant | None = None,
) -> Examined:
    """Talk to one system. What goes wrong is a finding like any other."""
    found = [] if expires is None else [expiry_finding(expires, clock())]
    try:
        connector = source.connect()
        found += _reached(connector, clock, passing)
        found += connector.examine(uses_of(policies, source.system))
        if allowance := connector.allowance():
            found.append(allowance_finding(allowance, source.name))
    except Exception as anything:  # one connection never stops the others
        found.append(_failed(as_error(anything)))
    if source.mode == "observe":
        found = [_later(finding) for finding in found]
    return Examined(source.name, about, tuple(found))


def _reached(
    connector: Connector, clock: Callable[[], Instant], passing: Callable[[], float]
) -> Iterator[Finding]:
    began = passing()
    connector.check()
    took = passing() - began
    said = f"{took * 1000:.0f} ms"
    if took > SLOW:
        yield Finding("warning", "answers", f"after {said}", "look at the network in between")
    else:
        yield Finding("ok", "answers", f"after {said}, our credentials are good")
    skew = skew_of(connector, clock())
    if skew is not None:
        yield skew_finding(skew)


def allowance_finding(allowance: Allowance, name: str) -> Finding:
    """What a system still grants; a warning from where Jira itself calls its limit near."""
    left, of = allowance.left, allowance.of
    said = f"{left:,} left" if left is not None else "how much is left is not told"
    if of is not None:
        said = f"{left:,} of {of:,} left" if left is not None else f"{of:,} granted, {said}"
    if allowance.whole_in:
        said += f", whole again in {duration(allowance.whole_in)}"
    if left is None or of is None or left * NEAR >= of:
        return Finding("ok", "rate limit", said)
    mend = f"lower connections.{name}.rate, raise schedule.pull, or have our account exempted"
    return Finding("warning", "rate limit", said, mend)


def expiry_finding(expires: Instant, now: Instant) -> Finding:
    """How long credentials last that are said to end then."""
    day = f"{to_datetime(expires):%Y-%m-%d}"
    left = (expires - now) // DAY
    said = f"they end on {day}, in {left} days" if left >= 0 else f"they ended on {day}"
    mend = "make new ones, and change token_expires: see docs/runbooks/token-rotation.md"
    if expires - now > SOON:
        return Finding("ok", "credentials", said)
    mark: Mark = "problem" if expires - now <= VERY_SOON else "warning"
    return Finding(mark, "credentials", said, mend)


def _failed(error: ConnectorError) -> Finding:
    facts = dict(error.facts)
    told = [words for label, words in error.facts if label in ("", "token", "likely") and words]
    said = "; ".join(" ".join(words.split()) for words in told)
    what = f"{error.code} {error.what}"
    return Finding("problem", "answers", f"{what}: {said}" if said else what, facts.get("fix", ""))


def _later(finding: Finding) -> Finding:
    """In mode observe what only writing needs is no problem yet."""
    if not finding.writing or finding.mark != "problem":
        return finding
    said = f"{finding.said}; mode write will need it"
    return msgspec.structs.replace(finding, mark="warning", said=said)
