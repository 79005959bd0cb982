"""The shapes of guests."""

from __future__ import annotations

from marshmallow import fields

from jack.http.fields import Choice, Email, Flag, Items, Language, Moment, Tags, Text, when
from jack.http.link_fields import ExternalId, ExternalIds, Metadata, UpsertOptions, pairs
from jack.http.live_fields import current_stay
from jack.http.schema import CursorFilters, Patch, ResponseSchema, Schema

NOTES = 10_000
PHONE = {
    "description": "Stored in E.164 (`+15551234567`) when it is a possible number, else as written; at most 15 digits. `00` is "
    "read as `+`; `tel:`, `whatsapp:` and an extension (`ext. 12`, `x12`) are understood, and are not part of what is stored"
}
BLOCKED = {
    "description": "What they write is kept, and notifies nobody, reopens nothing and waits for no answer; nothing automatic is sent to them"
}
REASONS = ("same_phone", "claimed_email", "same_phone_ending", "same_name", "same_language")


class ConsentWrite(Schema):
    """What a guest has said of messages on a channel. `at` is now unless it is said; `source` is `staff` or `integration`."""

    state = Choice("given", "withdrawn", "unknown", required=True)
    at = Moment(allow_none=True, metadata={"description": "When they said so; not in the future"})
    source = Text(
        200,
        line=True,
        allow_none=True,
        metadata={"description": "Where it is known from: a form, a call, another program"},
    )


class ConsentsWrite(Schema):
    """What is to be noted of a guest's consents, channel by channel; what is left out stays. null is `unknown`.

    `given` is 409 `opted_out` where they have written STOP: only they can take that back.
    """

    whatsapp = fields.Nested(ConsentWrite, allow_none=True)
    sms = fields.Nested(ConsentWrite, allow_none=True)
    email = fields.Nested(ConsentWrite, allow_none=True)


class Consent(ResponseSchema):
    """What a guest has said of messages on a channel, and since when. `withdrawn`: nothing is sent to them there.

    `source` says where it is known from: `guest` for a STOP, which only they take back by writing START; else as it was noted.
    """

    state = Choice("given", "withdrawn", "unknown")
    at = when(allow_none=True)
    source = fields.String(allow_none=True)


class Consents(ResponseSchema):
    """What a guest has said of messages, by channel."""

    whatsapp = fields.Nested(Consent)
    sms = fields.Nested(Consent)
    email = fields.Nested(Consent)


class GuestCreate(Schema):
    """A new guest. `externalId` may be `source:id`, which is the same as an id of that source in `externalIds`."""

    name = Text(200, required=True, line=True)
    email = Email(allow_none=True)
    phone = Text(40, min=3, line=True, allow_none=True, metadata=PHONE)
    tags = Tags(load_default=list)
    notes = Text(NOTES, min=0, allow_none=True)
    language = Language(allow_none=True)
    external_id = ExternalId(allow_none=True)
    external_ids = ExternalIds(allow_none=True)
    metadata = Metadata(allow_none=True)
    blocked = Flag(load_default=False, metadata=BLOCKED)
    consents = fields.Nested(ConsentsWrite)


class GuestPatch(Patch):
    """What of a guest is to change; null clears."""

    name = Text(200, line=True)
    email = Email(allow_none=True)
    phone = Text(40, min=3, line=True, allow_none=True, metadata=PHONE)
    tags = Tags()
    notes = Text(NOTES, min=0, allow_none=True)
    language = Language(allow_none=True)
    external_id = ExternalId(allow_none=True)
    external_ids = ExternalIds(allow_none=True)
    metadata = Metadata(allow_none=True)
    blocked = Flag(metadata=BLOCKED)
    consents = fields.Nested(ConsentsWrite)


class GuestUpsert(Schema):
    """A guest by the id another program has for them: what is left out stays as it is, a new one needs a name."""

    name = Text(200, line=True)
    email = Email(allow_none=True)
    phone = Text(40, min=3, line=True, allow_none=True)
    tags = Tags()
    notes = Text(NOTES, min=0, allow_none=True)
    language = Language(allow_none=True)
    external_ids = ExternalIds(allow_none=True)
    metadata = Metadata(allow_none=True)
    blocked = Flag(metadata=BLOCKED)
    consents = fields.Nested(ConsentsWrite)


class GuestUpsertItem(GuestUpsert):
    """One of several guests."""

    external_id = ExternalId(required=True)


class GuestUpserts(Schema):
    """Up to 500 guests."""

    items = Items(GuestUpsertItem)


class GuestUpsertOptions(UpsertOptions):
    """What is to happen with guests who are there already, or are no more."""

    on_match = Choice(
        "link",
        "error",
        load_default="link",
        metadata={
            "description": "A guest who has the e-mail or phone, and no id of this source yet, is given it; or it is an error"
        },
    )


class GuestFilters(CursorFilters):
    """Which guests to list."""

    search = Text(
        200,
        line=True,
        metadata={
            "description": "Any part of name, e-mail or phone digits, or the room they have now or next"
        },
    )
    tag = fields.List(
        Text(50, line=True), metadata={"description": "May repeat: a guest must have every one"}
    )
    email = Email(metadata={"description": "This address, without regard to case"})
    phone = Text(
        40, min=3, line=True, metadata={"description": "This number, however it is written"}
    )
    sort = Choice(
        "name",
        "-createdAt",
        "-updatedAt",
        "-lastMessageAt",
        metadata={"description": "By name, or the latest first; `-createdAt` unless given"},
    )
    external_id = ExternalId(metadata={"description": "Exactly; `source:id` for one of a source"})


class GuestBulk(Schema):
    """Up to 500 new guests."""

    items = Items(GuestCreate)


class GuestMerge(Schema):
    """Who is the same person."""

    guest_id = Text(64, required=True, line=True)


class Guest(ResponseSchema):
    """A guest's profile. `stay` is no part of the ETag, of `updatedAt` and of events."""

    live = ("stay",)

    id = fields.String()
    name = fields.String()
    email = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    tags = fields.List(fields.String())
    notes = fields.String(allow_none=True)
    language = fields.String(allow_none=True)
    external_id = fields.String(
        allow_none=True,
        metadata={"description": "What another program calls them: an id, or `source:id`"},
    )
    external_ids = pairs("An id for each source")
    metadata = pairs("What other programs note")
    blocked = fields.Boolean(metadata=BLOCKED)
    consents = fields.Nested(Consents)
    stay = current_stay()
    created_at = when()
    updated_at = when()


class Evidence(ResponseSchema):
    """A reason in words, with what is not proven. `proven`: both have been heard of from the same number."""

    reason = Choice(*REASONS)
    proven = fields.Boolean()
    message = fields.String()


class Duplicate(ResponseSchema):
    """Somebody who may be the same person: how likely, and why.

    `unproven` are the ids of those of the two who have written in the web chat only, where anybody can give any name and e-mail.
    """

    guest = fields.Nested(Guest)
    score = fields.Float(metadata={"minimum": 0, "maximum": 1})
    reasons = fields.List(Choice(*REASONS))
    evidence = fields.List(fields.Nested(Evidence))
    unproven = fields.List(fields.String())


class DuplicateMeta(ResponseSchema):
    """How many there are; ten at the most."""

    total = fields.Integer()


class Merge(ResponseSchema):
    """Two guests made one: who they are now, and until when it can be undone."""

    merge_id = fields.String(attribute="id")
    guest = fields.Nested(Guest)
    undo_until = when()


class Unmerged(ResponseSchema):
    """One guest made two again."""

    guest = fields.Nested(Guest)
    restored = fields.Nested(Guest)
