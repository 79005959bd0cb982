"""What holds for every answer under /api/v1, said once for all tests."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.test import TestResponse

from jack.core import errors

CODES = {
    400: "VALIDATION_ERROR",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "CONFLICT",
    410: "GONE",
    412: "PRECONDITION_FAILED",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    429: "RATE_LIMITED",
    500: "INTERNAL_ERROR",
    503: "UNAVAILABLE",
}
REASONS = {
    401: {
        "token_missing",
        "token_invalid",
        "token_expired",
        "token_revoked",
        "invalid_credentials",
        "totp_required",
        "totp_invalid",
    },
}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def check_headers(answer: TestResponse) -> None:
    """The request's id, the rate limit and the protection that every answer carries."""
    headers = answer.headers
    assert len(headers.getlist("X-Request-Id")) == 1
    assert headers["X-Request-Id"]
    limit, remaining, reset = (
        int(headers[f"X-RateLimit-{name}"]) for name in ("Limit", "Remaining", "Reset")
    )
    assert 0 <= remaining <= limit
    assert time.time() - 5 <= reset <= time.time() + 3600
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert ("Retry-After" in headers) == (answer.status_code in (429, 503))


def succeeded(answer: TestResponse, status: int = 200) -> Any:
    """The envelope's `data`; the answer must be a success of this status."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    check_headers(answer)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json["success"] is True
    assert answer.json.keys() in ({"success", "data"}, {"success", "data", "meta"})
    return answer.json["data"]


def refused(answer: TestResponse, status: int, *, reason: str | None = None) -> dict[str, Any]:
    """The envelope's `error`; the answer must be a refusal of this status, with its code of the table."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    check_headers(answer)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json.keys() == {"success", "error"}
    assert answer.json["success"] is False
    error: dict[str, Any] = answer.json["error"]
    assert {"code", "message", "requestId"} <= error.keys()
    own = {409: {"existingId"}, 410: {"mergedInto"}}.get(status, set())
    assert error.keys() <= {"code", "message", "requestId", "details", "reason", *own}
    assert ("existingId" in error) == (error.get("reason") == "duplicate")
    assert ("mergedInto" in error) == (error.get("reason") == "merged")
    assert error["code"] == CODES[status]
    assert isinstance(error["message"], str)
    assert error["message"]
    assert error["requestId"] == answer.headers["X-Request-Id"]
    assert error.get("reason") in REASONS.get(status, {error.get("reason")})
    assert reason is None or error["reason"] == reason
    for detail in error.get("details", ()):
        check_detail(detail)
    assert ("Allow" in answer.headers) == (status == 405)
    assert answer.headers.get("WWW-Authenticate") == ("Bearer" if status == 401 else None)
    return error


def check_detail(detail: dict[str, Any]) -> None:
    """An item of `error.details`: a field, a sentence and a code of the table."""
    assert detail.keys() == {"field", "message", "code"}
    assert detail["code"] in errors.CODES


@contextmanager
def about(what: object) -> Iterator[None]:
    """Say which of many tries it was that failed."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"It was: {what}")
        raise


def named(error: dict[str, Any]) -> set[str]:
    """The fields that the details of an error name."""
    return {detail["field"] for detail in error.get("details", ())}


def coded(error: dict[str, Any]) -> set[tuple[str, str]]:
    """The fields that the details of an error name, each with the code of what is wrong."""
    return {(detail["field"], detail["code"]) for detail in error.get("details", ())}
