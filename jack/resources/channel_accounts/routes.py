"""`/channels`: how the hotel's accounts at its providers are, and trying them."""

from __future__ import annotations

from typing import Any

from jack.channels.registry import CHANNELS
from jack.channels.types import Account, Tested
from jack.core.db import Database, Row
from jack.core.errors import Conflict, NotFound
from jack.core.paging import Listed
from jack.http.access import ADMIN
from jack.http.blueprint import Blueprint
from jack.http.context import app_state, get_db
from jack.resources.channel_accounts import store
from jack.resources.channel_accounts.connection import Connected, connected
from jack.resources.channel_accounts.schemas import ChannelAccount, ChannelFilters, ChannelTest

blp = Blueprint("channels", __name__, under="/channels", description="How the channels are")


@blp.get("")
@blp.arguments(ChannelFilters, location="query")
@blp.response(200, ChannelAccount(many=True))
def list_channels(filters: dict[str, Any]) -> Listed[Row]:
    """List the channels, and how each is"""
    db, page = get_db(), filters["page"]
    names = list(CHANNELS)[page.offset : page.offset + page.limit]
    there = [(name, connected(db, name, app_state().config.base_url)) for name in names]
    return Listed([_shown(db, name, one) for name, one in there], len(CHANNELS), page)


def _tried(channel: str) -> Tested:
    """What the provider says to the account's credentials. It may take a while: in no transaction."""
    account = _account(channel)
    return CHANNELS[channel].test(account)


@blp.post("/<channel>/test")
@blp.access(ADMIN)
@blp.before_transaction(_tried)
@blp.response(200, ChannelTest)
def test_channel(tested: Tested, channel: str) -> Row:
    """Try a channel's account for real

    Signs in at the provider and sends nothing to anybody. One that works is no longer paused.
    """
    db, account = get_db(), _account(channel)
    if tested.works:
        store.resume(db, account.name)
    else:
        store.failed(db, account.name, tested.message)
    return {"channel": channel, "works": tested.works, "says": tested.message}


def _account(channel: str) -> Account:
    """The account of a channel. Raises NotFound for an unknown channel, Conflict where there is none."""
    if channel not in CHANNELS:
        raise NotFound("There is no such channel.")
    account = connected(get_db(), channel, app_state().config.base_url).account
    if account is None:
        says = f"The channel is not configured: fill in the setting channels.{channel} first."
        raise Conflict(says, reason="channel_not_configured")
    return account


def _shown(db: Database, name: str, there: Connected) -> Row:
    """A channel and how its account is."""
    row = store.get(db, there.account.name) if there.account else store.NOBODY
    paused = row["paused_at"] is not None and row["paused_settings"] == there.settings_at
    if there.account is None:
        state = "not_configured"
    elif not there.enabled:
        state = "off"
    else:
        state = "paused" if paused else "working"
    shown = {
        "channel": name,
        "enabled": there.enabled,
        "configured": there.account is not None,
        "state": state,
        "queue_length": store.waiting(db, name),
    }
    over = {} if paused else dict.fromkeys(("paused_at", "paused_until", "paused_because"))
    return {**row, **over, **shown}
