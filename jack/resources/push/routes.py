"""`/push`: the devices that somebody is told on; `/auth/me/notifications`: of what."""

from __future__ import annotations

from typing import TypedDict

from flask import request

from jack.core.paging import Listed
from jack.http.blueprint import Blueprint
from jack.http.context import app_state, caller, get_db
from jack.http.schema import Deleted, DeletedRow, Loaded
from jack.http.scopes import NOT_FOR_KEYS
from jack.resources.push import preferences, queue, subscriptions, vapid
from jack.resources.push.preferences import Preferences
from jack.resources.push.schemas import (
    Notifications,
    NotificationsPut,
    PushKey,
    Subscription,
    SubscriptionCreate,
    SubscriptionFilters,
)
from jack.resources.push.subscriptions import SubscriptionRow

blp = Blueprint(
    "push",
    __name__,
    under="/push",
    description="Notifications on one's own phone and desk (Web Push)",
    scope=NOT_FOR_KEYS,
)

notifications_blp = Blueprint(
    "notifications",
    __name__,
    under="/auth/me/notifications",
    description="Of what one is told",
    scope=NOT_FOR_KEYS,
)


class KeyRow(TypedDict):
    """The public key."""

    public_key: str


@blp.get("/key")
@blp.response(200, PushKey)
def get_push_key() -> KeyRow:
    """Get the key that browsers subscribe with

    It stays the same unless Jack's signing key is lost; then every browser has to subscribe again.
    """
    return {"public_key": vapid.keys(get_db()).public}


@blp.get("/subscriptions")
@blp.arguments(SubscriptionFilters, location="query")
@blp.response(200, Subscription(many=True))
def list_subscriptions(filters: Loaded) -> Listed[SubscriptionRow]:
    """List one's own devices that are told, newest first"""
    me = caller()
    return subscriptions.search(get_db(), me.id, me.session_id, **filters)


@blp.post("/subscriptions")
@blp.arguments(SubscriptionCreate)
@blp.response(201, Subscription, location="/push/subscriptions/{id}")
def create_subscription(new: Loaded) -> SubscriptionRow:
    """Have a browser told, by what `PushSubscription.toJSON()` has

    An endpoint belongs to one person: it is taken over from whoever had it. Sent again, it is the same subscription, in
    the session that asks now; with that session's end by hand it ends as well. Ten a person; then the oldest goes.
    """
    me = caller()
    return subscriptions.create(
        get_db(),
        staff_id=me.id,
        session_id=me.session_id,
        user_agent=request.user_agent.string,
        hosts=app_state().config.push_hosts,
        **new,
    )


@blp.get("/subscriptions/<subscription_id>")
@blp.response(200, Subscription)
def get_subscription(subscription_id: str) -> SubscriptionRow:
    """Get one of one's own devices that are told"""
    me = caller()
    return subscriptions.get(get_db(), me.id, subscription_id, me.session_id)


@blp.delete("/subscriptions/<subscription_id>")
@blp.response(200, Deleted)
def delete_subscription(subscription_id: str) -> DeletedRow:
    """Tell a device nothing any more"""
    subscriptions.delete(get_db(), caller().id, subscription_id)
    return {"id": subscription_id, "deleted": True}


@blp.post("/subscriptions/<subscription_id>/test")
@blp.response(202, Subscription)
def test_subscription(subscription_id: str) -> SubscriptionRow:
    """Have a push sent to a device, whatever the hour

    `lastSuccessAt`, `lastFailureAt` and `failure` of the subscription tell what the push service said.
    """
    db, me = get_db(), caller()
    queue.test(db, me.id, subscription_id)
    return subscriptions.get(db, me.id, subscription_id, me.session_id)


@notifications_blp.get("")
@notifications_blp.response(200, Notifications)
def get_notifications() -> Preferences:
    """Get of what one is told

    By default of everything by push and on the page, at any hour, and of nothing by e-mail.
    """
    return preferences.get(get_db(), caller().id)


@notifications_blp.put("")
@notifications_blp.arguments(NotificationsPut)
@notifications_blp.response(200, Notifications)
def put_notifications(wanted: Loaded) -> Preferences:
    """Choose of what one is told

    `guest_…`: a guest has written, in one's own conversations, in nobody's, in those of others. `task_…`: a task for oneself,
    one of one's department that nobody has, an urgent one, one that is late. `mention`: a note names one. `automation`: an automation does so. `health`:
    something is out of order, for administrators. Nobody is told of what they do themselves.

    `push` is each of one's devices; `email` one mail a minute at most, over the hotel's e-mail channel, that has all of that minute; `page` a line and the
    sound on the page while it is open. In the quiet hours nothing is pushed, and mail waits until they end.
    """
    return preferences.put(get_db(), caller().id, **wanted)
