"""The errors an API request can be answered with: an exception class for each, raised by stores and routes.

`jack.http.error_handlers` turns them into responses.
"""

from __future__ import annotations

from typing import ClassVar, Literal, TypedDict

DetailCode = Literal[
    "required",
    "blank",
    "unknown_field",
    "unknown_parameter",
    "wrong_type",
    "too_short",
    "too_long",
    "too_many",
    "not_one_line",
    "forbidden_characters",
    "not_an_email",
    "not_a_phone_number",
    "not_a_language",
    "not_a_time",
    "not_a_time_zone",
    "not_a_country",
    "not_a_url",
    "not_a_colour",
    "out_of_range",
    "not_a_choice",
    "nothing_to_change",
    "taken",
    "common_password",
    "no_such",
    "unknown_department",
    "unsupported_file",
    "secret_needed",
    "unknown_variable",
    "missing_value",
    "invalid",
]

# What each code of `error.details` means. Clients decide by them: a code is never renamed, and its meaning never changed.
CODES: dict[DetailCode, str] = {
    "required": "The field is missing, or null where a value is needed.",
    "blank": "The text or the file is empty, or the text is only spaces.",
    "unknown_field": "The body has a field that is not documented.",
    "unknown_parameter": "The query has a parameter that is not documented.",
    "wrong_type": "The value has another type than the documented one.",
    "too_short": "The text has too few characters, or the list too few items.",
    "too_long": "The text has too many characters, or the value too many bytes.",
    "too_many": "The list has too many items, or a parameter or file is sent more than once.",
    "not_one_line": "The text has a line break where none is allowed.",
    "forbidden_characters": "The text has control characters or lone surrogates.",
    "not_an_email": "The text is not an e-mail address.",
    "not_a_phone_number": "The text is not a phone number.",
    "not_a_language": "The text is not a language tag such as `en` or `es-MX`.",
    "not_a_time": "The text is not a time in the documented format.",
    "not_a_time_zone": "The text is not the name of a time zone such as `Europe/Madrid`.",
    "not_a_country": "The text is not a country code of two capital letters.",
    "not_a_url": "The text is not an address such as `https://www.hotel.example`.",
    "not_a_colour": "The text is not a colour such as `#0d6a5b`.",
    "out_of_range": "The number or time is lower or higher than allowed.",
    "not_a_choice": "The value is not one of the documented choices.",
    "nothing_to_change": "The body names no field to change.",
    "taken": "Somebody else has this e-mail address or phone number.",
    "common_password": "The password is among the most common ones.",
    "no_such": "The id names nothing that exists and can be used here.",
    "unknown_department": "The hotel has no such department.",
    "unsupported_file": "Files of this type cannot be sent.",
    "secret_needed": "The mask cannot keep this secret: what says where it is sent, or as whom, changes. Give it again.",
    "unknown_variable": "The text has a variable that does not exist, or a brace that belongs to none.",
    "missing_value": "A variable of the template has no value for this guest; `message` names it.",
    "invalid": "The value breaks a rule that has no code of its own; `message` says which.",
}


class Detail(TypedDict):
    """One field that is wrong: its path as the client wrote it (`items.3.email`), a sentence, and a key of `CODES`."""

    field: str
    message: str
    code: DetailCode


class JackError(Exception):
    """An error as the API answers it. `retry_after` is in seconds; `reason` is a word programs can decide by."""

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
    def field(cls, name: str, code: DetailCode, message: str) -> Invalid:
        """The error of a single field."""
        detail: Detail = {"field": name, "message": message, "code": code}
        return cls(f"{name}: {message}", details=[detail])


class Unauthorized(JackError):
    """401: `reason` is token_missing, token_invalid, token_expired, token_revoked, invalid_credentials, totp_required or totp_invalid."""

    status = 401
    code = "UNAUTHORIZED"


class Forbidden(JackError):
    """403: known, but not allowed; `reason` totp_setup_required: not before a second factor is set up.

    Of an API key, scope_missing: none of its scopes allows it; not_for_keys: no key may do it.
    """

    status = 403
    code = "FORBIDDEN"


class NotFound(JackError):
    """404: no such resource or path."""

    status = 404
    code = "NOT_FOUND"


class Gone(NotFound):
    """410: the resource is there no more, because it was merged into another; `merged_into` is the id of that."""

    status = 410
    code = "GONE"

    def __init__(self, message: str, *, merged_into: str) -> None:
        super().__init__(message, reason="merged")
        self.merged_into = merged_into

    def body(self) -> dict[str, object]:
        """With `mergedInto`."""
        return {**super().body(), "mergedInto": self.merged_into}


class Conflict(JackError):
    """409: the request contradicts what is stored. `existing_id`, of a duplicate: which resource is there already."""

    status = 409
    code = "CONFLICT"

    def __init__(
        self,
        message: str,
        *,
        details: list[Detail] | None = None,
        reason: str | None = None,
        existing_id: str | None = None,
    ) -> None:
        super().__init__(message, details=details, reason=reason)
        self.existing_id = existing_id

    def body(self) -> dict[str, object]:
        """With `existingId`, of a duplicate."""
        found = super().body()
        return {**found, "existingId": self.existing_id} if self.existing_id else found


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
