"""How the service stands: old data are critical, a failed try is a warning, silence is loud."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.health import health_line
from service.setup.settings import Settings, load_text
from service.state.standing import Standing, pulled, stand
from service.state.store import open_store
from service.watch.health import Freshness, Health, health, usual_limit
from service.watch.pulse import HUNG, LATE, Pulse
from sla_engine.units import MINUTE, SECOND, Instant, Millis

NOW = Instant(1_794_846_600_000)
LIMIT = Millis(10 * MINUTE)


def fresh(age: int | None, code: str = "", name: str = "jira/acme") -> Freshness:
    return Freshness(name, None if age is None else Instant(NOW - age), code)


@pytest.mark.parametrize(
    ("one", "level"),
    [
        (fresh(0), "ok"),
        (fresh(LIMIT), "ok"),
        (fresh(LIMIT + 1), "critical"),
        (fresh(None), "critical"),
        (fresh(SECOND, "SLA503"), "warning"),
        (fresh(LIMIT + 1, "SLA503"), "critical"),
        (fresh(-SECOND), "ok"),
    ],
)
def test_the_level_of_a_connection(one: Freshness, level: str) -> None:
    assert one.level(NOW, LIMIT) == level
    assert Health(NOW, LIMIT, (fresh(0), one)).level == level


def test_all_connections_must_refuse_us_to_be_locked_out() -> None:
    refused, fine = fresh(0, "SLA401"), fresh(0)
    assert Health(NOW, LIMIT, (refused, refused)).locked_out
    assert not Health(NOW, LIMIT, (refused, fine)).locked_out
    assert not Health(NOW, LIMIT, ()).locked_out


def test_the_line_has_words_and_figures() -> None:
    late = fresh(14 * MINUTE, "SLA503", "snow/acme")
    assert health_line(Health(NOW, LIMIT, (fresh(41 * SECOND), late, fresh(None, "", "new")))) == (
        "SLA CRITICAL - jira/acme 41 s old, snow/acme 14 min old, at most 10 min (SLA503), "
        "new never read | 'jira/acme'=41s;;600 'snow/acme'=840s;;600"
    )
    assert health_line(Health(NOW, LIMIT, store="the disk is full")) == (
        "SLA CRITICAL - the disk is full"
    )


def settings_in(folder: Path, pull: str = "60s") -> Settings:
    text = f"""
connections: {{log: {{system: event_log, path: x.csv, columns: {{ticket: a, at: b}}}}}}
schedule: {{pull: {pull}}}
"""
    settings, problems = load_text(text, folder / "service.yaml", {})
    assert settings is not None, problems
    return settings


def test_it_reads_what_the_passes_left_and_says_why_it_cannot(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    assert "nothing is kept yet" in health(settings, NOW).store
    with open_store(settings.state, writer=True) as store:
        with store.write() as db:
            stand(db, Standing("log", "event_log"))
            pulled(db, "log", Instant(NOW - 5 * MINUTE))
        found = health(settings, NOW)  # beside a process that writes
    assert (found.level, found.store) == ("ok", "")
    assert health(settings, NOW, Millis(MINUTE)).level == "critical"


def test_a_slow_rhythm_lets_data_be_older(tmp_path: Path) -> None:
    assert usual_limit(settings_in(tmp_path)) == 10 * MINUTE
    assert usual_limit(settings_in(tmp_path, "30m")) == 90 * MINUTE


def test_a_loop_that_shows_no_sign_of_life_is_dead_and_a_resting_one_is_not() -> None:
    at = [0.0]
    pulse = Pulse(lambda: at[0])
    assert pulse.alive
    pulse.rest(3600)
    at[0] = 3600 + LATE
    assert pulse.alive
    at[0] += 1
    assert not pulse.alive
    pulse.touch()
    at[0] += HUNG
    assert pulse.alive
    at[0] += 1
    assert not pulse.alive
