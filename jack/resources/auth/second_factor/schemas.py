"""The shapes of the second factor."""

from __future__ import annotations

from marshmallow import fields

from jack.http.fields import when
from jack.http.schema import ResponseSchema, Schema
from jack.resources.auth.credential_fields import Code, Password


class TotpConfirmation(Schema):
    """The first code of the app that was set up."""

    totp = Code(required=True)


class TotpRemoval(Schema):
    """One's own password, and a code of the app or a recovery code."""

    password = Password()
    totp = Code(required=True)


class SecondFactor(ResponseSchema):
    """One's own second factor. `required`: the setting `security` asks for one."""

    enabled = fields.Boolean()
    required = fields.Boolean()
    enabled_at = when(allow_none=True)
    recovery_codes_left = fields.Integer()


class PendingTotp(ResponseSchema):
    """What an authenticator app is told: the secret in base 32, the same as an `otpauth:` URI, and that as a QR code."""

    secret = fields.String()
    otpauth_uri = fields.String()
    qr_code = fields.String(metadata={"description": "A `data:` URI of an SVG picture"})


class RecoveryCodes(ResponseSchema):
    """Ten codes, each of which stands in for the app once; shown this once."""

    recovery_codes = fields.List(fields.String())
