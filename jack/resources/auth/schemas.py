"""The shapes of signing in."""

from __future__ import annotations

from collections.abc import Mapping

from marshmallow import fields

from jack.http.field_errors import FieldError
from jack.http.fields import Choice, Email, Text, when
from jack.http.schema import ResponseSchema, Schema
from jack.resources.auth.passwords import MAX, MIN

# Blanks, then something visible, then anything; and no line break anywhere.
PASSWORD_PATTERN = r"^[^\S\x0a-\x1f\x85]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0a-\x1f\x7f-\x9f]*$"


class Password(Text):
    """A password, character for character as it was typed, on one line."""

    def __init__(self, *, min: int = 1) -> None:
        metadata = {"format": "password", "pattern": PASSWORD_PATTERN}
        super().__init__(MAX, min=min, required=True, metadata=metadata)

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **kwargs: object
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if "\n" in text:
            raise FieldError("not_one_line", "Must be a single line.")
        return text


class Login(Schema):
    """E-mail and password."""

    email = Text(254, required=True, line=True)
    password = Password()


class Setup(Schema):
    """The very first administrator."""

    token = Text(128, required=True, line=True)
    name = Text(200, required=True, line=True)
    email = Email(required=True)
    password = Password(min=MIN)


class AcceptInvite(Schema):
    """The token of an invitation, and the password its member chooses."""

    token = Text(128, required=True, line=True)
    password = Password(min=MIN)


class ForgottenPassword(Schema):
    """Whose password is forgotten."""

    email = Text(254, required=True, line=True)


class PasswordChange(Schema):
    """One's own password, the old one and the new."""

    current_password = Password()
    new_password = Password(min=MIN)


class User(ResponseSchema):
    """Who is signed in."""

    id = fields.String()
    name = fields.String()
    email = fields.String()
    role = Choice("admin", "manager", "staff")
    department = fields.String(allow_none=True)


class Session(ResponseSchema):
    """A token, until when it is valid, and for whom.

    Jack's own page, which sends `X-Jack-Page: 1`, gets the token as a cookie; in its answer it is `null`.
    """

    token = fields.String()
    expires_at = when()
    user = fields.Nested(User)


class SignedOut(ResponseSchema):
    """That the session has ended."""

    signed_out = fields.Boolean()


class PasswordResetRequested(ResponseSchema):
    """That the request was accepted. It is the same for every address."""

    accepted = fields.Boolean()


class PasswordChanged(ResponseSchema):
    """That the password has been changed."""

    changed = fields.Boolean()
