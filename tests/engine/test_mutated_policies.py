"""Files that are nearly right, by the thousand: problems with a place, and never anything worse.

The same few hundred each time; 10,000 with HYPOTHESIS_PROFILE=deep.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest
import yaml

from reports.check import Check, check_json, render_check
from reports.check_github import github_commands
from reports.check_sarif import sarif
from sla_engine.lints import Subject, lint
from sla_engine.lints.seen import see
from sla_engine.problem_codes import CODES
from sla_engine.problems import Problem
from sla_engine.resolving.files import read_texts
from sla_engine.vocabulary import Known, Vocabulary
from tests.conftest import examples
from tests.engine.desk import STAFF, ticket
from tests.engine.lints.looking import NOW

REPO = Path(__file__).resolve().parents[2]
SEEDS = sorted(
    path
    for folder in ("config/examples/*/policies", "config/policies", "tests/conformance/edge_cases")
    for path in REPO.glob(f"{folder}/*.yaml")
    if not path.name.endswith(".test.yaml")
)
ODD = [
    "{", "}", "[", "]", ":", "- ", "\t", "&a ", "*a ", "!!int ", "'", '"', "|", "\x00", "%", "~",
    "99999999999999999999", "\ud800", "é", "\n", "none", "? ", "0", "-1", "{}", "[]", "null", "<<",
    "=", "1e400", "2026-02-30", "\\", "0m", "1mo", "100000d", "999999999bd", "\u2028", "by", "24x7",
]  # fmt: skip
WORDS = [
    "", "0", "-1", "P1", "24x7", "none", "mon-fri 17:00-09:00", "0bd", "999999999bd", "created",
    "a.b", "1970-01-01", "2199-12-31", "Europe/Nowhere", "default", "x" * 300, "\u202e", "1e400",
]  # fmt: skip

Tree = Any  # what YAML can say
Mutation = Callable[[str, random.Random], str | bytes]


def pieces(text: str, dice: random.Random) -> str:
    """Words, blanks and signs gone, doubled, swapped, or replaced by odd ones."""
    parts = re.findall(r"\w+|\s+|[^\w\s]", text)
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(parts))
        parts[at] = dice.choice(["", parts[at] * 2, dice.choice(parts), dice.choice(ODD)])
    return "".join(parts)


def octets(text: str, dice: random.Random) -> bytes:
    """Single bytes gone, changed, or cut off from there on."""
    data = bytearray(text.encode())
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(data))
        data[at : at + dice.randint(0, 2)] = dice.randbytes(dice.randint(0, 2))
    return bytes(data[: dice.randrange(1, len(data))] if dice.random() < 0.1 else data)


def lines(text: str, dice: random.Random) -> str:
    """Lines gone, doubled, moved, or indented otherwise."""
    found = text.splitlines(keepends=True)
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(found))
        line = found[at]
        found[at] = dice.choice(["", line * 2, f"  {line}", line.removeprefix("  "), "\n"])
        found.insert(dice.randrange(len(found)), found.pop(at))
    return "".join(found)


def structure(text: str, dice: random.Random) -> str:
    """Sound YAML that says something else: values swapped, renamed, wrapped, emptied."""
    tree = yaml.load(text, Loader=yaml.BaseLoader)  # it makes texts, lists and maps
    for _ in range(dice.randint(1, 4)):
        holder, key = dice.choice(list(places(tree)))
        other, another = dice.choice(list(places(tree)))
        value = holder[key]
        holder[key] = dice.choice(
            [
                deepcopy(other[another]),
                [value],
                {"not": value},
                dice.choice(WORDS),
                {},
                [],
                {"by": value},
            ]
        )
    return yaml.dump(tree, allow_unicode=True, sort_keys=False, Dumper=Plain)


class Plain(yaml.SafeDumper):
    """Writes what occurs twice twice, for policies know no anchors."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def places(tree: Tree) -> Iterator[tuple[Tree, Any]]:
    """Every value of a tree by its holder and its key there."""
    keys = tree if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    for key in keys:
        yield tree, key
        yield from places(tree[key])


MUTATIONS: dict[str, Mutation] = {
    "pieces": pieces,
    "octets": octets,
    "lines": lines,
    "structure": structure,
}
WORDS_OF_JIRA = Known(
    "jira/demo", "jira", NOW, Vocabulary(("status",), {"status": {"1": "Open", "2": "Done"}})
)
TICKETS = [ticket("09:00", ("10:00", STAFF, {"status": "Done", "comment": "public"}), tier="gold")]


def survives(source: str | bytes) -> list[Problem]:
    """What is said of a file, which all formats must be able to tell."""
    reading = read_texts({"m.yaml": source}, {"DE-BE": ["2026-12-25"]})
    seen = see(reading, TICKETS, NOW)
    problems = [*reading.problems, *lint(Subject(reading, NOW, seen, [WORDS_OF_JIRA]))]
    told = Check(problems, {"m.yaml": source})
    for form in (render_check, check_json, github_commands, sarif):
        form(told)
    return problems


@pytest.mark.parametrize("name", MUTATIONS)
def test_no_mutant_of_a_policy_makes_more_than_problems_with_a_place(name: str) -> None:
    dice = random.Random(name)
    texts = [path.read_text(encoding="utf-8").replace("import: DE-BE, ", "") for path in SEEDS]
    mutants = (MUTATIONS[name](text, dice) for text in cycle(texts))
    wrong = 0
    for mutant in islice(mutants, examples(60, 2_500)):
        try:
            problems = survives(mutant)
        except Exception as error:
            raise AssertionError(f"{name} broke on {mutant!r}") from error
        wrong += any(problem.severity == "error" for problem in problems)
        length = mutant.count(b"\n" if isinstance(mutant, bytes) else "\n")  # type: ignore[arg-type]  # of its kind
        for problem in problems:
            assert problem.where.file == "m.yaml", mutant
            assert problem.where.line >= 1, mutant
            assert problem.where.column >= 1, mutant
            assert problem.code in CODES
            assert problem.what
        assert all(problem.where.line <= 2 * length + 2 for problem in problems), mutant
    assert wrong > 20, "the mutants are hardly wrong"
