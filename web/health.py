"""/livez, /readyz, /healthz, /metrics: for machines that watch. No answer names a ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from flask import Blueprint, Response, jsonify, request

from reports.health import connection_text
from sla_engine.units import Millis, parse_duration

if TYPE_CHECKING:
    from service.watch.health import Freshness, Health


class Watched(Protocol):
    """The service as watchers see it."""

    @property
    def alive(self) -> bool:
        """Whether its loop turns."""

    def health(self, limit: Millis | None) -> Health:
        """How its connections stand now, with this limit for the age of data."""

    def metrics(self) -> bytes:
        """In Prometheus' text format."""


def health_pages(watched: Watched) -> Blueprint:
    """The four of them. 200 is well, 503 is not, with reasons; 400 for a `max_age` that is none."""
    pages = Blueprint("health", __name__)

    @pages.get("/livez")
    def livez() -> Response:
        return _answer([] if watched.alive else ["the loop shows no sign of life"])

    @pages.get("/readyz")
    def readyz() -> Response:
        found = watched.health(None)
        reasons = [found.store] if found.store else []
        reasons += ["every connection refuses our credentials"] if found.locked_out else []
        return _answer(reasons)

    @pages.get("/healthz")
    def healthz() -> Response:
        said = request.args.get("max_age")
        limit = _length(said)
        if said is not None and limit is None:
            refusal = jsonify(status="bad request", reasons=["write max_age as 15m or 90s"])
            refusal.status_code = 400
            return refusal
        return _of_health(watched.health(limit))

    @pages.get("/metrics")
    def metrics() -> Response:
        return Response(watched.metrics(), mimetype="text/plain; version=0.0.4")

    return pages


def _of_health(found: Health) -> Response:
    reasons = [found.store] if found.store else []
    stale = [one for one in found.connections if one.level(found.now, found.limit) == "critical"]
    reasons += [connection_text(one, found) for one in stale]
    return _answer(reasons, {one.name: _shown(one, found) for one in found.connections})


def _shown(one: Freshness, found: Health) -> dict[str, object]:
    age = one.age(found.now)
    return {
        "age_seconds": None if age is None else age // 1000,
        "error": one.error_code or None,
        "level": one.level(found.now, found.limit),
    }


def _answer(
    reasons: list[str], connections: dict[str, dict[str, object]] | None = None
) -> Response:
    body: dict[str, object] = {"status": "not well" if reasons else "ok"}
    body |= {"reasons": reasons} if reasons else {}
    body |= {"connections": connections} if connections is not None else {}
    answer = jsonify(body)
    answer.status_code = 503 if reasons else 200
    return answer


def _length(said: str | None) -> Millis | None:
    length = parse_duration(said) if said else None
    if length is None or length.business_days or length.months:
        return None
    return length.millis
