"""The parts that responses share: their headers, and every error in its envelope."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from jack.core import errors
from jack.http.responses import JSON

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apispec import APISpec

    from jack.core.errors import JackError

REQUEST_ID = "5b0f0f7c6f1e4d2a9c8b7a65"
ALWAYS = ("X-Request-Id", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


class Refusal(NamedTuple):
    """An error status as it is described: the component's name, an example, and headers of its own."""

    name: str
    error: type[JackError]
    description: str
    example: dict[str, object]
    headers: tuple[str, ...] = ()


REFUSALS = {
    400: Refusal(
        "Invalid",
        errors.Invalid,
        "Body, query or path is not as documented",
        {
            "message": "name: Missing data for required field.",
            "details": [
                {
                    "field": "name",
                    "message": "Missing data for required field.",
                    "code": "required",
                }
            ],
        },
    ),
    401: Refusal(
        "Unauthorized",
        errors.Unauthorized,
        "No, bad, expired, revoked or incomplete credentials; `reason` says which",
        {"message": "The token is not valid.", "reason": "token_invalid"},
        ("WWW-Authenticate",),
    ),
    403: Refusal(
        "Forbidden",
        errors.Forbidden,
        "Known, but not allowed. `reason` is `totp_setup_required` before a second factor is set up; of an API key `scope_missing` or `not_for_keys`",
        {"message": "You are not allowed to do this."},
    ),
    404: Refusal("NotFound", errors.NotFound, "Not there", {"message": "Guest not found"}),
    409: Refusal(
        "Conflict",
        errors.Conflict,
        "Contradicts what is there, or the Idempotency-Key was used for another request; of a duplicate `existingId` is there already",
        {
            "message": "This Idempotency-Key was used for another request.",
            "reason": "idempotency_key_reused",
        },
    ),
    410: Refusal(
        "Gone",
        errors.Gone,
        "The guest was merged into another: `mergedInto` is that one's id",
        {
            "message": "This guest was merged into guest-01890a5d-ac96-774b-bcce-b302099a8057.",
            "reason": "merged",
            "mergedInto": "guest-01890a5d-ac96-774b-bcce-b302099a8057",
        },
    ),
    412: Refusal(
        "PreconditionFailed",
        errors.PreconditionFailed,
        "`If-Match` does not name the resource as it is now",
        {"message": "It has been changed since you read it. Read it again, then change it."},
    ),
    413: Refusal(
        "PayloadTooLarge",
        errors.PayloadTooLarge,
        "The body is over the limit",
        {"message": "The body is too large."},
    ),
    415: Refusal(
        "UnsupportedMediaType",
        errors.UnsupportedMediaType,
        "The body is not `application/json`, or where a file is taken `multipart/form-data`",
        {"message": "Send the body as application/json."},
    ),
    429: Refusal(
        "RateLimited",
        errors.RateLimited,
        "Too many requests",
        {"message": "Too many requests."},
        ("Retry-After",),
    ),
    500: Refusal(
        "InternalError",
        errors.JackError,
        "It went wrong on this side; the log knows the request's id",
        {"message": "Something went wrong on our side. It has been logged."},
    ),
    503: Refusal(
        "Unavailable",
        errors.Unavailable,
        "The database cannot take this now; nothing was half-written",
        {"message": "The database is busy. Nothing was changed; try again."},
        ("Retry-After",),
    ),
}
CODES = [*(refusal.error.code for refusal in REFUSALS.values()), "METHOD_NOT_ALLOWED"]

HEADERS = {
    "X-Request-Id": (
        "The request's id: the client's own if it is sane, else a new one",
        {"type": "string"},
    ),
    "X-RateLimit-Limit": ("Requests in a window", {"type": "integer", "examples": [100]}),
    "X-RateLimit-Remaining": (
        "Requests left in this window",
        {"type": "integer", "examples": [95]},
    ),
    "X-RateLimit-Reset": (
        "When the window ends, in epoch seconds",
        {"type": "integer", "examples": [1704067200]},
    ),
    "ETag": (
        "The version of what is answered",
        {"type": "string", "examples": ['"9f2c4be81d07a3560e71c2aa"']},
    ),
    "Content-Disposition": (
        "That it is to be saved, and under which name",
        {"type": "string", "pattern": "^attachment; "},
    ),
    "X-Row-Count": (
        "How many rows the file has, so that one which is cut short is seen",
        {"type": "integer", "minimum": 0},
    ),
    "Location": ("Where what was created is", {"type": "string", "format": "uri-reference"}),
    "Link": (
        "Of a list: where its next part is, when there is one (RFC 8288)",
        {"type": "string", "examples": ['</api/v1/guests?page=2>; rel="next"']},
    ),
    "Retry-After": ("Seconds to wait before trying again", {"type": "integer", "minimum": 1}),
    "Idempotency-Replayed": (
        "There when this is the first answer to the `Idempotency-Key`, sent again",
        {"type": "string", "examples": ["true"]},
    ),
    "WWW-Authenticate": ("How to sign in", {"type": "string", "examples": ["Bearer"]}),
}


def add_to(spec: APISpec) -> None:
    """Put headers and errors among the components, for operations to name."""
    for name, (description, schema) in HEADERS.items():
        spec.components.header(
            name, {"description": description, "required": name in ALWAYS, "schema": schema}
        )
    for refusal in REFUSALS.values():
        spec.components.response(refusal.name, _refused(refusal))


def _refused(refusal: Refusal) -> dict[str, object]:
    error = {"code": refusal.error.code, **refusal.example, "requestId": REQUEST_ID}
    content = {
        "schema": {"$ref": "#/components/schemas/ErrorAnswer"},
        "example": {"success": False, "error": error},
    }
    return {
        "description": refusal.description,
        "headers": headers(refusal.headers),
        "content": {JSON: content},
    }


def headers(names: Iterable[str]) -> dict[str, str]:
    """The headers of an answer: those every answer has, and these; a name stands for its component."""
    return {name: name for name in (*ALWAYS, *names)}
