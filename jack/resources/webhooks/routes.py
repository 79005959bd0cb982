"""`/webhooks`: where events are sent, and what became of each."""

from __future__ import annotations

from typing import TypedDict

from jack.core.paging import Listed, Walked
from jack.http.access import ADMIN
from jack.http.blueprint import Blueprint
from jack.http.context import app_state, caller, get_db
from jack.http.envelope import ListMeta
from jack.http.schema import Deleted, DeletedRow, Loaded
from jack.resources.webhooks import deliveries, store
from jack.resources.webhooks.rows import DeliveryRow, WebhookRow
from jack.resources.webhooks.rows import WebhookWithSecret as WithSecret
from jack.resources.webhooks.schemas import (
    Delivery,
    DeliveryFilters,
    Redelivered,
    Redelivery,
    Webhook,
    WebhookCreate,
    WebhookFilters,
    WebhookPatch,
    WebhookWithSecret,
)

blp = Blueprint(
    "webhooks",
    __name__,
    under="/webhooks",
    description="Events sent to programs of your own",
    scope="webhooks",
)


class RedeliveredRow(TypedDict):
    """How many deliveries were queued again."""

    queued: int


@blp.get("")
@blp.access(ADMIN)
@blp.arguments(WebhookFilters, location="query")
@blp.response(200, Webhook(many=True), meta=ListMeta)
def list_webhooks(filters: Loaded) -> Listed[WebhookRow] | Walked[WebhookRow]:
    """List webhooks"""
    return store.search(get_db(), **filters)


@blp.post("")
@blp.access(ADMIN)
@blp.arguments(WebhookCreate)
@blp.response(201, WebhookWithSecret, location="/webhooks/{id}", secret=True)
def create_webhook(new: Loaded) -> WithSecret:
    """Create a webhook

    Every event it wants is sent to its `url` as a POST, signed by Standard Webhooks 1.0 with the `secret`, which is in this
    answer only. A receiver answers 2xx within 15 seconds; otherwise it is tried again for about three days. An event may come
    twice, with the same `webhook-id`, and out of order: `seq` is the order, and the event's in `GET /events`, which is the way
    to catch up.
    """
    hosts = app_state().config.webhook_hosts
    return store.create(get_db(), by=caller().id, hosts=hosts, **new)


@blp.get("/<webhook_id>")
@blp.access(ADMIN)
@blp.response(200, Webhook)
def get_webhook(webhook_id: str) -> WebhookRow:
    """Get a webhook"""
    return store.get(get_db(), webhook_id)


@blp.patch("/<webhook_id>")
@blp.access(ADMIN)
@blp.arguments(WebhookPatch)
@blp.response(200, Webhook, current=store.get)
def change_webhook(changes: Loaded, webhook_id: str) -> WebhookRow:
    """Change a webhook

    What happens while it is disabled is kept as `failed` deliveries, with what was still to be tried:
    `POST /webhooks/:id/redeliver` sends them once it is enabled again.
    """
    hosts = app_state().config.webhook_hosts
    return store.change(get_db(), webhook_id, by=caller().id, hosts=hosts, **changes)


@blp.delete("/<webhook_id>")
@blp.access(ADMIN)
@blp.response(200, Deleted)
def delete_webhook(webhook_id: str) -> DeletedRow:
    """Delete a webhook, with its deliveries"""
    store.delete(get_db(), webhook_id, by=caller().id)
    return {"id": webhook_id, "deleted": True}


@blp.post("/<webhook_id>/rotate-secret")
@blp.access(ADMIN)
@blp.response(200, WebhookWithSecret, secret=True)
def rotate_webhook_secret(webhook_id: str) -> WithSecret:
    """Give a webhook a new secret

    For 24 hours both sign: `webhook-signature` has two signatures then. `X-Jack-Signature` is of the new one at once.
    """
    return store.rotate_secret(get_db(), webhook_id, by=caller().id)


@blp.post("/<webhook_id>/test")
@blp.access(ADMIN)
@blp.response(202, Delivery)
def test_webhook(webhook_id: str) -> DeliveryRow:
    """Send a webhook the event `ping`

    `GET /webhooks/:id/deliveries` tells what came of it.
    """
    return deliveries.ping(get_db(), webhook_id, by=caller().id)


@blp.get("/<webhook_id>/deliveries")
@blp.access(ADMIN)
@blp.arguments(DeliveryFilters, location="query")
@blp.response(200, Delivery(many=True), meta=ListMeta)
def list_deliveries(filters: Loaded, webhook_id: str) -> Listed[DeliveryRow] | Walked[DeliveryRow]:
    """List what was sent or is to be sent, newest first, or from a cursor oldest first

    Kept for 30 days.
    """
    return deliveries.search(get_db(), webhook_id, **filters)


@blp.post("/<webhook_id>/deliveries/<delivery_id>/redeliver")
@blp.access(ADMIN)
@blp.response(202, Delivery)
def redeliver_delivery(webhook_id: str, delivery_id: str) -> DeliveryRow:
    """Send a delivery again, with the same id and body"""
    return deliveries.redeliver(get_db(), webhook_id, delivery_id)


@blp.post("/<webhook_id>/redeliver")
@blp.access(ADMIN)
@blp.arguments(Redelivery)
@blp.response(202, Redelivered)
def redeliver_deliveries(wanted: Loaded, webhook_id: str) -> RedeliveredRow:
    """Send again what has failed since a time, or has another status"""
    return {"queued": deliveries.redeliver_all(get_db(), webhook_id, **wanted)}
