"""Webhooks: WhatsApp by Meta, SMS and WhatsApp by Twilio. No envelope, no sign-in: a signature over raw bytes.

An authentic request is answered 200 when all of it is committed; what cannot be stored now is answered 503, and the
provider sends it again. No content of messages is logged.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, current_app, request

from jack.channels import whatsapp
from jack.channels.protocol import InvalidSignature, WebhookChannel
from jack.channels.registry import CHANNELS
from jack.channels.twilio import inbound as twilio_inbound
from jack.channels.types import WebhookRequest
from jack.http.context import app_state, get_db
from jack.http.json_body import raw_body
from jack.http.route_options import max_bytes, options_of
from jack.messaging.inbound import store_events
from jack.resources.channel_accounts.connection import connected

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from jack.channels.types import Account

log = logging.getLogger("jack.webhooks")

UNDER = "/webhooks"
MIB = 1024 * 1024
MAX_BYTES = {"meta": 3 * MIB, "twilio": MIB}
TEXT = "text/plain; charset=utf-8"
EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
MESSAGES = {
    400: "The request could not be understood.",
    403: "The signature is not right.",
    404: "There is no such account here.",
    405: "This method is not allowed here.",
    413: "The body is too large.",
    503: "Not now. Send it again.",
}

blp = Blueprint("webhooks", __name__, url_prefix=UNDER)


@blp.get("/whatsapp")
def challenge() -> Response:
    """Answer Meta's challenge, which proves that the webhook is ours."""
    account = _account("whatsapp", "meta")
    if account is None:
        return plain(404)
    try:
        return Response(whatsapp.challenge(account, request.args.to_dict()), content_type=TEXT)
    except InvalidSignature:
        return plain(403)


@blp.post("/whatsapp")
@max_bytes(MAX_BYTES["meta"])
def receive_meta() -> Response:
    """Messages, statuses and echoes from Meta."""
    return _store("whatsapp", "meta", _post()) or Response("OK", content_type=TEXT)


@blp.post("/twilio/sms")
@max_bytes(MAX_BYTES["twilio"])
def receive_sms() -> Response:
    """An SMS from Twilio."""
    return _store("sms", "twilio", _post()) or _twiml()


@blp.post("/twilio/whatsapp")
@max_bytes(MAX_BYTES["twilio"])
def receive_whatsapp() -> Response:
    """A WhatsApp message from Twilio."""
    return _store("whatsapp", "twilio", _post()) or _twiml()


@blp.post("/twilio/status")
@max_bytes(MAX_BYTES["twilio"])
def receive_status() -> Response:
    """A delivery receipt from Twilio."""
    post = _post()
    return _store(twilio_inbound.channel(post), "twilio", post) or _twiml()


def _store(name: str, provider: str, post: WebhookRequest) -> Response | None:
    """Read a request and store its events; the refusal if it is refused."""
    account = _account(name, provider)
    if account is None:
        log.warning("a request of %s for %s, which has no account there", provider, name)
        return plain(404)
    channel = cast("WebhookChannel", CHANNELS[name])
    try:
        events = channel.read(account, post)
    except InvalidSignature:
        log.warning("a request of %s for %s with a wrong signature", provider, name)
        return plain(403)
    for other in channel.other_accounts(account, post):
        log.warning("a request of %s for an account that is not ours: %s", provider, other)
    store_events(get_db(), account, events, secret=app_state().secret)
    return None


def _account(name: str, provider: str) -> Account | None:
    """The channel's account, if it has one with this provider.

    One that is switched off receives all the same, so that nothing is lost.
    """
    account = connected(get_db(), name, app_state().config.base_url).account
    if account is None:
        return None
    own = "twilio" if name == "sms" else account.settings.get("provider") or "meta"
    return account if own == provider else None


def _post() -> WebhookRequest:
    """The request as it arrived. Raises PayloadTooLarge."""
    view = current_app.view_functions[str(request.endpoint)]
    request.max_content_length = options_of(view).max_bytes
    raw = str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.path)
    path, _, query = raw.partition("?")
    return WebhookRequest(
        request.method, path, query, dict(request.headers), raw_body(), get_db().now()
    )


def _twiml() -> Response:
    """The empty answer for Twilio, which would send any text in it to the guest."""
    return Response(EMPTY_TWIML, content_type="text/xml; charset=utf-8")


# ------------------------------------------------------------------------------------------------ refusals


def plain(status: int) -> Response:
    """A refusal as plain text."""
    return Response(MESSAGES.get(status, "It cannot be answered."), status, content_type=TEXT)


def error_answer(
    status: int, retry_after: int | None = None, *, was: AnyResponse | None = None
) -> Response:
    """The answer to a provider for a status of 400 and more; `was` is the framework's own, whose `Allow` counts."""
    response = plain(status)
    if was is not None and "Allow" in was.headers:
        response.headers["Allow"] = was.headers["Allow"]
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response
