"""The shape of what flask-smorest's decorators note of a view, as far as the API's description reads it."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from marshmallow import Schema

# What is read from where: `in` is `json` or `query`.
Argument = TypedDict("Argument", {"in": str, "schema": type[Schema] | Schema})


class Arguments(TypedDict):
    """Everything a view reads."""

    parameters: list[Argument]


class DocumentedResponse(TypedDict):
    """A response of a view: the schema of its envelope (absent for a file), and a sentence."""

    schema: NotRequired[Schema]
    description: str


class Responses(TypedDict):
    """The responses of a view by their status; the list has one item."""

    responses: dict[int, list[DocumentedResponse]]


class ApiDoc(TypedDict, total=False):
    """All of it."""

    arguments: Arguments
    response: Responses
