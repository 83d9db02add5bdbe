"""Pages of policies: they say what is in force, to people who never saw the YAML."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.condition_words import condition_words
from reports.promise_html import html
from reports.promise_page import plain
from reports.promise_pages import pages
from reports.promise_steps import rule_words
from reports.promise_table import fields_of, rows
from reports.promise_words import length_words
from sla_engine.policy_files import load_texts
from sla_engine.policy_tests import examples
from sla_engine.terms import Choice, Policies
from sla_engine.units import Instant, parse_duration, parse_iso

ROOT = Path(__file__).resolve().parents[2]
MSP = ROOT / "config" / "templates" / "msp" / "policies"
NOW = parse_iso("2026-11-21T10:00:00Z") or Instant(0)

Golden = Callable[[str, str], None]


def loaded(text: str) -> Policies:
    policies, problems = load_texts({"p.yaml": "schema: sla/v1\n" + text})
    assert [str(one) for one in problems if one.severity == "error"] == []
    return policies


def one_page(text: str) -> str:
    return pages(loaded(text), (), NOW, only=("p",))[0].text


@pytest.fixture(scope="module")
def msp() -> Policies:
    texts = {path.name: path.read_bytes() for path in sorted(MSP.glob("*.yaml"))}
    tests = texts.pop("msp.test.yaml")
    assert tests
    policies, problems = load_texts(texts)
    assert not [one for one in problems if one.severity == "error"]
    return policies


def test_the_pages_read_as_agreed(msp: Policies, golden: Golden) -> None:
    told, whole = examples(["msp.test.yaml"], lambda name: (MSP / name).read_bytes())
    assert whole
    made = pages(msp, told, NOW)
    text = "\n---\n\n".join(page.text for page in made).replace(msp.version, "VERSION")
    golden("reports/promises.md", text)


def test_every_link_leads_to_a_page_and_a_heading(msp: Policies) -> None:
    made = {page.name: page for page in pages(msp, (), NOW)}
    links = [link for page in made.values() for link in re.findall(r'href="([^"]+)"', html(page))]
    assert "glossary.html#gold" in links
    for link in links:
        name, _, anchor = link.partition("#")
        target = html(made[name.removesuffix(".html")])
        assert not anchor or f'id="{anchor}"' in target


def test_a_test_that_fails_is_no_example() -> None:
    files = {
        "p.yaml": "schema: sla/v1\npolicies: {p: {match: {project: A}, calendar: 24x7, "
        "targets: {resolution: 4h}}}\n",
        "p.test.yaml": "schema: sla-test/v1\nfiles: [p.yaml]\ntests:\n"
        '  - {name: wrong, ticket: {project: A}, history: {"2026-11-16 09:00": created}, '
        "expect: {end: {resolution: met}}}\n",
    }
    told, whole = examples(["p.test.yaml"], lambda name: files[name])
    assert (told, whole) == ((), False)


POLICY = "policies: {p: {match: {project: A}, calendar: 24x7, targets: {resolution: 4h}, %s}}\n"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("describe: All of it.", "All of it.\n"),
        ("owner: mona", "- **Owner:** mona"),
        ("review: {every: 6mo, next: 2027-03-01, by: [a, b], plan: 'x.example'}",
         "- **Next review:** 1 March 2027, every 6 months, by a and b (x.example)"),
        ("effective: 2026-10-01", "- **In force from:** 1 October 2026"),
        ("until: 2026-12-31", "- **Until:** 31 December 2026"),
        ("type: ola", "- **Kind:** what teams owe each other; not a promise to customers"),
        ("pause: {status: Waiting}", "- **Resolution** stands still while status is Waiting."),
        ("pause: {while: {status: Waiting}, max: 2h}",
         "while status is Waiting; at most 2 h in all, then it runs and the assignee is told."),
        ("merge: earliest", "- If other tickets are merged into one, time counts from the start"),
        ("reopen: count", "- If a resolved ticket is opened again, its clocks go on, and the time"),
        ("settle: 5m", "- What is set within 5 min after the start counts"),
        ("warn: 30m left", "- When 30 min are left: an internal note is written in the ticket; we"),
        ("escalate: [{at: breach + 2h, do: [{notify: 'slack:#duty'}], if: {priority: P1}}]",
         "- 2 h after that: we tell #duty, if priority is P1."),
        ("escalate: [{at: breach, do: [{reply: Soon.}], hours: mon 09:00-17:00 UTC}]",
         "- When the promise is broken: the customer gets a message, within Monday 09:00–17:00"),
        ("escalate: [{at: breach, do: [{page: 'pagerduty:duty'}]}]", "duty is called out."),
        ("clocks: {resolution: {describe: Until it works.}}", "- **Resolution:** until it works."),
        ("clocks: {resolution: {stop: {status: Closed}}}",
         "- **Resolution:** from the creation until status is Closed."),
    ],
)  # fmt: skip
def test_what_a_policy_says_is_on_its_page(more: str, said: str) -> None:
    assert said not in one_page(POLICY % "tags: x")
    assert said in one_page(POLICY % more)


def test_versions_have_pages_of_their_own() -> None:
    one = "{match: {project: A}, calendar: 24x7, targets: {resolution: %s}, effective: %s}"
    text = f"policies: {{p: [{one % ('4h', '2026-01-01')}, {one % ('3h', '2027-01-01')}]}}\n"
    assert [page.name for page in pages(loaded(text), (), NOW)] == ["index", "p", "p-2027-01-01"]


def test_a_word_is_linked_once_and_never_within_a_link() -> None:
    text = one_page(
        POLICY % 'describe: "An outage, a full outage, is bad."'
        + 'glossary: {outage: Nothing works., full outage: "Really."}\n'
    )
    assert text.count("](glossary.md#outage)") == 1
    assert "a [full outage](glossary.md#full-outage), is" in text


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("{status: Waiting}", "status is Waiting"),
        ("{status: [A, B, C]}", "status is A, B or C"),
        ("{status: {not: A}}", "status is not A"),
        ("{assignee: {set: false}}", "assignee is empty"),
        ("{impact: {gte: 2, lt: 4}}", "impact is at least 2 and below 4"),
        ("{labels: {matches: 'vip-*'}}", "labels is like vip-*"),
        ("{system: servicenow}", "it is in ServiceNow"),
        ("{status_category: done}", "it is resolved"),
        ("{type: A, any: [{team: B}, {team: C}]}", "type is A and (team is B or team is C)"),
        ("{not: {team: B, type: A}}", "it is not so that team is B and type is A"),
        ("{type: A, not: {team: [B, C]}}", "type is A and team is not B or C"),
        ("{any: [{team: A}, {all: [{team: B}, {not: {team: A}}]}]}", "team is A or team is B"),
    ],
)  # fmt: skip
def test_conditions_in_words(condition: str, said: str) -> None:
    (policy,) = loaded(
        f"policies: {{p: {{match: {condition}, calendar: 24x7, targets: {{resolution: 4h}}}}}}\n"
    ).policies
    assert condition_words(policy.match) == said


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("FREQ=DAILY", "every day"),
        ("FREQ=WEEKLY;BYDAY=SU,MO", "every Sunday and Monday"),
        ("FREQ=MONTHLY;BYDAY=1SU", "the first Sunday of every month"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "the last Friday of every month"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU"),
        ("FREQ=MONTHLY;BYMONTHDAY=1", "FREQ=MONTHLY;BYMONTHDAY=1"),
    ],
)
def test_recurrence_in_words_or_as_it_is(rule: str, said: str) -> None:
    assert rule_words(rule) == said


@pytest.mark.parametrize(
    ("length", "said"),
    [("15m", "15 min"), ("1h30m", "1 h 30 min"), ("2bd", "2 business days"), ("1w", "1 week"),
     ("2d", "2 days"), ("6mo", "6 months"), ("0m", "0 min"), ("1bd 2h", "1 business day 2 h")],
)  # fmt: skip
def test_lengths_in_words(length: str, said: str) -> None:
    parsed = parse_duration(length)
    assert parsed is not None
    assert length_words(parsed) == said


# The table says what would be chosen, for every ticket.

LEAVES = st.sampled_from("abc") | st.none()


def choices(fields: tuple[str, ...]) -> st.SearchStrategy[Choice[str]]:
    if not fields:
        return LEAVES.map(lambda leaf: Choice(default=leaf))
    inner = st.dictionaries(st.sampled_from("xyz"), choices(fields[1:]), max_size=3)
    return st.builds(lambda rows, leaf: Choice(fields[:1], rows, leaf), inner, LEAVES)


FIELDS = ("f", "g")
ASKED = st.sampled_from((FIELDS, ("g",), ("g", "f"), ()))


@given(
    st.lists(ASKED.flatmap(choices), min_size=1, max_size=3),
    st.fixed_dictionaries({field: st.sampled_from("wxyz") for field in FIELDS}),
)  # fmt: skip
def test_the_first_row_that_fits_says_what_is_promised(
    many: list[Choice[str]], ticket: Mapping[str, str]
) -> None:
    fields, table = rows(many, lambda leaf: leaf or "-")
    fitting = next(
        cells
        for values, cells in table
        if all(value in ("", ticket[field]) for field, value in zip(fields, values, strict=True))
    )
    assert fitting == tuple(one.pick(ticket) or "-" for one in many)
    assert set(fields) <= {field for one in many for field in fields_of(one)}


# Nothing of a text is markup.


@given(st.text())
def test_a_text_is_only_a_text(text: str) -> None:
    policies = loaded(POLICY % "owner: mona")
    named = msgspec.structs.replace(policies.policies[0], owner=text, describe=f"<b>{text}")
    made = pages(msgspec.structs.replace(policies, policies=(named,)), (), NOW)
    body = html(made[1])
    assert not re.search(r"<(?!/?(?:html|head|meta|title|style|body|h1|h2|p|ul|li|a|table|thead|"
                         r"tbody|tr|th|td|strong|em|hr|!doctype)\b)", body)  # fmt: skip
    assert "<b>" not in body
    assert "\n" not in plain(text)
