"""What the reference says of an answer: each check yields, in words, what differs from it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jack.operations.conformance.answers import Answer

Check = Callable[["Answer"], Iterator[str]]

ERRORS = {
    400: "VALIDATION_ERROR",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    429: "RATE_LIMITED",
}
LIMIT_HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
STANDARD_LIMIT = 100  # requests a minute
PAGE = 20  # results, unless `limit` says otherwise
SHOWN = 80  # characters of a value in a message


def common(answer: Answer) -> Iterator[str]:
    """Of every answer: JSON, and the headers of the rate limit."""
    kind = answer.headers.get("Content-Type", "")
    if kind.partition(";")[0].strip() != "application/json":
        yield f"Content-Type is {kind or 'not there'}, not application/json"
    for name in LIMIT_HEADERS:
        value = answer.headers.get(name)
        if value is None:
            yield f"no header {name}"
        elif not re.fullmatch("[0-9]{1,12}", value):
            yield f"{name} is {shown(value)}, not a whole number"


def success(answer: Answer) -> Iterator[str]:
    """`{"success": true, "data": …}`, with a status of success."""
    if not 200 <= answer.status < 300:
        error = answer.part("error")
        yield f"status {answer.status}, not a success ({error.get('code')}: {error.get('message')})"
        return
    if answer.json.get("success") is not True:
        yield f"success is {shown(answer.json.get('success'))}, not true"
    if "data" not in answer.json:
        yield "no data"


def one(answer: Answer) -> Iterator[str]:
    """A single resource, with its id."""
    found = answer.one
    if not found:
        yield "data is no object"
    elif not isinstance(found.get("id"), str) or not found["id"]:
        yield f"id is {shown(found.get('id'))}, not a text"


def listed(answer: Answer) -> Iterator[str]:
    """A list: rows that have ids, and `meta` with page, limit and total."""
    data = answer.data
    if not isinstance(data, list):
        yield "data is no list"
        return
    if not all(isinstance(row, dict) and isinstance(row.get("id"), str) for row in data):
        yield "a row has no id"
    meta = answer.part("meta")
    for name in ("page", "limit", "total"):
        if not is_whole(meta.get(name)):
            yield f"meta.{name} is {shown(meta.get(name))}, not a whole number"
    limit = meta.get("limit")
    if is_whole(limit) and isinstance(limit, int) and len(data) > limit:
        yield f"{len(data)} rows, more than the limit {limit}"


def paged(page: int, limit: int) -> Check:
    """The `meta` of the page that was asked for, with how many there are."""

    def check(answer: Answer) -> Iterator[str]:
        meta = answer.part("meta")
        for name, asked in (("page", page), ("limit", limit)):
            if meta.get(name) != asked:
                yield f"meta.{name} is {shown(meta.get(name))}, not {asked}"
        total = meta.get("total")
        if isinstance(total, int) and meta.get("pages") != math.ceil(total / limit):
            yield f"meta.pages is {shown(meta.get('pages'))}, not {math.ceil(total / limit)}"

    return check


def has(*names: str) -> Check:
    """The fields that the reference names are there."""

    def check(answer: Answer) -> Iterator[str]:
        for name in names:
            if answer.one and name not in answer.one:
                yield f"no field {name}"

    return check


def holds(**fields: object) -> Check:
    """These fields have these values."""

    def check(answer: Answer) -> Iterator[str]:
        for name, value in fields.items():
            if answer.one.get(name) != value:
                yield f"{name} is {shown(answer.one.get(name))}, not {shown(value)}"

    return check


def has_value(answer: Answer) -> Iterator[str]:
    """A setting, whose `value` is an object."""
    if "data" in answer.json and not isinstance(answer.one.get("value"), dict):
        yield f"value is {shown(answer.one.get('value'))}, not an object"


def every(**fields: object) -> Check:
    """Every row has these values: what a filter asked for."""

    def check(answer: Answer) -> Iterator[str]:
        for name, value in fields.items():
            wrong = [row for row in answer.rows if row.get(name) != value]
            if wrong:
                yield f"a row has {name} {shown(wrong[0].get(name))}, not {shown(value)}"

    return check


def includes(id: object) -> Check:
    """A row is the one with this id."""

    def check(answer: Answer) -> Iterator[str]:
        if answer.part("meta").get("pages") == 1 and id not in [
            row.get("id") for row in answer.rows
        ]:
            yield f"{shown(id)} is not in it"

    return check


def refused(status: int) -> Check:
    """`{"success": false, "error": {"code", "message"}}`, with the code of the status."""

    def check(answer: Answer) -> Iterator[str]:
        if answer.status != status:
            yield f"status {answer.status}, not {status}"
        if answer.json.get("success") is not False:
            yield f"success is {shown(answer.json.get('success'))}, not false"
        error = answer.part("error")
        if error.get("code") != ERRORS[status]:
            yield f"error.code is {shown(error.get('code'))}, not {ERRORS[status]}"
        if not isinstance(error.get("message"), str) or not error["message"]:
            yield f"error.message is {shown(error.get('message'))}, not a text"

    return check


def standard_limit(answer: Answer) -> Iterator[str]:
    """100 requests a minute."""
    limit = answer.headers.get("X-RateLimit-Limit")
    if limit != str(STANDARD_LIMIT):
        yield f"X-RateLimit-Limit is {shown(limit)}, not {STANDARD_LIMIT}"


def is_whole(value: object) -> bool:
    """Whether it is a whole number that is not negative."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def shown(value: object) -> str:
    """A value in a message: short, on one line, as Python writes it but for what is not there."""
    text = "not there" if value is None else repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
