"""Fields of a site: listed, and made by those who may."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from sandbox.jira.call import ApiError, Call, said_json
from sandbox.jira.call import this_call as call
from sandbox.jira.render import field_json
from sandbox.jira.schema import CUSTOM, Field

_TYPES = {  # type of a new custom field -> (schema type, items)
    "textfield": ("string", ""),
    "textarea": ("string", ""),
    "datetime": ("datetime", ""),
    "datepicker": ("date", ""),
    "float": ("number", ""),
    "select": ("option", ""),
    "multicheckboxes": ("array", "option"),
    "labels": ("array", "string"),
}


def add_fields(api: Blueprint) -> None:
    """GET and POST field, and the options of a select."""

    @api.get("/field")
    def fields() -> Response:
        here = call()
        return jsonify([field_json(here.flavour, field) for field in here.desk.fields.values()])

    @api.post("/field")
    def create_field() -> tuple[Response, int]:
        here = call()
        _may_administer(here)
        said = said_json({"name", "description", "type", "searcherKey"})
        kind = str(said.get("type", "")).removeprefix(CUSTOM)
        if kind not in _TYPES or not said.get("name"):
            raise ApiError(400, "", {"type": "The type of the custom field is not valid."})
        number = max(f.number for f in here.desk.fields.values() if f.is_custom) + 1
        searcher = "searcherKey" in said
        field = Field(
            f"customfield_{number}", str(said["name"]), *_TYPES[kind], CUSTOM + kind, searcher
        )
        here.desk.fields[field.id] = field
        return jsonify(field_json(here.flavour, field)), 201

    @api.post("/field/<name>/context/<context>/option")
    def create_options(name: str, context: str) -> Response:
        if not context.startswith("1"):
            raise ApiError(404, "The custom field context was not found.")
        return _create_options(call(), name)

    @api.get("/field/<name>/context")
    def contexts(name: str) -> Response:
        field = call().desk.fields.get(name)
        if field is None or not field.is_custom:
            raise ApiError(404, "The custom field was not found.")
        context = {
            "id": f"1{field.number}", "name": f"Default Configuration Scheme for {field.name}",
            "description": "", "isGlobalContext": True, "isAnyIssueType": True,
        }  # fmt: skip
        return jsonify(maxResults=50, startAt=0, total=1, isLast=True, values=[context])


def _create_options(here: Call, name: str) -> Response:
    _may_administer(here)
    field = here.desk.fields.get(name)
    if field is None:
        raise ApiError(404, "The custom field was not found.")
    added = []
    for option in said_json({"options"}).get("options", []):
        id_ = str(20_000 + sum(len(one.options) for one in here.desk.fields.values()))
        field.options[id_] = str(option["value"])
        added.append({"id": id_, "value": str(option["value"]), "disabled": False})
    return jsonify(options=added)


def _may_administer(here: Call) -> None:
    if not here.who or not here.desk.dials["admin"]:
        raise ApiError(403, "You are not authorized to perform this action.")
