"""The shapes of staff."""

from __future__ import annotations

from marshmallow import fields

from jack.http.fields import Choice, Email, Flag, Text, when
from jack.http.schema import CursorFilters, Patch, ResponseSchema, Schema

ROLES = ("admin", "manager", "staff")


class MemberCreate(Schema):
    """A new member, who will choose a password by invitation."""

    name = Text(200, required=True, line=True)
    email = Email(required=True)
    role = Choice(*ROLES, load_default="staff")
    department = Text(64, line=True, allow_none=True)


class MemberPatch(Patch):
    """What of a member is to change."""

    name = Text(200, line=True)
    role = Choice(*ROLES)
    department = Text(64, line=True, allow_none=True)
    active = Flag()


class MemberFilters(CursorFilters):
    """Which members to list."""


class Member(ResponseSchema):
    """A member of staff. `invited`: has not chosen a password yet. `totpEnabled`: has a second factor; null to all but administrators."""

    live = ("last_seen_at",)

    id = fields.String()
    name = fields.String()
    email = fields.String()
    role = Choice(*ROLES)
    department = fields.String(allow_none=True)
    active = fields.Boolean()
    invited = fields.Boolean()
    totp_enabled = fields.Boolean(allow_none=True)
    last_seen_at = when(allow_none=True)
    created_at = when()
    updated_at = when()


class Invite(ResponseSchema):
    """A one-time link; shown this once. `mailedTo`: the address to which it is also sent, where the e-mail channel works; else null."""

    token = fields.String()
    url = fields.String()
    expires_at = when()
    mailed_to = fields.String(allow_none=True)


class InvitedMember(Member):
    """A new member and the invitation to hand over."""

    invite = fields.Nested(Invite)
