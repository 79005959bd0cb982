"""The shapes of the naive stack: what may be asked, and what is answered."""

from marshmallow import RAISE, Schema, fields, validate

DUE = {"urgent": 15, "high": 30, "normal": 120, "low": 1440}


class GuestSchema(Schema):
    """A guest as answered."""

    id = fields.String()
    name = fields.String()
    email = fields.String()
    phone = fields.String()
    tags = fields.List(fields.String())
    notes = fields.String()
    language = fields.String()
    created_at = fields.String(data_key="createdAt")
    updated_at = fields.String(data_key="updatedAt")


class TaskSchema(Schema):
    """A task as answered."""

    id = fields.String()
    title = fields.String()
    description = fields.String()
    department = fields.String()
    priority = fields.String()
    status = fields.String()
    guest_id = fields.String(data_key="guestId")
    conversation_id = fields.String(data_key="conversationId")
    room = fields.String()
    assignee = fields.String(attribute="assignee_id")
    due_at = fields.String(data_key="dueAt")
    overdue = fields.Boolean()
    notes = fields.String()
    completed_at = fields.String(data_key="completedAt")
    created_at = fields.String(data_key="createdAt")
    updated_at = fields.String(data_key="updatedAt")


class MetaSchema(Schema):
    """Where a page lies."""

    page = fields.Integer()
    limit = fields.Integer()
    total = fields.Integer()
    pages = fields.Integer()


class GuestAnswer(Schema):
    """One guest in its envelope."""

    success = fields.Boolean()
    data = fields.Nested(GuestSchema)


class GuestPage(Schema):
    """A page of guests in its envelope."""

    success = fields.Boolean()
    data = fields.List(fields.Nested(GuestSchema))
    meta = fields.Nested(MetaSchema)


class TaskAnswer(Schema):
    """One task in its envelope."""

    success = fields.Boolean()
    data = fields.Nested(TaskSchema)


class GuestFilters(Schema):
    """What a list of guests may be asked for."""

    page = fields.Integer(load_default=1, validate=validate.Range(min=1))
    limit = fields.Integer(load_default=20, validate=validate.Range(min=1, max=100))
    search = fields.String(load_default=None, validate=validate.Length(max=200))
    tag = fields.String(load_default=None, validate=validate.Length(max=64))


class TaskCreate(Schema):
    """What a new task is made of."""

    class Meta:
        unknown = RAISE

    title = fields.String(required=True, validate=validate.Length(min=1, max=200))
    description = fields.String(load_default=None, validate=validate.Length(max=4096))
    department = fields.String(required=True, validate=validate.Regexp(r"^[a-z][a-z0-9-]{0,63}$"))
    priority = fields.String(load_default="normal", validate=validate.OneOf(list(DUE)))
    guest_id = fields.String(data_key="guestId", load_default=None)
