"""The shapes of accounts."""

from __future__ import annotations

from marshmallow import fields

from jack.channels.types import CHANNEL_NAMES
from jack.http.fields import Choice, Text, when
from jack.http.schema import PageFilters, ResponseSchema


class ChannelFilters(PageFilters):
    """Which channels to list."""


class ChannelAccount(ResponseSchema):
    """A channel and how its account is.

    `working` once a test or a message has passed with the settings as they are now, `untested` until then; `failing` when the account, not
    one message, has failed since.
    `paused`: the account does not work. Its queue is kept, and tried with one message at `pausedUntil`; putting the
    setting `channels.<channel>` or a successful test ends the pause at once. `polledAt` is when the mailbox last answered.
    """

    channel = Choice(*CHANNEL_NAMES)
    enabled = fields.Boolean()
    configured = fields.Boolean()
    state = Choice("working", "untested", "failing", "paused", "off", "not_configured")
    queue_length = fields.Integer()
    last_inbound_at = when(allow_none=True)
    last_outbound_at = when(allow_none=True)
    last_error = fields.String(allow_none=True)
    last_error_at = when(allow_none=True)
    paused_at = when(allow_none=True)
    paused_until = when(allow_none=True)
    paused_because = fields.String(allow_none=True)
    polled_at = when(allow_none=True)


class ChannelTestBegun(ResponseSchema):
    """A test that the worker is about to do."""

    id = fields.String()


class ChannelTestStep(ResponseSchema):
    """A step that has ended: which, whether it succeeded, what was found in plain words, and how many milliseconds it took.

    `name` is where and what: `imap.look_up`, `imap.connect`, `imap.encrypt`, `imap.greet`, `imap.sign_in`,
    `imap.open_folder`, the same of `smtp` as far as it has them, `api.look_up`, `api.connect`, `api.encrypt`,
    `api.credentials`, `api.api_key`, `web.ready`; of a letter also `smtp.hand_over`; `worker`, `settings` and `test` say what is wrong in Jack itself.
    """

    name = fields.String()
    ok = fields.Boolean()
    message = fields.String()
    ms = fields.Integer()


class ChannelTest(ResponseSchema):
    """A test of an account, with the steps that have ended so far. It is over within ten seconds."""

    id = fields.String()
    channel = Choice(*CHANNEL_NAMES)
    status = Choice("running", "ok", "failed")
    steps = fields.List(fields.Nested(ChannelTestStep()))


class WhatsAppTemplateFilters(PageFilters):
    """Which templates to list."""

    status = Text(
        40,
        line=True,
        metadata={"description": "`approved`, `pending`, `rejected`, `paused`, `disabled`"},
    )


class KnownTemplateParameter(ResponseSchema):
    """What a text is filled with: `1` or a name, and an example."""

    name = fields.String()
    example = fields.String(allow_none=True)


class KnownTemplateHeader(ResponseSchema):
    """The header of a template: a text, which may have parameters, or a kind of file, or a place."""

    type = Choice("text", "image", "video", "document", "location")
    text = fields.String(allow_none=True)
    parameters = fields.List(fields.Nested(KnownTemplateParameter()))


class KnownTemplateButton(ResponseSchema):
    """A button: `quick_reply`, `url`, `phone_number`, `copy_code` or another of Meta's. `parameter`: a text has to be given for it."""

    type = fields.String()
    text = fields.String(allow_none=True)
    url = fields.String(allow_none=True)
    parameter = fields.Boolean()


class WhatsAppTemplate(ResponseSchema):
    """A message template of WhatsApp's. `parameters` are those of the `body`, in the order in which a list of texts fills them."""

    name = fields.String()
    language = fields.String()
    status = fields.String()
    category = fields.String()
    header = fields.Nested(KnownTemplateHeader, allow_none=True)
    body = fields.String()
    footer = fields.String(allow_none=True)
    buttons = fields.List(fields.Nested(KnownTemplateButton()))
    parameters = fields.List(fields.Nested(KnownTemplateParameter()))
