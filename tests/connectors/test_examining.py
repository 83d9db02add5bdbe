"""sla doctor's questions to the systems: what is missing is named, what is too much too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import msgspec
import pytest

from connectors.base import Finding, Use
from sandbox.jira.schema import PROJECTS
from sla_engine.changes import AddComment, Assign, Change, SetFields, Transition
from sla_engine.model import Ref
from tests.connectors.jira_desk import JiraTown
from tests.connectors.servicenow_desk import PUBLISH, ServiceNowTown
from tests.contract import WHY

JSON = {"Content-Type": "application/json"}
ALL: frozenset[Use] = frozenset({"edit", "comment", "assign", "transition"})


def marks(findings: Iterator[Finding]) -> dict[str, str]:
    """The worst mark under each heading."""
    found: dict[str, str] = {}
    for one in findings:
        worse = one.mark != "ok" or one.what not in found
        found[one.what] = one.mark if worse else found[one.what]
    return found


def said(findings: Iterator[Finding], what: str) -> str:
    return " / ".join(f"{one.said} -> {one.mend}" for one in findings if one.what == what)


OURS = ("SUP", "OPS")


@pytest.fixture(params=["cloud", "data_center"])
def jira(request: pytest.FixtureRequest) -> Iterator[JiraTown]:
    town = JiraTown(deployment=request.param)
    town.desk.dials["admin"] = False
    town.add("Mine")
    town.add("Yours", project="OPS")
    yield town
    town.close()


def test_an_account_with_just_what_is_needed_has_no_problem(jira: JiraTown) -> None:
    before = jira.writes()
    found = marks(jira.connect(projects=OURS).examine(ALL))
    assert {name for name, mark in found.items() if mark != "ok"} == {"quiet edits"}
    assert jira.writes() == before


def change(use: Use, ref: Ref) -> Change:
    match use:
        case "edit":
            return SetFields(ref, (("SLA status", "x"),), WHY)
        case "comment":
            return AddComment(ref, "k", ("Hello",), WHY)
        case "assign":
            return Assign(ref, "k", "Ada Lovelake", WHY)
    return Transition(ref, "k", "In Progress", WHY)


def town_user(town: JiraTown) -> str:
    ada = town.desk.users["ada"]
    shown = {"accountId": ada.account_id} if town.is_cloud else {"name": ada.name, "key": ada.key}
    return msgspec.json.encode([shown | {"displayName": "Ada Lovelake"}]).decode()


NEEDS: dict[str, tuple[str, Use]] = {
    "EDIT_ISSUES": ("edit issues", "edit"),
    "ADD_COMMENTS": ("add comments", "comment"),
    "ASSIGN_ISSUES": ("assign issues", "assign"),
    "TRANSITION_ISSUES": ("transition issues", "transition"),
}


@pytest.mark.parametrize("permission", NEEDS)
def test_a_right_that_is_missing_is_named_and_its_write_is_refused(
    jira: JiraTown, permission: str
) -> None:
    called, use = NEEDS[permission]
    connector, ref = jira.connect(), Ref("jira/acme", "SUP-1", jira.add("Third"))
    jira.desk.dials["granted"] = [one for one in jira.desk.dials["granted"] if one != permission]
    found = list(connector.examine(ALL))
    assert [one.what for one in found if one.mark == "problem" and "screen" not in one.what] == [
        called
    ]
    assert permission in said(iter(found), called)
    assert all(one.writing for one in found if one.mark == "problem")
    if use == "assign":  # a search that the sandbox does not have
        ada = town_user(jira)
        jira.faults.add(kind="body", path="assignable/search", status=200, body=ada, headers=JSON)
    assert connector.write(ref, [change(use, ref)]).outcomes[0].code == "SLA403"
    others = ALL - {use}
    assert marks(jira.connect().examine(others)).get(called, "ok") == "ok"


def test_a_project_closed_to_edits_is_named_and_the_others_are_well(jira: JiraTown) -> None:
    jira.desk.dials["forbidden"] = ["OPS"]
    found = list(jira.connect(projects=OURS).examine(frozenset({"edit"})))
    assert said(iter(found), "edit issues") == (
        "SUP ->  / EDIT_ISSUES is missing in OPS -> "
        "add our account to a role that has EDIT_ISSUES in OPS"
    )


def test_a_project_that_cannot_be_seen_is_a_problem_even_for_readers(jira: JiraTown) -> None:
    jira.desk.dials["hidden"] = ["OPS"]
    connector = jira.connect(projects=OURS)
    assert "missing in OPS" in said(connector.examine(frozenset()), "browse")
    jira.desk.dials["hidden"] = [one.key for one in PROJECTS.values()]
    assert marks(jira.connect().examine(frozenset()))["browse"] == "problem"


def test_without_a_seat_as_agent_customers_could_read_our_comments(jira: JiraTown) -> None:
    jira.desk.dials["granted"].remove("SERVICEDESK_AGENT")
    assert "no agent in SUP" in said(jira.connect().examine(ALL), "internal comments")


@pytest.mark.parametrize(
    "permission", ["DELETE_ISSUES", "DELETE_ALL_COMMENTS", "EDIT_ALL_COMMENTS"]
)
def test_a_right_that_nothing_needs_is_named(jira: JiraTown, permission: str) -> None:
    assert "more than needed" not in marks(jira.connect().examine(ALL))
    jira.desk.dials["granted"].append(permission)
    assert f"take {permission} away" in said(jira.connect().examine(ALL), "more than needed")


def test_an_administrator_is_too_much_and_edits_quietly(jira: JiraTown) -> None:
    jira.desk.dials["admin"] = True
    found = marks(jira.connect().examine(ALL))
    assert (found["more than needed"], found["quiet edits"]) == ("warning", "ok")


def test_our_fields_must_exist_and_stand_on_the_screen(jira: JiraTown) -> None:
    due = next(f.id for f in jira.desk.fields.values() if f.name == "SLA due")
    jira.desk.dials["off_screen"] = {"OPS": [due]}
    connector = jira.connect(publish={"SLA due": "due", "SLA dream": "state"})
    found = list(connector.examine(frozenset({"edit"})))
    assert said(iter(found), "edit screen").startswith("that of OPS lacks SLA due")
    assert 'Jira has no field "SLA dream"' in said(iter(found), "fields")
    assert "1 of 2 exist" in said(iter(found), "fields")


@pytest.fixture
def snow() -> Iterator[ServiceNowTown]:
    town = ServiceNowTown()
    first = town.add("Mine")
    town.set_status(first, "In Progress")
    town.comment(first, "customer", public=True)
    town.team("Network")
    yield town
    town.close()


def test_a_role_that_reads_audits_and_tickets_is_enough(snow: ServiceNowTown) -> None:
    found = marks(snow.connect().examine(ALL))
    assert {name: mark for name, mark in found.items() if mark != "ok"} == {
        "rights to write": "unknown"
    }
    assert snow.writes() == 0


def test_rows_hidden_without_a_word_are_found_by_their_count(snow: ServiceNowTown) -> None:
    snow.world.dials = replace(snow.world.dials, roles=("itil",))
    found = list(snow.connect().examine(ALL))
    problems = {one.what for one in found if one.mark == "problem"}
    assert problems == {"read sys_audit", "read sys_journal_field"}
    assert "response clock" in said(iter(found), "read sys_journal_field")


def test_hidden_tickets_are_counted(snow: ServiceNowTown) -> None:
    another = snow.add("Secret")
    snow.world.dials = replace(snow.world.dials, hidden=(another,))
    assert "1 of the first 2 tickets" in said(snow.connect().examine(ALL), "read incident")
    assert marks(snow.connect(query="number=INC0").examine(ALL))["read incident"] == "warning"


def test_columns_that_are_not_there_are_named(snow: ServiceNowTown) -> None:
    connector = snow.connect(publish={**PUBLISH, "u_sla_dream": "state"})
    assert "u_sla_dream" in said(connector.examine(ALL), "our columns")
    assert "our columns" not in marks(connector.examine(frozenset()))


@pytest.mark.parametrize("role", ["admin", "user_admin"])
def test_who_sees_the_roles_of_others_has_too_much(snow: ServiceNowTown, role: str) -> None:
    usual = snow.world.dials.roles
    snow.world.add("sys_user_has_role", {"user": snow.world.user_id("ada")}, snow.tick())
    assert "more than needed" not in marks(snow.connect().examine(ALL))
    snow.world.dials = replace(snow.world.dials, roles=(*usual, role))
    assert marks(snow.connect().examine(ALL))["more than needed"] == "warning"
