"""The shapes of stays."""

from __future__ import annotations

from marshmallow import fields

from jack.http.day_fields import Day, TimeOfDay
from jack.http.field_errors import Length
from jack.http.fields import Choice, Ids, Items, Number, Text, when
from jack.http.link_fields import ExternalId, Metadata, pairs
from jack.http.schema import CursorFilters, Patch, ResponseSchema, Schema
from jack.resources.stays.rows import STATUSES

NOTES = 10_000
PEOPLE = 99
MOST_COMPANIONS = 50
ETA = {"description": "When they think to arrive, in the hotel's time"}
GUEST = {"description": "Null while it is not known who comes"}
COMPANIONS = {"description": "Guests who stay with them"}
ABOUT_SOURCE = {"description": "Where it was booked: `direct`, `booking.com`"}


class Companions(fields.List[str]):
    """The ids of who stays with the guest."""

    def __init__(self) -> None:
        super().__init__(
            Text(64, line=True), validate=Length(max=MOST_COMPANIONS), metadata=COMPANIONS
        )


class StayCreate(Schema):
    """A new stay. Its days are those of the hotel's time zone; for a day use `departure` is the day of `arrival`."""

    guest_id = Text(64, line=True, allow_none=True, metadata=GUEST)
    companions = Companions()
    room = Text(32, line=True, allow_none=True)
    room_type = Text(100, line=True, allow_none=True)
    arrival = Day(required=True)
    departure = Day(required=True)
    eta = TimeOfDay(allow_none=True, metadata=ETA)
    adults = Number(0, PEOPLE, load_default=1)
    children = Number(0, PEOPLE, load_default=0)
    status = Choice(*STATUSES, load_default="booked")
    source = Text(100, line=True, allow_none=True, metadata=ABOUT_SOURCE)
    confirmation = Text(100, line=True, allow_none=True)
    external_id = ExternalId(allow_none=True)
    notes = Text(NOTES, min=0, allow_none=True)
    metadata = Metadata(allow_none=True)


class StayPatch(Patch):
    """What of a stay is to change; null clears. Any status may follow any: a program may have been away for a while."""

    guest_id = Text(64, line=True, allow_none=True, metadata=GUEST)
    companions = Companions()
    room = Text(32, line=True, allow_none=True)
    room_type = Text(100, line=True, allow_none=True)
    arrival = Day()
    departure = Day()
    eta = TimeOfDay(allow_none=True, metadata=ETA)
    adults = Number(0, PEOPLE)
    children = Number(0, PEOPLE)
    status = Choice(*STATUSES)
    source = Text(100, line=True, allow_none=True, metadata=ABOUT_SOURCE)
    confirmation = Text(100, line=True, allow_none=True)
    external_id = ExternalId(allow_none=True)
    notes = Text(NOTES, min=0, allow_none=True)
    metadata = Metadata(allow_none=True)


class StayUpsert(Schema):
    """A stay by the id another program has for it: what is left out stays as it is, a new one needs its two days."""

    guest_id = Text(64, line=True, allow_none=True, metadata=GUEST)
    companions = Companions()
    room = Text(32, line=True, allow_none=True)
    room_type = Text(100, line=True, allow_none=True)
    arrival = Day()
    departure = Day()
    eta = TimeOfDay(allow_none=True, metadata=ETA)
    adults = Number(0, PEOPLE)
    children = Number(0, PEOPLE)
    status = Choice(*STATUSES)
    source = Text(100, line=True, allow_none=True, metadata=ABOUT_SOURCE)
    confirmation = Text(100, line=True, allow_none=True)
    notes = Text(NOTES, min=0, allow_none=True)
    metadata = Metadata(allow_none=True)


class StayUpsertItem(StayUpsert):
    """One of several stays."""

    external_id = ExternalId(required=True)


class StayUpserts(Schema):
    """Up to 500 stays."""

    items = Items(StayUpsertItem)


class StayBulk(Schema):
    """Up to 500 new stays."""

    items = Items(StayCreate)


class StayBulkPatch(Schema):
    """The same change to up to 500 stays."""

    ids = Ids()
    changes = fields.Nested(StayPatch, required=True)


class StayFilters(CursorFilters):
    """Which stays to list."""

    status = fields.List(
        Choice(*STATUSES), metadata={"description": "May repeat: a stay has one of them"}
    )
    room = Text(32, line=True)
    guest_id = Text(64, line=True, metadata={"description": "Whose it is, companions too"})
    on = Day(metadata={"description": "At the hotel that night; neither cancelled nor a no-show"})
    arrival_from = Day()
    arrival_to = Day(metadata={"description": "That day or earlier"})
    departure_from = Day()
    departure_to = Day(metadata={"description": "That day or earlier"})
    search = Text(
        200,
        line=True,
        metadata={
            "description": "Parts of a guest's name, e-mail or phone, of room, confirmation, source or notes"
        },
    )
    external_id = ExternalId()
    sort = Choice(
        "arrival",
        "-arrival",
        "room",
        metadata={"description": "`-arrival`, unless given: the latest arrival first"},
    )


class GuestOfStay(ResponseSchema):
    """Who stays."""

    id = fields.String()
    name = fields.String()


class Stay(ResponseSchema):
    """A stay. `nights` is 0 for a day use; `guest` is null while it is not known who comes, and after an erasure."""

    id = fields.String()
    guest_id = fields.String(allow_none=True)
    guest = fields.Nested(GuestOfStay, allow_none=True)
    companions = fields.List(fields.String())
    room = fields.String(allow_none=True)
    room_type = fields.String(allow_none=True)
    arrival = fields.String(metadata={"format": "date"})
    departure = fields.String(metadata={"format": "date"})
    nights = fields.Integer()
    eta = fields.String(allow_none=True)
    adults = fields.Integer()
    children = fields.Integer()
    status = Choice(*STATUSES)
    source = fields.String(allow_none=True)
    confirmation = fields.String(allow_none=True)
    external_id = fields.String(allow_none=True)
    notes = fields.String(allow_none=True)
    metadata = pairs("What other programs note")
    created_at = when()
    updated_at = when()
