"""Policies as they stand somewhere: in a folder, or in a revision of the git repository that holds
the folder. The working tree is only looked at."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from service.setup.git import NoGitError, git
from service.setup.settings import called
from sla_engine.policy_files import load, load_texts, read_sources
from sla_engine.problems import Problem
from sla_engine.terms import Policies

WORKING_TREE = "working tree"


class EditionError(Exception):
    """There are no policies of that name; the text says why."""


class Edition(msgspec.Struct, frozen=True):
    """What policies say there, what is wrong with them, and the files by the names that problems
    call them."""

    name: str
    policies: Policies
    problems: tuple[Problem, ...]
    sources: Mapping[str, bytes]


def of_folder(folder: Path, name: str = "") -> Edition:
    """The policies as they lie in a folder, or in one file."""
    policies, problems = load(folder)
    return Edition(name or called(folder), policies, tuple(problems), read_sources(folder)[0])


def of_draft(draft: Path, folder: Path) -> Edition:
    """A whole folder of its own, or one file whose entries stand in for those of the same name in
    the folder in force."""
    if not draft.is_file():
        return of_folder(draft)
    sources, unreadable = read_sources(draft)
    everything = {**read_sources(folder)[0], **sources}
    policies, problems = load_texts(everything, draft=next(iter(sources), ""))
    return Edition(called(draft), policies, (*unreadable, *problems), everything)


def of_word(word: str, folder: Path) -> Edition:
    """What a person means: a draft that exists as a folder or file, else a revision of the
    repository that holds the folder in force; EditionError where it is neither."""
    path = Path(word)
    return of_draft(path, folder) if path.exists() else of_revision(word, folder)


def of_revision(revision: str, policies: Path) -> Edition:
    """The policies of a commit, branch or tag, by git itself."""
    folder, inside = (policies.parent, policies.name) if policies.is_file() else (policies, ".")
    commit = _commit(revision, folder)
    packed = _git(folder, "archive", "--format=tar", commit, inside)
    if packed is None:
        raise EditionError(
            f"revision {revision} has no {called(policies)}; commit it, or name two folders"
        )
    with TemporaryDirectory(prefix="sla-") as here:
        with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
            tar.extractall(here, filter="data")
        found = of_folder(Path(here, inside), revision)
        return _placed(found, called(Path(here)), f"{revision}:{called(folder)}")


def _commit(revision: str, folder: Path) -> str:
    if _git(folder, "rev-parse", "--git-dir") is None:
        raise EditionError(
            f'"{revision}" is no policy folder, and {called(folder)} is in no git repository'
        )
    asked = f"{revision}^{{commit}}"
    found = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", asked)
    if found is None:
        raise EditionError(f'"{revision}" is neither a policy folder nor a revision git knows')
    return found.decode().split()[-1]


def _git(folder: Path, *arguments: str) -> bytes | None:
    try:
        return git(folder, *arguments)
    except NoGitError:
        raise EditionError("git is not installed here: name two policy folders instead") from None


def _placed(found: Edition, here: str, there: str) -> Edition:
    """Files called by where git has them, not by where they lay for a moment."""

    def moved(text: str) -> str:
        return text.replace(here, there)

    problems = tuple(
        Problem(
            msgspec.structs.replace(problem.where, file=moved(problem.where.file)),
            moved(problem.what),
            moved(problem.mend),
            problem.code,
            problem.severity,
        )
        for problem in found.problems
    )
    sources = {moved(file): text for file, text in found.sources.items()}
    return msgspec.structs.replace(found, problems=problems, sources=sources)
