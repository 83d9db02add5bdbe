"""The fault dial: what goes wrong, by seeded chance (`--chaos`) or exactly as a test asked.

A scripted fault is a mapping: `kind`, and which requests it hits (`method`, `path` as a regular
expression searched in the path, `after` so many matches, `times`; 0 = for ever). Kinds:

- before the request is carried out: `status` (with `status`, `body`, `headers`), `retry-after`
  (429, or `status`), `drop`, `hang` (`seconds`, then drop), `slow` (`seconds`, then go on), `html`
  (a login page with 200), `redirect` (302 to a login), `body` (`status` and `body` as they are)
- after it was carried out: `apply-then-drop`, `apply-then-status`, `truncate` (half of the answer),
  `drip` (the answer in small pieces over `seconds`)
"""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

BEFORE = ("status", "retry-after", "drop", "hang", "slow", "html", "redirect", "body")
AFTER = ("apply-then-drop", "apply-then-status", "truncate", "drip")
REASONS = (
    "jira-burst-based",
    "jira-quota-tenant-based",
    "jira-per-issue-on-write",
    "jira-quota-global-based",
)
_CHANCES = {"drop-after": "apply-then-drop", "html-login": "html", "truncate": "truncate"}


@dataclass
class Fault:
    kind: str
    method: str = "*"
    path: str = ""
    status: int = 503
    times: int = 1
    after: int = 0
    seconds: float = 1.0
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in BEFORE + AFTER:
            raise ValueError(f"unknown kind {self.kind!r}; one of {', '.join(BEFORE + AFTER)}")
        if self.kind == "retry-after":
            self.status = 429 if self.status == 503 else self.status
            self.headers = {"Retry-After": "1", "RateLimit-Reason": REASONS[0]} | self.headers

    def hits(self, method: str, path: str) -> bool:
        return self.method in ("*", method) and re.search(self.path, path) is not None


@dataclass(frozen=True)
class Chaos:
    """What `--chaos` says, read: chances per request, an added delay, when tokens run out."""

    chances: tuple[tuple[float, str, int], ...] = ()  # (probability, kind, status)
    slow: float = 0.0
    expire_after: int = 0

    @classmethod
    def parse(cls, text: str) -> Chaos:
        """Read `429=0.05,503=0.02,slow=200ms,drop-after=0.01,expire-token=after:50`."""
        chances: list[tuple[float, str, int]] = []
        slow, expire = 0.0, 0
        for part in filter(None, (part.strip() for part in text.split(","))):
            name, _, value = part.partition("=")
            if name == "slow":
                slow = _seconds(value)
            elif name == "expire-token":
                expire = int(value.removeprefix("after:"))
            else:
                chances.append((_chance(part, value), *_kind(part, name)))
        return cls(tuple(chances), slow, expire)


class Faults:
    """Decides for each request what goes wrong with it. Scripted faults come before chance."""

    def __init__(self, chaos: str = "", seed: int = 42) -> None:
        self._lock = threading.Lock()
        self._random = random.Random(seed)
        self._scripted: list[Fault] = []
        self._signed = 0
        self.chaos = Chaos.parse(chaos)

    def add(self, **said: object) -> Fault:
        """Script one fault (see the module); ValueError or TypeError where it is not one."""
        fault = Fault(**said)  # type: ignore[arg-type]  # a mapping from JSON; dataclass checks keys
        with self._lock:
            self._scripted.append(fault)
        return fault

    def say(self, said: Mapping[str, object]) -> None:
        """What POST /_sandbox/faults carries: `{"chaos": text}` or one scripted fault."""
        if "chaos" in said:
            self.chaos = Chaos.parse(str(said["chaos"]))
            self.renew_token()
        else:
            self.add(**said)

    def reset(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._scripted.clear()
            self._signed = 0
        self.chaos = Chaos()

    def pending(self) -> list[Fault]:
        with self._lock:
            return list(self._scripted)

    def next(self, method: str, path: str) -> Fault | None:
        """What shall go wrong with this request; uses up what it returns."""
        with self._lock:
            return self._scripted_for(method, path) or self._by_chance()

    def token_expired(self) -> bool:
        """Count one signed request; True once `expire-token=after:N` is used up."""
        with self._lock:
            self._signed += 1
            return 0 < self.chaos.expire_after < self._signed

    def renew_token(self) -> None:
        """A new token was fetched: it lasts as long as the first."""
        with self._lock:
            self._signed = 0

    def _scripted_for(self, method: str, path: str) -> Fault | None:
        for fault in self._scripted:
            if not fault.hits(method, path):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            if fault.times == 1:
                self._scripted.remove(fault)
            elif fault.times > 1:
                fault.times -= 1
            return fault
        return None

    def _by_chance(self) -> Fault | None:
        draw = self._random.random()
        for chance, kind, status in self.chaos.chances:
            if draw < chance:
                reason = self._random.choice(REASONS)
                headers = {"RateLimit-Reason": reason} if kind == "retry-after" else {}
                return Fault(kind, status=status, headers=headers)
            draw -= chance
        return None


def _kind(part: str, name: str) -> tuple[str, int]:
    if name.isdigit():
        return ("retry-after" if name == "429" else "status"), int(name)
    if name in _CHANCES:
        return _CHANCES[name], 200
    if name in BEFORE + AFTER:
        return name, 503
    raise ValueError(f"chaos: {part!r} is no fault")


def _chance(part: str, value: str) -> float:
    chance = float(value or "nan")
    if not 0 <= chance <= 1:
        raise ValueError(f"chaos: {part!r} needs a probability from 0 to 1")
    return chance


def _seconds(value: str) -> float:
    return float(value[:-2]) / 1000 if value.endswith("ms") else float(value.removesuffix("s"))
