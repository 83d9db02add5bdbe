"""What policies say once every name is looked up: the terms that the engine consumes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sla_engine.conditions import ALWAYS, All, Condition, EventTest, FieldTest, Not, Some, holds
from sla_engine.model import Value
from sla_engine.policy_files import load, load_texts
from sla_engine.terms import Action, ClockTerms, Pause, Policies, Policy, Reopen, Step, Target
from sla_engine.units import DAY, HOUR, MINUTE, Duration, Millis, parse_duration, parse_iso

REPO = Path(__file__).resolve().parents[2]


def loaded(text: str) -> Policies:
    policies, problems = load_texts({"p.yaml": "schema: sla/v1\n" + text})
    assert [str(problem) for problem in problems if problem.severity == "error"] == []
    return policies


def policy(body: str, more: str = "") -> Policy:
    """The policy with these keys (in flow style), beside other sections."""
    base = "" if "match:" in body else "match: {project: SUP}, "
    base += "" if "calendar:" in body else "calendar: 24x7, "
    base += "" if "targets:" in body else "targets: {resolution: 4h}, "
    (only,) = loaded(f"policies: {{p: {{{base}{body}}}}}\n{more}").policies
    return only


def clock(body: str, targets: str = "{resolution: 4h}") -> ClockTerms:
    (only,) = policy(f"targets: {targets}, {body}").clocks
    return only


def limit(text: str) -> Duration:
    length = parse_duration(text)
    assert length is not None
    return length


def picked(terms: ClockTerms, **fields: Value) -> str | None:
    """The target for these fields, in words."""
    target = terms.targets.pick(fields)
    if target is None:
        return None
    return "none" if target.limit is None else f"{target.limit.on(Millis(0)) // MINUTE}m"


@pytest.mark.parametrize(
    ("written", "resolved"),
    [
        ("{project: SUP}", FieldTest("project", ("SUP",))),
        ("{project: [SUP, OPS]}", FieldTest("project", ("SUP", "OPS"))),
        ("{project: 4711}", FieldTest("project", ("4711",))),
        ("{team: {not: [a, b]}}", FieldTest("team", ("a", "b"), negated=True)),
        ("{team: {not: {not: a}}}", FieldTest("team", ("a",))),
        ("{team: {matches: 'net*'}}", FieldTest("team", matches=("net*",))),
        ("{team: {not: {matches: [a*, b*]}}}", FieldTest("team", matches=("a*", "b*"),
                                                         negated=True)),
        ("{team: {set: false}}", FieldTest("team", is_set=False)),
        ("{impact: {gte: 2, lt: 4}}", FieldTest("impact", gte=2, lt=4)),
        ("{team: {not: a, set: true}}", All((FieldTest("team", ("a",), negated=True),
                                             FieldTest("team", is_set=True)))),
        ("{project: SUP, type: Bug}", All((FieldTest("project", ("SUP",)),
                                           FieldTest("type", ("Bug",))))),
        ("{any: [{project: A}, {project: B, team: c}]}",
         Some((FieldTest("project", ("A",)),
               All((FieldTest("project", ("B",)), FieldTest("team", ("c",))))))),
        ("{not: {all: [{project: A}]}}", Not(All((FieldTest("project", ("A",)),)))),
    ],
    ids=str,
)  # fmt: skip
def test_conditions(written: str, resolved: Condition) -> None:
    assert policy(f"match: {written}").match == resolved


@pytest.mark.parametrize(
    ("written", "resolved"),
    [
        ("{comment: public, by: staff}", EventTest("comment", "public", ("staff",))),
        ("{comment: any, by: [staff, ai]}", EventTest("comment", "", ("staff", "ai"))),
        ("{comment: internal}", EventTest("comment", "internal")),
        ("{assigned: true}", EventTest("assigned")),
        ("{assigned: false}", Not(EventTest("assigned"))),
        ("{team: {changed: true}}", EventTest("changed", field="team")),
        ("{comment: public, status: Open}", All((FieldTest("status", ("Open",)),
                                                 EventTest("comment", "public")))),
    ],
    ids=str,
)  # fmt: skip
def test_events(written: str, resolved: Condition) -> None:
    assert clock(f"clocks: {{resolution: {{stop: {written}}}}}").stop == resolved


@pytest.mark.parametrize(
    ("fields", "promised"),
    [
        ({"tier": "gold", "priority": "P1"}, "30m"),
        ({"tier": "gold", "priority": "P2"}, "60m"),
        ({"tier": "gold", "priority": "P9"}, "240m"),
        ({"tier": "gold"}, "240m"),
        ({"tier": "silver", "priority": "P2"}, "240m"),
        ({"tier": "bronze", "priority": "P1"}, "none"),
        ({}, "none"),
    ],
    ids=str,
)
def test_a_matrix_falls_back_level_by_level(fields: dict[str, Value], promised: str) -> None:
    rows = "gold: {P1: {aim: 15m, limit: 30m}, P2: 1h, default: 4h}, silver: {P2: 4h}"
    terms = clock("rank: 1", f"{{resolution: {{by: [tier, priority], {rows}, default: none}}}}")
    assert picked(terms, **fields) == promised


def test_a_map_is_by_priority_and_may_lack_a_default() -> None:
    terms = clock("rank: 1", "{resolution: {P1: 1h, P2: 2h}}")
    assert [picked(terms, priority=p) for p in ("P1", "P2", "P3")] == ["60m", "120m", None]


def test_a_row_of_a_matrix_may_be_a_single_cell() -> None:
    terms = clock("rank: 1", "{resolution: {by: [tier, priority], gold: 1h}}")
    assert picked(terms, tier="gold", priority="P4") == "60m"


def test_targets_know_their_aim_and_their_place() -> None:
    (target,) = clock("rank: 1", "{resolution: {aim: 1h, limit: 2h}}").targets.leaves()
    assert target == Target(limit("2h"), limit("1h"), target.where)
    assert target.where is not None
    assert (target.where.file, target.where.line) == ("p.yaml", 2)


@pytest.mark.parametrize(
    ("written", "resolved"),
    [
        ("resume", Reopen("resume", None, "resume")),
        ("new", Reopen("new", None, "new")),
        ("ignore", Reopen("ignore", None, "ignore")),
        ("count", Reopen("count", None, "count")),
        ("{within: 7d}", Reopen("resume", limit("7d"), "new")),
        ("{within: 48h, then: new, else: ignore}", Reopen("new", limit("48h"), "ignore")),
        ("{then: count}", Reopen("count", None, "count")),
    ],
)
def test_reopen_in_all_its_forms(written: str, resolved: Reopen) -> None:
    assert clock(f"reopen: {written}").reopen == resolved


def test_without_a_word_a_reopening_resumes_for_seven_days() -> None:
    assert clock("rank: 1").reopen == Reopen("resume", limit("7d"), "new")


def test_only_pausable_clocks_stand_still_with_the_policy() -> None:
    targets = "{acknowledge: 1h, first_response: 1h, next_response: 1h, update: 1h, resolution: 4h}"
    paused = policy(f"targets: {targets}, pause: {{status: Waiting}}")
    expected = Pause(FieldTest("status", ("Waiting",)))
    assert {c.name: c.pause for c in paused.clocks} == {
        "acknowledge": None,
        "first_response": None,
        "next_response": None,
        "update": expected,
        "resolution": expected,
    }


@pytest.mark.parametrize(
    ("entry", "status"),
    [
        ("resolution: {pausable: false}", None),
        ("resolution: {pausable: true}", "Waiting"),
        ("resolution: {pause: {status: Frozen}}", "Frozen"),
        ("resolution: {pause: {while: {status: Frozen}, max: 10bd}}", "Frozen"),
    ],
)
def test_a_clock_may_pause_in_its_own_way(entry: str, status: str | None) -> None:
    pause = clock(f"pause: {{status: Waiting}}, clocks: {{{entry}}}").pause
    assert (pause and pause.when) == (status and FieldTest("status", (status,)))


def test_a_pause_in_full() -> None:
    pause = clock("pause: {while: {status: W}, until: requester_replies, max: 10bd}").pause
    replies = EventTest("comment", "public", ("customer",))
    assert pause == Pause(FieldTest("status", ("W",)), replies, Duration(business_days=10))


def test_a_clock_of_ones_own() -> None:
    terms = clock(
        "clocks: {triage: {start: {status: New}, stop: {team: {set: true}}, cancel: {status: X},"
        " reset: {team: {changed: true}}, cycles: sum, calendar: mon-fri 09:00-17:00 UTC}}",
        "{triage: 1h}",
    )
    assert (terms.name, terms.preset, terms.cycles) == ("triage", "", "sum")
    assert terms.start == FieldTest("status", ("New",))
    assert terms.stop == FieldTest("team", is_set=True)
    assert terms.cancel == FieldTest("status", ("X",))
    assert terms.reset == EventTest("changed", field="team")
    assert terms.calendar.default is not None
    assert not terms.calendar.default.always_open


def test_a_preset_may_go_by_another_name() -> None:
    terms = clock("clocks: {fix: {preset: resolution, start: {status: Open}}}", "{fix: 1h}")
    assert (terms.name, terms.preset) == ("fix", "resolution")
    assert terms.stop == FieldTest("status_category", ("done",))


def test_started_at_creation_says_whoever_created_it() -> None:
    assert clock("rank: 1", "{first_response: 1h}").customer_starts
    entry = "clocks: {first_response: {start: created}}"
    assert not clock(entry, "{first_response: 1h}").customer_starts


def steps(body: str, more: str = "") -> dict[str, Step]:
    found = policy(body, more).steps
    assert len({step.name for step in found}) == len(found), "a deed is known by its step's name"
    return {step.name: step for step in found}


@pytest.mark.parametrize(
    ("at", "name", "percent", "offset", "of_aim"),
    [
        ("75%", "75%", 75, 0, False),
        ("150%", "150%", 150, 0, False),
        ("breach", "breach", 100, 0, False),
        ("breach+2h", "breach + 2h", 100, 2 * HOUR, False),
        ("30m left", "30m left", 100, -30 * MINUTE, False),
        ("1bd left", "1bd left", 100, -DAY, False),
        ("aim", "aim", 100, 0, True),
    ],
)
def test_steps(at: str, name: str, percent: float, offset: int, of_aim: bool) -> None:
    (step,) = steps(f"escalate: [{{at: {at}, do: [{{notify: owner}}]}}]").values()
    assert (step.name, step.percent, step.offset, step.of_aim) == (name, percent, offset, of_aim)
    assert step.when == ALWAYS
    assert (step.repeat, step.times) == (None, 1)


def test_warnings_comment_and_tell_the_assignee() -> None:
    found = steps("warn: [50%, 30m left]")
    assert list(found) == ["50%", "30m left"]
    assert {step.do for step in found.values()} == {
        (Action("comment", ""), Action("notify", ("assignee",)))
    }


def test_actions_keep_what_is_written() -> None:
    (step,) = steps(
        "escalate: [{at: breach, repeat: 4h, max: 3, unless: {labels: muted}, if: {priority: P1},"
        " do: [{notify: [team_lead, 'slack:#x']}, {set: {labels: +late, impact: High}},"
        " {assign: tier2}, {transition: Escalated}, {comment: '{clock} due {due}'}]}]"
    ).values()
    assert step.do == (
        Action("notify", ("team_lead", "slack:#x")),
        Action("set", (("labels", "+late"), ("impact", "High"))),
        Action("assign", "tier2"),
        Action("transition", "Escalated"),
        Action("comment", "{clock} due {due}"),
    )
    assert (step.repeat, step.times) == (4 * HOUR, 3)
    assert step.unless == FieldTest("labels", ("muted",))
    assert step.when == FieldTest("priority", ("P1",))


LADDER = "escalations: {duty: [{at: 75%, do: [{comment: ours}]}, {at: breach, do: [{assign: x}]}]}"


def test_a_warning_joins_the_rung_at_its_point() -> None:
    found = steps("warn: [50%, 75%], escalate: duty", LADDER)
    assert list(found) == ["50%", "75%", "breach"]
    assert found["75%"].do == (Action("comment", "ours"), Action("notify", ("assignee",)))


def test_steps_at_one_point_under_conditions_keep_apart() -> None:
    rungs = "[{at: 75%, if: {priority: P1}, do: [{assign: a}]}, {at: 75%, do: [{assign: b}]}]"
    assert list(steps(f"escalate: {rungs}")) == ["75%", "75% #2"]
    assert list(steps(f"warn: 75%, escalate: {rungs}")) == ["75%", "75% #2"]
    only = "[{at: 75%, unless: {priority: P1}, do: [{assign: a}]}]"
    assert list(steps(f"warn: 75%, escalate: {only}")) == ["75%", "75% #2"]


@pytest.mark.parametrize(
    ("one", "other", "name"),
    [
        ("1h 30m left", "1h30m  left", "1h30m left"),
        ("breach + 1h 30m", "breach +1h30m", "breach + 1h30m"),
        ("75 %", "75%", "75%"),
    ],
)
def test_steps_that_differ_in_blanks_alone_are_one_point(one: str, other: str, name: str) -> None:
    """Else their deeds would share a key, and only the first would be done."""
    rungs = f'[{{at: "{one}", do: [{{assign: a}}]}}, {{at: "{other}", do: [{{assign: b}}]}}]'
    assert list(steps(f"escalate: {rungs}")) == [name, f"{name} #2"]
    joining = f'[{{at: "{other}", do: [{{assign: b}}]}}]'
    assert list(steps(f'warn: "{one}", escalate: {joining}')) == [name]


@pytest.mark.parametrize(
    ("calendar", "instant"),
    [
        ("24x7", "2026-10-01T00:00:00Z"),
        ("mon-fri 09:00-17:00 Europe/Berlin", "2026-09-30T22:00:00Z"),
        ("{by: priority, P1: 24x7, default: mon-fri 09:00-17:00 Asia/Tokyo}",
         "2026-09-30T15:00:00Z"),
    ],
)  # fmt: skip
def test_a_policy_begins_at_its_own_midnight(calendar: str, instant: str) -> None:
    entry = policy(f"effective: 2026-10-01, calendar: {calendar}")
    assert entry.effective == parse_iso(instant)


def test_policies_inherit_what_they_do_not_say() -> None:
    policies = loaded(
        "defaults: {calendar: mon-fri 09:00-17:00 UTC, owner: mona, settle: 5m, reopen: ignore,\n"
        "  pause: {status: W}, on_target_change: latest, warn: 75%, escalate: duty}\n"
        "policies:\n"
        "  heir: {match: {project: A}, targets: {resolution: 1bd}}\n"
        "  own: {match: {project: B}, targets: {resolution: 4h}, owner: hugo, settle: 1m,\n"
        "    calendar: 24x7, reopen: new, on_target_change: carry, warn: 50%}\n" + LADDER
    ).policies
    heir, own = policies
    assert (heir.owner, own.owner) == ("mona", "hugo")
    assert (heir.settle, own.settle) == (5 * MINUTE, MINUTE)
    assert (heir.on_target_change, own.on_target_change) == ("latest", "carry")
    assert (heir.clocks[0].reopen.then, own.clocks[0].reopen.then) == ("ignore", "new")
    assert [step.name for step in heir.steps] == ["75%", "breach"]
    assert [step.name for step in own.steps] == ["50%", "75%", "breach"]


def test_the_whole_of_an_example() -> None:
    (entry,) = load(REPO / "config" / "examples" / "02-tiers" / "policies")[0].policies
    assert (entry.owner, entry.rank, entry.settle) == ("maria@acme.example", 100, 5 * MINUTE)
    assert entry.effective == parse_iso("2026-09-30T22:00:00Z")
    gold = {"project": "SUP", "type": "Incident", "tier": "gold"}
    assert holds(entry.match, gold)
    assert not holds(entry.match, gold | {"tier": "internal"})
    assert [c.name for c in entry.clocks] == ["first_response", "next_response", "resolution"]
    calendar = entry.clocks[0].calendar
    used = [calendar.pick({"priority": p}) for p in ("P1", "P2")]
    assert [c and (c.name, c.day) for c in used] == [("24x7", DAY), ("berlin", 9 * HOUR)]
    assert [step.name for step in entry.steps] == [
        "50%", "30m left", "75%", "breach", "breach + 2h"
    ]  # fmt: skip
    assert entry.steps[-1].times == 3


def test_fields_join_the_usual_ones() -> None:
    fields = loaded(
        "fields:\n  priority: {jira: Severity, values: {S1: [Major]}}\n"
        "  tier: {jira: Tier, history: none}\n"
    ).fields
    assert fields["priority"].sources == {"jira": "Severity", "servicenow": "priority"}
    assert fields["priority"].values == {"S1": ("Major",)}
    assert (fields["tier"].history, fields["team"].history) == (False, True)


def test_actors() -> None:
    actors = loaded(
        "actors: {staff: {group: agents, names: [ada]}, bots: [a, b], ai: helper, "
        "vendor: {domain: carrier.example, group: [v]}}\n"
    ).actors
    assert (actors.staff_groups, actors.staff, actors.bots) == (("agents",), ("ada",), ("a", "b"))
    assert (actors.ai, actors.vendor_domains, actors.vendor_groups) == (
        ("helper",),
        ("carrier.example",),
        ("v",),
    )
    assert loaded("actors: {staff: [ada], vendor: x}\n").actors.vendor == ("x",)


def test_publish_replaces_the_fields_of_the_systems_it_names() -> None:
    shown = loaded(
        "publish: {jira: {fields: {customfield_1: due}}, servicenow: {comments: none}}\n"
    ).publish
    assert shown["jira"].fields == {"customfield_1": "due"}
    assert shown["jira"].comments
    assert shown["servicenow"].fields["u_sla_due"] == "due"
    assert not shown["servicenow"].comments
    assert shown["event_log"].fields == {}


def ties(*matches: str) -> list[str]:
    body = "".join(
        f"  p{number}: {{match: {match}, calendar: 24x7, targets: {{resolution: 4h}}}}\n"
        for number, match in enumerate(matches)
    )
    _, problems = load_texts({"p.yaml": f"schema: sla/v1\npolicies:\n{body}"})
    return [problem.what for problem in problems if problem.code == "SLA126"]


@pytest.mark.parametrize(
    ("one", "other", "witness"),
    [
        ("{project: A}", "{project: B}", ""),
        ("{project: A}", "{project: {not: A}}", ""),
        ("{project: [A, B]}", "{project: [B, C]}", "project: B"),
        ("{project: A}", "{type: Bug}", "project: A, type: Bug"),
        ("{project: A}", "{system: servicenow}", ""),
        ("{project: A}", "{system: servicenow, table: incident}", ""),
        ("{project: A}", "{table: incident}", ""),
        ("{project: A, priority: {not: P1}}", "{project: A, priority: [P1, P2]}",
         "project: A, priority: P2"),
        ("{impact: {gte: 3}}", "{impact: {lt: 3}}", ""),
        ("{impact: {gte: 3}}", "{impact: {lte: 3}}", "impact: 3"),
        ("{team: {set: true}}", "{team: {set: false}}", ""),
        ("{any: [{project: A}, {project: B}]}", "{not: {project: A}}", "project: B"),
        ("{labels: a}", "{labels: b}", "labels: [a, b]"),
    ],
)  # fmt: skip
def test_policies_of_one_rank_must_match_apart(one: str, other: str, witness: str) -> None:
    assert [text.partition("{")[2].partition("}")[0] for text in ties(one, other)] == (
        [witness] if witness else []
    )


def test_ties_keep_both_policies() -> None:
    text = "schema: sla/v1\npolicies:\n" + "".join(
        f"  {n}: {{match: {{project: A}}, calendar: 24x7, targets: {{resolution: 4h}}}}\n"
        for n in "ab"
    )
    policies, problems = load_texts({"p.yaml": text})
    assert [problem.code for problem in problems] == ["SLA126"]
    assert len(policies.policies) == 2


def test_calendars_may_build_on_others_in_any_order() -> None:
    calendars = loaded(
        "calendars:\n  a: {extends: b, special: {2026-12-31: closed}}\n"
        "  b: {extends: c}\n  c: {tz: Europe/Berlin, hours: mon-fri 09:00-17:00}\n"
        "  u: {union: [a, 24x7], day: 24h}\n"
    ).calendars
    assert {"24x7", "a", "b", "c", "u"} == set(calendars)
    assert calendars["b"] == calendars["c"]


@pytest.mark.parametrize(
    ("targets", "code"),
    [
        ("{resolution: {aim: 4h, limit: 4h}}", None),
        ("{resolution: {aim: 241m, limit: 4h}}", "SLA121"),
        ("{resolution: {aim: 1bd, limit: 8h}}", None),
        ("{resolution: {aim: 1bd, limit: 7h}}", "SLA121"),
        ("{first_response: 4h, resolution: 4h}", None),
        ("{first_response: 241m, resolution: 4h}", "SLA122"),
        ("{first_response: 1bd, resolution: 7h}", "SLA122"),
        ("{first_response: {P1: 1h, default: 4h}, resolution: {P1: 2h, default: none}}", None),
        ("{first_response: {P1: 1h, default: 4h}, resolution: {P1: 30m, P2: 5h}}", "SLA122"),
        ("{first_response: 24h, resolution: 9bd}", None),
        ("{resolution: 1d}", "SLA123"),
        ("{resolution: 24h}", None),
    ],
)
def test_lengths_that_contradict_each_other(targets: str, code: str | None) -> None:
    entry = f"match: {{project: A}}, calendar: mon-fri 09:00-17:00 UTC, targets: {targets}"
    _, problems = load_texts({"p.yaml": f"schema: sla/v1\npolicies: {{p: {{{entry}}}}}\n"})
    assert [problem.code for problem in problems] == ([code] if code else [])


REVIEWED = """\
policies:
  p:
    match: {project: A}
    calendar: mon-fri 09:00-17:00 Europe/Berlin
    targets: {resolution: none, mine: none}
    clocks: {mine: {stop: {status: Done}%s}}
    %s
"""


def test_a_review_has_its_day_where_the_calendar_hangs() -> None:
    review = "review: {every: 6mo, next: 2027-03-01, by: [a, b], plan: 'https://x.example'}"
    (policy,) = loaded(REVIEWED % ("", review)).policies
    assert policy.review is not None
    assert policy.review.next == date(2027, 3, 1)
    assert policy.review.zone == "Europe/Berlin"
    assert policy.review.every == parse_duration("6mo")
    assert policy.review.by == ("a", "b")
    assert policy.review.plan == "https://x.example"


def test_what_is_for_people_alone_makes_no_new_version() -> None:
    plain = loaded(REVIEWED % ("", ""))
    told = loaded(REVIEWED % (", describe: what it is", "review: {next: 2027-03-01}"))
    assert told.policies[0].clocks[1].meaning == "what it is"
    assert told.version == plain.version


def test_what_makes_tickets_one_case_makes_a_version() -> None:
    link = (
        "links: {d: {parent: {project: A}, child: {project: B, where: {number: '{parent.%s}'}}}}\n"
    )
    none, one, other = (loaded(REVIEWED % ("", "") + more)
                        for more in ("", link % "number", link % "key"))  # fmt: skip
    assert len({none.version, one.version, other.version}) == 3
