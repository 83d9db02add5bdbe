"""Who is who: the policies' word before the source's, and ours before any."""

from __future__ import annotations

import pytest

from sla_engine.model import Actor, ActorKind
from sla_engine.roles import kind_of
from sla_engine.terms import ActorTerms

TERMS = ActorTerms(
    staff_groups=("agents", "leads"),
    staff=("ada*",),
    bots=("svc-*", "Automation for *"),
    ai=("virtual-agent",),
    vendor_domains=("carrier.example",),
    vendor_groups=("suppliers",),
    vendor=("v-*",),
)


@pytest.mark.parametrize(
    ("actor", "kind"),
    [
        pytest.param(Actor("x", kind="customer"), "customer", id="nobody says otherwise"),
        pytest.param(Actor("x"), "unknown", id="nobody says anything"),
        pytest.param(Actor("svc-mail", kind="staff"), "bot", id="by the pattern of an id"),
        pytest.param(Actor("7", "Automation for Jira", "staff"), "bot", id="by a name"),
        pytest.param(Actor("SVC-mail", kind="staff"), "staff", id="capitals count"),
        pytest.param(Actor("svc-x", kind="self"), "self", id="we stay ourselves"),
        pytest.param(Actor("7", kind="self", groups=("agents",)), "self", id="in any group"),
        pytest.param(Actor("virtual-agent", kind="bot"), "ai", id="ai"),
        pytest.param(Actor("svc-1", "virtual-agent"), "bot", id="bot before ai"),
        pytest.param(Actor("virtual-agent", "v-1"), "ai", id="ai before vendor"),
        pytest.param(Actor("v-1"), "vendor", id="vendor"),
        pytest.param(Actor("v-1", groups=("agents",)), "vendor", id="vendor before staff"),
        pytest.param(Actor("eve@carrier.example"), "vendor", id="vendor by domain"),
        pytest.param(Actor("a@b@carrier.example"), "vendor", id="the last part is the domain"),
        pytest.param(Actor("carrier.example"), "unknown", id="a domain without @ is none"),
        pytest.param(Actor("eve@x.carrier.example"), "unknown", id="another domain"),
        pytest.param(Actor("7", "eve@carrier.example"), "unknown", id="a name has no domain"),
        pytest.param(Actor("7", groups=("x", "suppliers")), "vendor", id="vendor by group"),
        pytest.param(Actor("ada.l", kind="customer"), "staff", id="staff"),
        pytest.param(Actor("7", "ada", "customer"), "staff", id="staff by name"),
        pytest.param(Actor("7", groups=("x", "leads")), "staff", id="staff by any group"),
        pytest.param(Actor("7", groups=("x",), kind="vendor"), "vendor", id="no known group"),
    ],
)
def test_the_policies_word_comes_first(actor: Actor, kind: ActorKind) -> None:
    assert kind_of(actor, TERMS) == kind


@pytest.mark.parametrize(
    "kind", ["staff", "customer", "bot", "ai", "vendor", "self", "unknown"], ids=str
)
def test_without_terms_the_source_is_believed(kind: ActorKind) -> None:
    assert kind_of(Actor("ada@carrier.example", "Ada Lovelake", kind, ("x",)), ActorTerms()) == kind


def test_a_pattern_for_everybody_does_not_mean_nobody() -> None:
    assert kind_of(Actor("", "", "customer"), ActorTerms(staff=("*",))) == "customer"
    assert kind_of(Actor("x", "", "customer"), ActorTerms(staff=("*",))) == "staff"
