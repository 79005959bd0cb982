"""Which messages to list."""

from __future__ import annotations

from marshmallow import validates_schema

from jack.http.field_errors import FieldError
from jack.http.fields import Choice, Moment, QueryFlag, Text
from jack.http.schema import CursorFilters, Loaded, PageFilters, Schema

MESSAGE_STATUSES = (
    "received",
    "scheduled",
    "cancelled",
    "queued",
    "sending",
    "sent",
    "delivered",
    "read",
    "failed",
    "unknown",
)


class MessageFilters(CursorFilters):
    """Which messages to list."""

    order = Choice(
        "asc",
        "desc",
        "created",
        "changed",
        metadata={
            "description": "Of a page: `asc`, unless given, oldest first, or `desc`, newest first. Of a `cursor`: `created`, the "
            "order of creation, or `changed`, that of the last change"
        },
    )

    status = Choice(*MESSAGE_STATUSES)
    around = Text(
        64,
        line=True,
        metadata={"description": "A message: the page is the one that has it"},
    )

    search = Text(
        100,
        line=True,
        metadata={
            "description": "Words, each of which is in the message, or begins one in it; not with `cursor`"
        },
    )

    class Meta(Schema.Meta):
        exclude = ("updated_since",)  # a message has no `updatedAt`

    @validates_schema(pass_original=True)
    def one_place(self, data: Loaded, original: Loaded, **kwargs: object) -> None:
        """A message says by itself which page; and words are looked for in pages."""
        for name in ("page", "cursor", "createdSince", "status", "search"):
            if "around" in data and name in original:
                raise FieldError("invalid", "Does not go with around.", name)
        if "search" in data and "cursor" in original:
            raise FieldError("invalid", "Does not go with cursor.", "search")


class AllMessageFilters(MessageFilters):
    """Which messages of all conversations to list; there are no pages of them."""

    cursor = Text(
        64,
        min=0,
        line=True,
        load_default="",
        metadata={
            "description": "Empty at first, then the `meta.cursor` of the answer before, for ever"
        },
    )
    order = Choice(
        "created", "changed", metadata={"description": "That of creation, or of the last change"}
    )
    conversation_id = Text(64, line=True)

    class Meta(Schema.Meta):
        exclude = ("around", "page", "search", "updated_since")


class GuestMessageFilters(PageFilters):
    """Which messages of a guest to list, of all their conversations: in pages only, for a merge brings messages of any age."""

    order = Choice(
        "asc",
        "desc",
        metadata={"description": "`desc`, unless given, newest first, or `asc`, oldest first"},
    )
    status = Choice(*MESSAGE_STATUSES)
    created_since = Moment()
    has_files = QueryFlag(metadata={"description": "Whether it came or left with files"})
