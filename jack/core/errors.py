"""The error table of the contract: one exception class a row, raised by stores and routes, answered by `jack.api`."""

from __future__ import annotations

from typing import ClassVar, TypedDict


class Detail(TypedDict):
    """One field that is wrong, named as the client wrote it (`items.3.email`)."""

    field: str
    message: str


class JackError(Exception):
    """What a caller is told went wrong. `retry_after` is in seconds."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "INTERNAL_ERROR"

    def __init__(
        self,
        message: str,
        *,
        details: list[Detail] | None = None,
        reason: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        self.reason = reason
        self.retry_after = retry_after

    def body(self) -> dict[str, object]:
        """The `error` object of the envelope, without the request's id."""
        found: dict[str, object] = {"code": self.code, "message": self.message}
        if self.details:
            found["details"] = self.details
        if self.reason:
            found["reason"] = self.reason
        return found


class Invalid(JackError):
    """400: body, query or path not as documented."""

    status = 400
    code = "VALIDATION_ERROR"

    @classmethod
    def field(cls, name: str, message: str) -> Invalid:
        """The error of a single field."""
        return cls(f"{name}: {message}", details=[{"field": name, "message": message}])


class Unauthorized(JackError):
    """401: `reason` is token_missing, token_invalid, token_expired, token_revoked or invalid_credentials."""

    status = 401
    code = "UNAUTHORIZED"


class Forbidden(JackError):
    """403: known, but not allowed."""

    status = 403
    code = "FORBIDDEN"


class NotFound(JackError):
    """404: no such resource or path."""

    status = 404
    code = "NOT_FOUND"


class Conflict(JackError):
    """409: what is asked contradicts what is there."""

    status = 409
    code = "CONFLICT"


class PreconditionFailed(JackError):
    """412: `If-Match` names another version than the stored one."""

    status = 412
    code = "PRECONDITION_FAILED"


class PayloadTooLarge(JackError):
    """413: the body is over the limit."""

    status = 413
    code = "PAYLOAD_TOO_LARGE"


class UnsupportedMediaType(JackError):
    """415: a body that is not `application/json`."""

    status = 415
    code = "UNSUPPORTED_MEDIA_TYPE"


class RateLimited(JackError):
    """429: too many requests."""

    status = 429
    code = "RATE_LIMITED"


class Unavailable(JackError):
    """503: the database cannot take this now; nothing was half-written."""

    status = 503
    code = "UNAVAILABLE"
