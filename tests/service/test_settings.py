"""service.yaml as settings: what is right is taken, what is wrong is told, all of it, in place."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from service.setup.settings import ChannelSettings, load, load_text
from sla_engine.plan import Limits
from sla_engine.units import MINUTE, SECOND, parse_iso

BAD = Path(__file__).with_name("bad")
ROOT = Path(__file__).resolve().parents[2]

SOUND = """
connections:
  jira/acme: {system: jira, url: https://acme.atlassian.net, projects: [SUP], mode: write,
              token_expires: 2027-03-01}
  log: {system: event_log, path: data/log.csv, columns: {ticket: number, at: when}}
  snow: {system: servicenow, url: https://acme.service-now.com, mode: observe}
policies: promises
state: kept.db
schedule: {pull: 90s}
limits: {comments_per_run: 5, share_of_tickets: 10%}
channels: {duty: {url_env: SLA_CHANNEL_DUTY}}
quiet: 2m
"""
FILE = Path("/etc/sla/service.yaml")


@pytest.mark.parametrize("path", sorted(BAD.glob("*.yaml")), ids=lambda path: path.name)
def test_every_mistake_is_told_at_its_place(
    path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.chdir(BAD)
    settings, problems = load(Path(path.name), {})
    told = "".join(f"{problem.code} {problem}\n" for problem in problems)
    expected = path.with_suffix(".txt")
    if request.config.getoption("--update-golden"):
        expected.write_text(told, encoding="utf-8")
    assert settings is None
    assert told == expected.read_text(encoding="utf-8")


def test_what_is_said_is_taken() -> None:
    settings, problems = load_text(SOUND, FILE, {})
    assert problems == []
    assert settings is not None
    assert [(c.name, c.system, c.mode) for c in settings.connections] == [
        ("jira/acme", "jira", "write"),
        ("log", "event_log", "observe"),
        ("snow", "servicenow", "observe"),
    ]
    assert [c.expires for c in settings.connections] == [parse_iso("2027-03-01T00:00Z"), None, None]
    assert settings.connections[0].options == {
        "url": "https://acme.atlassian.net",
        "projects": ["SUP"],
    }
    assert settings.connections[1].options["path"] == "/etc/sla/data/log.csv"
    assert (settings.policies, settings.state) == (Path("/etc/sla/promises"), "/etc/sla/kept.db")
    assert (settings.pull, settings.quiet) == (90 * SECOND, 2 * MINUTE)
    assert settings.limits == Limits(comments=5, escalations=20, share=0.1)
    assert settings.channels == {"duty": ChannelSettings("SLA_CHANNEL_DUTY")}


@pytest.mark.parametrize(
    ("said", "overall", "expected"),
    [
        ("", "", ["write", "observe", "observe"]),
        ("write", "", ["write", "write", "observe"]),
        ("", "write", ["write", "write", "observe"]),
        ("write", "observe", ["observe", "observe", "observe"]),
    ],
    ids=["nothing", "the file", "SLA_MODE", "SLA_MODE holds back"],
)
def test_who_decides_on_writing(said: str, overall: str, expected: list[str]) -> None:
    text = SOUND + (f"mode: {said}\n" if said else "")
    settings, _ = load_text(text, FILE, {"SLA_MODE": overall})
    assert settings is not None
    assert [connection.mode for connection in settings.connections] == expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("other.db", "/etc/sla/other.db"),
        ("/var/lib/sla/state.db", "/var/lib/sla/state.db"),
        ("postgresql://db.example/sla", "postgresql://db.example/sla"),
    ],
)
def test_the_environment_says_where_the_state_is(state: str, expected: str) -> None:
    settings, _ = load_text(SOUND, FILE, {"SLA_STATE": state})
    assert settings is not None
    assert settings.state == expected


def test_a_misspelt_mode_in_the_environment_is_no_mode() -> None:
    settings, problems = load_text(SOUND, FILE, {"SLA_MODE": "wright"})
    assert settings is None
    assert [str(problem) for problem in problems] == [
        'SLA_MODE:1:1: "wright" is not known here; write observe or write'
    ]


def test_a_file_that_is_not_there_is_told() -> None:
    settings, problems = load(Path("nowhere.yaml"), {})
    assert settings is None
    assert "nowhere.yaml:1:1: cannot be read: No such file" in str(problems[0])


@pytest.mark.parametrize(
    "path",
    [ROOT / "config/service.yaml", *sorted(ROOT.glob("config/examples/*/*.yaml"))],
    ids=lambda path: path.name,
)
def test_what_we_ship_is_sound(path: Path) -> None:
    settings, problems = load(path, {})
    assert problems == []
    assert settings is not None


def test_no_mutation_of_a_file_raises_anything() -> None:
    chance = random.Random(11)
    for _ in range(400):
        letters = list(SOUND)
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(len(letters))
            letters[at] = chance.choice("{}[]:,-\"'&*!|>%@ \n\t#x0\x00é\ud800")
        settings, problems = load_text("".join(letters), FILE, {})
        assert (settings is None) == bool(problems)
