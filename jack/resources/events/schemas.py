"""The shapes of the event feed."""

from __future__ import annotations

from marshmallow import fields

from jack.core.events import TYPES
from jack.http.actor import Actor
from jack.http.field_errors import one_of
from jack.http.fields import QueryNumber, when
from jack.http.schema import ResponseSchema, Schema

MAX_EVENTS = 500


class EventFilters(Schema):
    """From where on, and how many."""

    after = QueryNumber(
        0, 2**53, load_default=0, metadata={"description": "`seq` of the last event known"}
    )
    limit = QueryNumber(1, MAX_EVENTS, load_default=100)


class Event(ResponseSchema):
    """Something happened to `subjectId`. Fetch it to see what it is like now. A change is one event, by the most specific type.

    For `conversation.message.…` the subject is the message; `actor.type` tells a guest's from ours. For `conversation.mentioned` it is
    the member whom the note names; for `automation.notified` the run, whose automation is the actor.
    """

    seq = fields.Integer()
    type = fields.String(
        validate=one_of(TYPES), metadata={"example": "conversation.message.created"}
    )
    subject_id = fields.String()
    conversation_id = fields.String(allow_none=True)
    actor_id = fields.String(allow_none=True)
    actor = fields.Nested(Actor)
    changed = fields.List(
        fields.String(),
        metadata={"description": "Names of fields; none for what is new or gone"},
    )
    created_at = when()


class EventMeta(ResponseSchema):
    """`cursor` is the `after` of the next call. `missed`: events after yours have been dropped; read everything anew."""

    cursor = fields.Integer()
    latest = fields.Integer()
    missed = fields.Boolean()
