"""Bulk calls: many changes in one transaction, each of which succeeds or fails by itself."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import marshmallow as ma

from jack.core.db import savepoint, transaction
from jack.core.errors import Detail, DetailCode, JackError, NotFound
from jack.http.envelope import ApiError
from jack.http.error_handlers import request_id
from jack.http.responses import Series
from jack.http.schema import ResponseSchema

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.core.query import AnyRow

E = TypeVar("E")

# Of each failed element; a body full of mistakes must not be answered by many times its size.
MAX_DETAILS = 5


class BulkMeta(ResponseSchema):
    """How many elements there were, and how many of them succeeded and failed."""

    total = ma.fields.Integer()
    succeeded = ma.fields.Integer()
    failed = ma.fields.Integer()


@functools.cache
def bulk_of(shape: type[ma.Schema]) -> ma.Schema:
    """The schema of a bulk call's answer: for every element `success` and either `data` of this shape or `error`."""
    made = ma.Schema.from_dict(
        {
            "success": ma.fields.Boolean(required=True),
            "data": ma.fields.Nested(shape),
            "error": ma.fields.Nested(ApiError),
        },
        name=f"{shape.__name__}Result",
    )
    return made(many=True)


def each(
    db: Database, elements: Sequence[E], do: Callable[[E], AnyRow], *, of: str = "items"
) -> Series:
    """The result of `do` for every element, in order.

    What `do` refuses (JackError) fails alone and changes nothing; anything else undoes the whole call. `of` is the field
    the elements stand in: `items`, whose mistakes are their own, or `ids`, whose mistakes are those of `changes`.
    """
    with transaction(db):
        results = [
            _result(db, do, element, f"{of}.{place}") for place, element in enumerate(elements)
        ]
    failed = sum(not result["success"] for result in results)
    return Series(
        results, {"total": len(results), "succeeded": len(results) - failed, "failed": failed}
    )


def _result(db: Database, do: Callable[[E], AnyRow], element: E, name: str) -> AnyRow:
    try:
        with savepoint(db):
            return {"success": True, "data": do(element)}
    except JackError as error:
        if error.status >= 500:
            raise
        return {
            "success": False,
            "error": {**error.body(), "requestId": request_id(), "details": _details(error, name)},
        }


def _details(error: JackError, name: str) -> list[Detail]:
    """The details of a failed element (at most 5), with every field named from the top of the body."""
    inside = "changes" if name.startswith("ids.") else name
    code: DetailCode = "no_such" if isinstance(error, NotFound) else "invalid"
    found = error.details or [Detail(field="body", message=error.message, code=code)]
    return [
        # `body` is the whole value that was checked; here that is the element
        Detail(
            field=name if detail["field"] == "body" else f"{inside}.{detail['field']}",
            message=detail["message"],
            code=detail["code"],
        )
        for detail in found[:MAX_DETAILS]
    ]
