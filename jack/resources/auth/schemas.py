"""The shapes of signing in."""

from __future__ import annotations

from marshmallow import fields

from jack.http.fields import Choice, Email, Text, when
from jack.http.schema import PageFilters, ResponseSchema, Schema
from jack.resources.auth.credential_fields import Code, Password
from jack.resources.auth.passwords import MIN


class Login(Schema):
    """E-mail and password; `totp` of a member who has a second factor: a code of their app, or a recovery code."""

    email = Text(254, required=True, line=True)
    password = Password()
    totp = Code()


class Setup(Schema):
    """The very first administrator."""

    token = Text(128, required=True, line=True)
    name = Text(200, required=True, line=True)
    email = Email(required=True)
    password = Password(min=MIN)


class AcceptInvite(Schema):
    """The token of an invitation, and the password its member chooses; `totp` as at sign-in."""

    token = Text(128, required=True, line=True)
    password = Password(min=MIN)
    totp = Code()


class ForgottenPassword(Schema):
    """Whose password is forgotten."""

    email = Text(254, required=True, line=True)


class PasswordChange(Schema):
    """One's own password, the old one and the new."""

    current_password = Password()
    new_password = Password(min=MIN)


class SessionFilters(PageFilters):
    """Which of one's own sessions to list."""


class User(ResponseSchema):
    """Who is signed in."""

    id = fields.String()
    name = fields.String()
    email = fields.String()
    role = Choice("admin", "manager", "staff")
    department = fields.String(allow_none=True)


class CurrentUser(User):
    """Who asks: a member of staff, or an API key, whose `role` is `integration`.

    A key has neither `email` nor `department`; `scopes`, what it may do, is there for keys only.
    """

    role = Choice("admin", "manager", "staff", "integration")
    scopes = fields.List(fields.String())

    def on_bind_field(self, field_name: str, field_obj: fields.Field[object]) -> None:
        """Make only those fields required that both have."""
        super().on_bind_field(field_name, field_obj)
        field_obj.required = field_name in ("id", "name", "role")


class Session(ResponseSchema):
    """A token, until when it is valid, and for whom.

    Jack's own page, which sends `X-Jack-Page: 1`, gets the token as a cookie; in its answer it is `null`.
    """

    token = fields.String()
    expires_at = when()
    user = fields.Nested(User)


class Device(ResponseSchema):
    """A session of one's own. `lastUsedAt` is right to five minutes; `current`: it is the one that asks."""

    id = fields.String()
    created_at = when()
    last_used_at = when()
    ip = fields.String(allow_none=True)
    user_agent = fields.String(allow_none=True)
    current = fields.Boolean()


class SignedOut(ResponseSchema):
    """That the session has ended."""

    signed_out = fields.Boolean()


class PasswordResetRequested(ResponseSchema):
    """That the request was accepted. It is the same for every address."""

    accepted = fields.Boolean()


class PasswordChanged(ResponseSchema):
    """That the password has been changed."""

    changed = fields.Boolean()
