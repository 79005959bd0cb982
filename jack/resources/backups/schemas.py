"""The shapes of backups."""

from __future__ import annotations

from marshmallow import fields

from jack.http.field_errors import pattern
from jack.http.fields import Choice, when
from jack.http.schema import PageFilters, ResponseSchema, Schema
from jack.resources.auth.credential_fields import Password


class BackupFilters(PageFilters):
    """Which backups to list."""


class BackupCounts(ResponseSchema):
    """What was counted in the finished file. `damagedFiles`: attachments that are damaged on the server, too."""

    guests = fields.Integer()
    conversations = fields.Integer()
    messages = fields.Integer()
    tasks = fields.Integer()
    files = fields.Integer()
    damaged_files = fields.Integer()


class Backup(ResponseSchema):
    """A backup. `error` says why it has `failed`; `copiedAt` is null, with `copyError`, where it could not be copied off the machine."""

    id = fields.String()
    reason = Choice("nightly", "asked")
    status = Choice("queued", "running", "done", "failed")
    file = fields.String(allow_none=True)
    bytes = fields.Integer(allow_none=True)
    counts = fields.Nested(BackupCounts, allow_none=True)
    encrypted = fields.Boolean()
    error = fields.String(allow_none=True)
    copied_at = when(allow_none=True)
    copy_error = fields.String(allow_none=True)
    created_at = when()
    finished_at = when(allow_none=True)


class BackupRelease(Schema):
    """One's own password, again."""

    password = Password()


class BackupToken(ResponseSchema):
    """What lets oneself download this one backup, for ten minutes."""

    token = fields.String()
    expires_at = when()


class BackupDownload(Schema):
    """The token of `POST /backups/:id/token`."""

    token = fields.String(
        validate=pattern(
            r"[0-9]{1,12}\.[0-9a-f]{64}", "invalid", "Not a token of POST /backups/:id/token."
        ),
        metadata={"pattern": r"^[0-9]{1,12}\.[0-9a-f]{64}$"},
    )
