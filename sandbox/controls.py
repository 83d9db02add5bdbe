"""The paths under `/_sandbox` by which a person or a test turns the sandbox itself."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.clock import SandboxClock, moment_of, parse_moment
from sandbox.faults import Faults
from sandbox.limits import Limit, Limits
from sandbox.request_log import RequestLog

PREFIX = "/_sandbox"
Dials = MutableMapping[str, Any]
"""Any: each dialect knows the dials it has and the type of each."""


def controls(
    clock: SandboxClock, faults: Faults, log: RequestLog, limits: Limits, dials: Dials
) -> Blueprint:
    """clock, faults, limits, requests, dials: read by GET, set by POST; a mistake is a 400."""
    pages = Blueprint("sandbox", __name__, url_prefix=PREFIX)
    _clock(pages, clock)
    _faults(pages, faults)
    _limits(pages, limits)
    _requests(pages, log)
    _dials(pages, dials)
    for mistake in (ValueError, TypeError):
        pages.register_error_handler(mistake, lambda error: (jsonify(error=str(error)), 400))
    return pages


def _clock(pages: Blueprint, clock: SandboxClock) -> None:
    @pages.get("/clock")
    def read_clock() -> Response:
        now = clock.now()
        return jsonify(now=moment_of(now).isoformat(), ms=now, speed=clock.speed)

    @pages.post("/clock")
    def set_clock() -> Response:
        said = request.get_json()
        if "now" in said:
            clock.set(parse_moment(said["now"]) if isinstance(said["now"], str) else said["now"])
        if "speed" in said:
            clock.run_at(float(said["speed"]))
        clock.advance(int(said.get("advance", 0)))
        return read_clock()


def _faults(pages: Blueprint, faults: Faults) -> None:
    @pages.get("/faults")
    def list_faults() -> Response:
        return jsonify(faults=[vars(fault) for fault in faults.pending()])

    @pages.post("/faults")
    def add_fault() -> Response:
        faults.say(request.get_json())
        return list_faults()

    @pages.post("/faults/reset")
    def reset_faults() -> Response:
        faults.reset()
        return list_faults()


def _limits(pages: Blueprint, limits: Limits) -> None:
    @pages.route("/limits", methods=["GET", "POST"])
    def set_limits() -> Response:
        if request.method == "POST":
            limits.said = tuple(Limit.read(**one) for one in request.get_json()["limits"])
        return jsonify(limits=[one._asdict() for one in limits.said])


def _requests(pages: Blueprint, log: RequestLog) -> None:
    @pages.get("/requests")
    def list_requests() -> Response:
        asked = [entry._asdict() for entry in log.all()]
        return jsonify(total=len(asked), counts=log.counts(), requests=asked)

    @pages.post("/requests/reset")
    def reset_requests() -> Response:
        log.reset()
        return list_requests()


def _dials(pages: Blueprint, dials: Dials) -> None:
    @pages.route("/dials", methods=["GET", "POST"])
    def turn_dials() -> Response:
        said = request.get_json() if request.method == "POST" else {}
        if unknown := sorted(set(said) - set(dials)):
            raise ValueError(f"no dial {', '.join(unknown)}; there are {', '.join(dials)}")
        dials.update(said)
        return jsonify(dict(dials))
