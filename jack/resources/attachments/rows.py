"""Rows of attachments: as they are stored, shown and read."""

from __future__ import annotations

from typing import TypedDict


class AttachmentRow(TypedDict):
    """A file of a message: `status` is `ready`, `pending` or `failed`; `size` in bytes, `digest` and `file` once it is ready.

    `duration` of a sound or video is in seconds; `preview_id` is the attachment that is a JPEG of this one.
    """

    id: str
    status: str
    name: str
    mime: str
    size: int | None
    digest: str | None
    file: str | None
    error: str | None
    created_at: str
    duration: float | None
    preview_id: str | None


class MessageFileRow(AttachmentRow):
    """A file and the message it belongs to."""

    message_id: str


class ShownAttachment(AttachmentRow):
    """An attachment with the path of its URL, None until the file is ready, and that of its JPEG, if it has one."""

    url: str | None
    preview_url: str | None


class ReadyFile(TypedDict):
    """A file that is on the disk, at `path`; `size` in bytes, `digest` SHA-256 in hex."""

    id: str
    name: str
    mime: str
    size: int
    digest: str
    path: str
