"""`/channels`: how the hotel's accounts at its providers are, and trying them."""

from __future__ import annotations

from jack.channels.registry import CHANNELS
from jack.core.db import Database
from jack.core.errors import Conflict, NotFound
from jack.core.paging import Listed
from jack.http.access import ADMIN
from jack.http.blueprint import Blueprint
from jack.http.context import app_state, caller, get_db
from jack.http.schema import Loaded
from jack.resources.channel_accounts import channel_tests, health, store, templates
from jack.resources.channel_accounts.channel_tests import TestRow
from jack.resources.channel_accounts.connection import Connected, connected
from jack.resources.channel_accounts.schemas import (
    ChannelAccount,
    ChannelFilters,
    ChannelTest,
    ChannelTestBegun,
    WhatsAppTemplate,
    WhatsAppTemplateFilters,
)
from jack.resources.channel_accounts.templates import TemplateRow

blp = Blueprint(
    "channels", __name__, under="/channels", description="How the channels are", scope="settings"
)


class ChannelRow(store.AccountRow):
    """A channel and the state of its account."""

    channel: str
    enabled: bool
    configured: bool
    state: str
    queue_length: int


@blp.get("")
@blp.arguments(ChannelFilters, location="query")
@blp.response(200, ChannelAccount(many=True))
def list_channels(filters: Loaded) -> Listed[ChannelRow]:
    """List the channels, and how each is"""
    db, page = get_db(), filters["page"]
    names = list(CHANNELS)[page.offset : page.offset + page.limit]
    url = app_state().config.base_url
    rows = [_row(db, name, connected(db, name, url)) for name in names]
    return Listed(rows, len(CHANNELS), page)


@blp.get("/whatsapp/templates")
@blp.needs_scope("conversations:read")
@blp.arguments(WhatsAppTemplateFilters, location="query")
@blp.response(200, WhatsAppTemplate(many=True))
def list_whatsapp_templates(filters: Loaded) -> Listed[TemplateRow]:
    """List WhatsApp's message templates

    By name and language, as the worker has last read them from Meta: at once when the account is set up, then every ten minutes.
    Only an `approved` one can be sent.
    """
    return templates.search(get_db(), **filters)


@blp.post("/<channel>/test")
@blp.access(ADMIN)
@blp.response(202, ChannelTestBegun)
def test_channel(channel: str) -> TestRow:
    """Try a channel's account for real

    The worker signs in at the provider and sends nothing to anybody: within ten seconds, whatever the other side does.
    `GET /channels/:channel/test/:id` tells what it has found. An account that works is no longer paused.
    """
    settings_at = _configured(channel).settings_at
    return channel_tests.create(get_db(), channel, settings_at=settings_at)


@blp.post("/email/test-letter")
@blp.access(ADMIN)
@blp.not_for_keys
@blp.response(202, ChannelTestBegun)
def send_test_letter() -> TestRow:
    """Have a letter sent to yourself

    The worker sends a mail as guests get them, with the hotel's signature, to the address you sign in with. Whether the mail server
    has taken it is told by `GET /channels/email/test/:id`, within ten seconds; whether it has arrived is seen in your mailbox.
    """
    settings_at = _configured("email").settings_at
    return channel_tests.create(get_db(), "email", settings_at=settings_at, letter_to=caller().id)


@blp.get("/<channel>/test/<test_id>")
@blp.access(ADMIN)
@blp.not_for_keys
@blp.response(200, ChannelTest)
def get_channel_test(channel: str, test_id: str) -> TestRow:
    """How far a test of a channel is

    Ask once a second while it is `running`. It is kept for an hour.
    """
    return channel_tests.get(get_db(), channel, test_id)


def _configured(channel: str) -> Connected:
    """A channel that has an account. Raises NotFound for an unknown channel, Conflict for one that is not configured."""
    if channel not in CHANNELS:
        raise NotFound("There is no such channel.")
    found = connected(get_db(), channel, app_state().config.base_url)
    if found.account is None:
        message = f"The channel is not configured: fill in the setting channels.{channel} first."
        raise Conflict(message, reason="channel_not_configured")
    return found


def _row(db: Database, name: str, connection: Connected) -> ChannelRow:
    """A channel and the state of its account."""
    account, enabled = connection.account, connection.enabled
    row = store.get(db, account.name) if account else store.UNUSED
    state = health.state(db, name, connection)
    if row["paused_settings"] != connection.settings_at:  # that pause is over
        row = {**row, "paused_at": None, "paused_until": None, "paused_because": None}
    return {
        **row,
        "channel": name,
        "enabled": enabled,
        "configured": account is not None,
        "state": state,
        "queue_length": store.queue_length(db, name),
    }
