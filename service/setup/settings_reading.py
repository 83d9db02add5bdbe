"""From a node of service.yaml to a model of it: what is wrong in our words, at its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError

from sla_engine.document import Node, plain
from sla_engine.problems import Problem, Where, did_you_mean
from sla_engine.units import Millis
from sla_engine.words import duration

M = TypeVar("M", bound=BaseModel)

_BELONGS = {
    "string_type": "a text",
    "dict_type": "a map (key: value)",
    "model_type": "a map (key: value)",
    "list_type": "a list",
    "tuple_type": "a list",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "float_parsing": "a number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_too_short": "a text that is not empty",
    "greater_than_equal": "a larger number",
    "greater_than": "a larger number",
    "less_than_equal": "a smaller number",
    "less_than": "a smaller number",
}


_BOUNDS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}


class Part(BaseModel):
    """A map of service.yaml: its keys are known, and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def read(model: type[M], node: Node, named: Where) -> tuple[M | None, list[Problem]]:
    """The node as a model, or every reason why it is none. `named` is the place of its name."""
    try:
        return model.model_validate(plain(node) if node.entries is not None else {}), []
    except ValidationError as error:
        found = error.errors(include_url=False)
        problems = [problem for one in found for problem in _said(model, one, node, named)]
    meant = {problem.mend for problem in problems}
    return None, [p for p in problems if f"did you mean {p.what[:-11]}?" not in meant]


def _said(model: type[BaseModel], found: Any, node: Node, named: Where) -> Iterator[Problem]:
    path, kind = tuple(found["loc"]), found["type"]
    here = node.where_of(*path)
    if kind == "extra_forbidden":
        known = sorted(_fields(model, path[:-1]))
        mend = did_you_mean(str(path[-1]), known) or f"known here: {', '.join(known)}"
        yield Problem(node.key_of(*path), f'unknown key "{path[-1]}"', mend, "SLA101")
    elif kind == "missing":
        where = node.key_of(*path[:-1]) if len(path) > 1 else named
        yield Problem(where, f'"{path[-1]}" is missing', _hint(model, path), "SLA102")
    elif kind in ("literal_error", "enum"):
        words = found["ctx"]["expected"].replace("'", "")
        mend = did_you_mean(str(found["input"]), words.replace(" or ", ", ").split(", "))
        yield Problem(
            here, f'"{found["input"]}" is not known here', mend or f"write {words}", "SLA105"
        )
    elif kind in _BELONGS:
        mend = _bound(kind, found["ctx"], node.at(*path).text or "") if kind in _BOUNDS else ""
        yield Problem(here, f"{_BELONGS[kind]} belongs here", mend, "SLA103")
    elif kind == "value_error":
        what, _, mend = str(found["ctx"]["error"]).partition("; ")
        yield Problem(here, what, mend, "SLA103")
    else:
        yield Problem(here, "this does not fit here", _hint(model, path), "SLA103")


def _bound(kind: str, context: Mapping[str, int], written: str) -> str:
    """`at least 5 s` where a length is written, `at most 30` where a number is."""
    name, words = _BOUNDS[kind]
    is_length = written[-1:].isalpha()
    return f"{words} {duration(Millis(context[name])) if is_length else context[name]}"


def _fields(model: type[BaseModel], path: tuple[str | int, ...]) -> Mapping[str, Any]:
    """The keys known at a path inside a model; its own where the path leads out of models."""
    steps = iter(path)
    for step in steps:
        field = model.model_fields.get(str(step))
        said = field.annotation if field else None
        inner = [one for one in (said, *get_args(said)) if _is_model(one)]
        if not inner:
            break
        model = inner[0]
        if get_origin(said) is dict:
            next(steps, None)  # the name of an entry
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _is_model(annotation: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _hint(model: type[BaseModel], path: tuple[str | int, ...]) -> str:
    field = _fields(model, path[:-1]).get(str(path[-1]))
    return str(field.description or "") if field is not None else ""
