"""`/channels`: how the hotel's accounts at its providers are, and trying them."""

from __future__ import annotations

from typing import TypedDict

from jack.channels.registry import CHANNELS
from jack.channels.types import Account, Tested
from jack.core.db import Database
from jack.core.errors import Conflict, NotFound
from jack.core.paging import Listed
from jack.http.access import ADMIN
from jack.http.blueprint import Blueprint
from jack.http.context import app_state, get_db
from jack.http.schema import Loaded
from jack.resources.channel_accounts import store
from jack.resources.channel_accounts.connection import Connected, connected
from jack.resources.channel_accounts.schemas import ChannelAccount, ChannelFilters, ChannelTest

blp = Blueprint("channels", __name__, under="/channels", description="How the channels are")


class ChannelRow(store.AccountRow):
    """A channel and the state of its account."""

    channel: str
    enabled: bool
    configured: bool
    state: str
    queue_length: int


class TestRow(TypedDict):
    """What a test of an account found."""

    channel: str
    works: bool
    says: str


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


def _tested(channel: str) -> Tested:
    """Test a channel's account at its provider. It may take seconds: in no transaction."""
    account = _account(channel)
    return CHANNELS[channel].test(account)


@blp.post("/<channel>/test")
@blp.access(ADMIN)
@blp.before_transaction(_tested)
@blp.response(200, ChannelTest)
def test_channel(tested: Tested, channel: str) -> TestRow:
    """Try a channel's account for real

    Signs in at the provider and sends nothing to anybody. One that works is no longer paused.
    """
    db, account = get_db(), _account(channel)
    if tested.works:
        store.resume(db, account.name)
    else:
        store.record_error(db, account.name, tested.message)
    return {"channel": channel, "works": tested.works, "says": tested.message}


def _account(channel: str) -> Account:
    """The account of a channel. Raises NotFound for an unknown channel, Conflict for one that is not configured."""
    if channel not in CHANNELS:
        raise NotFound("There is no such channel.")
    account = connected(get_db(), channel, app_state().config.base_url).account
    if account is None:
        message = f"The channel is not configured: fill in the setting channels.{channel} first."
        raise Conflict(message, reason="channel_not_configured")
    return account


def _row(db: Database, name: str, connection: Connected) -> ChannelRow:
    """A channel and the state of its account."""
    account, enabled = connection.account, connection.enabled
    row = store.get(db, account.name) if account else store.UNUSED
    paused = row["paused_at"] is not None and row["paused_settings"] == connection.settings_at
    if not paused:
        row = {**row, "paused_at": None, "paused_until": None, "paused_because": None}
    if account is None:
        state = "not_configured"
    elif not enabled:
        state = "off"
    else:
        state = "paused" if paused else "working"
    return {
        **row,
        "channel": name,
        "enabled": enabled,
        "configured": account is not None,
        "state": state,
        "queue_length": store.queue_length(db, name),
    }
