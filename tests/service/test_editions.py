"""Policies out of folders and git revisions, the working tree left alone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from service.replay.editions import Edition, EditionError, of_draft, of_folder, of_revision, of_word
from sla_engine.units import HOUR

POLICY = """schema: sla/v1
policies:
  support:
    match: {project: SUP}
    calendar: 24x7
    targets: {resolution: 4h}
"""
OTHER = POLICY.replace("support", "operations")


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@desk.example", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", folder, *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A policy folder in a repository: 4 h on `main`, 3 h as it lies there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    made = tmp_path / "config" / "policies"
    made.mkdir(parents=True)
    git(tmp_path, "init", "-q", "-b", "main")
    (made / "support.yaml").write_text(POLICY)
    (made / "support.test.yaml").write_text("schema: sla-test/v1\n")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "four hours")
    (made / "support.yaml").write_text(POLICY.replace("4h", "3h"))
    return made


def limits(found: Edition) -> list[int]:
    clocks = [clock for policy in found.policies.policies for clock in policy.clocks]
    leaves = [leaf.limit for clock in clocks for leaf in clock.targets.leaves()]
    return [limit.millis // HOUR for limit in leaves if limit]


def test_a_revision_is_read_and_the_folder_left_as_it_is(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert limits(of_revision("main", folder)) == [4]
    assert limits(of_folder(folder)) == [3]
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    assert not list(folder.parent.glob("sla-*"))


def test_the_version_of_what_is_committed_does_not_hang_on_where_it_was_read(folder: Path) -> None:
    git(folder, "commit", "-q", "-a", "-m", "three hours")
    assert of_revision("HEAD", folder).policies.version == of_folder(folder).policies.version


@pytest.mark.parametrize("word", ["main", "main~0", "HEAD", "refs/heads/main"])
def test_a_revision_is_whatever_git_takes_for_one(folder: Path, word: str) -> None:
    assert limits(of_word(word, folder)) == [4]


def test_a_tag_is_the_commit_it_names(folder: Path) -> None:
    git(folder, "tag", "-a", "-m", "as signed", "v1")
    assert limits(of_revision("v1", folder)) == [4]


def test_what_exists_as_a_folder_wins_over_a_revision(folder: Path) -> None:
    other = Path("main")
    other.mkdir()
    (other / "p.yaml").write_text(POLICY.replace("4h", "5h"))
    assert limits(of_word("main", folder)) == [5]


def test_policies_may_be_one_file(folder: Path) -> None:
    assert limits(of_revision("main", folder / "support.yaml")) == [4]


def test_a_mistake_is_told_by_where_git_has_it(folder: Path) -> None:
    (folder / "support.yaml").write_text(POLICY.replace("4h", "4hh"))
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "a slip")
    found = of_revision("HEAD", folder)
    place = "HEAD:config/policies/support.yaml"
    assert f"{place}:6:27" in {str(problem.where) for problem in found.problems}
    assert place in found.sources


def test_a_mistake_that_names_another_file_names_it_where_git_has_it(folder: Path) -> None:
    (folder / "again.yaml").write_text(POLICY)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "twice")
    (problem,) = of_revision("HEAD", folder).problems
    assert "HEAD:config/policies/again.yaml" in f"{problem}"
    assert "/sla-" not in f"{problem}"


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("nowhere", '"nowhere" is neither a policy folder nor a revision git knows'),
        ("--output=x", '"--output=x" is neither a policy folder nor a revision git knows'),
        ("", '"" is neither a policy folder nor a revision git knows'),
    ],
)
def test_what_is_neither_is_told(folder: Path, word: str, said: str) -> None:
    with pytest.raises(EditionError, match=said):
        of_revision(word, folder)
    assert not Path("x").exists()


def test_a_revision_without_policies_is_told(folder: Path) -> None:
    git(folder, "rm", "-q", "-rf", "--cached", ".")
    git(folder, "commit", "-q", "--allow-empty", "-m", "nothing left")
    with pytest.raises(EditionError, match="revision HEAD has no config/policies"):
        of_revision("HEAD", folder)


def test_outside_a_repository_git_is_not_blamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "policies").mkdir()
    with pytest.raises(EditionError, match="policies is in no git repository"):
        of_revision("main", tmp_path / "policies")


def test_without_git_folders_are_left(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EditionError, match="git is not installed"):
        of_revision("main", folder)


def test_one_file_stands_in_for_what_it_names(folder: Path) -> None:
    (folder / "operations.yaml").write_text(OTHER)
    draft = Path("draft.yaml")
    draft.write_text(OTHER.replace("4h", "9h"))
    found = of_draft(draft, folder)
    assert sorted(limits(found)) == [3, 9]
    assert found.name == "draft.yaml"
